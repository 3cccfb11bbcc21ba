//! The folders of the system's service on Windows, and what a group policy sets.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;

use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::Foundation::S_OK;
use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Shell::{FOLDERID_ProgramData, KF_FLAG_DEFAULT, SHGetKnownFolderPath};

use super::PolicyValue;
use crate::host::token;

/// Where a group policy for this program lies in the registry, under `HKEY_LOCAL_MACHINE`.
const POLICY: &str = r"SOFTWARE\Policies\Fileward";

/// `ERROR_FILE_NOT_FOUND` as an `HRESULT`.
const MISSING: i32 = 0x8007_0002_u32.cast_signed();

/// Where the service of the system reads its configuration.
pub(super) fn system_file() -> PathBuf {
    system_state().join("config.toml")
}

/// What a group policy sets for the service of the system.
pub(super) fn system_policy() -> io::Result<Vec<PolicyValue>> {
    values_under(POLICY)
}

fn values_under(path: &str) -> io::Result<Vec<PolicyValue>> {
    let key = match LOCAL_MACHINE.open(path) {
        Ok(key) => key,
        Err(error) if error.code().0 == MISSING => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let values = key.values()?.map(|(name, value)| PolicyValue {
        origin: format!(r"HKEY_LOCAL_MACHINE\{path}\{name}"),
        name,
        text: String::try_from(value).ok(),
    });
    Ok(values.collect())
}

/// Where the service of the system keeps its state: `%ProgramData%\Fileward`, by what the OS says rather than by an
/// environment that whoever starts this process could have changed.
pub(crate) fn system_state() -> PathBuf {
    static STATE: LazyLock<PathBuf> = LazyLock::new(|| {
        let data = program_data().unwrap_or_else(|_| r"C:\ProgramData".into());
        data.join("Fileward")
    });
    STATE.clone()
}

/// Whether this process may be the service of the system: `LocalSystem`, or an administrator with raised rights.
pub(crate) fn may_be_system() -> bool {
    static ADMINISTRATOR: LazyLock<bool> = LazyLock::new(|| token::is_administrator().unwrap_or(false));
    *ADMINISTRATOR
}

fn program_data() -> io::Result<PathBuf> {
    let mut text = ptr::null_mut();
    // SAFETY: the id is a constant of the OS; no token means this process's; the text is this process's to free.
    let result = unsafe {
        SHGetKnownFolderPath(
            &FOLDERID_ProgramData,
            KF_FLAG_DEFAULT.cast_unsigned(),
            ptr::null_mut(),
            &raw mut text,
        )
    };
    let folder = if result == S_OK {
        // SAFETY: the text ends with a zero.
        let length = (0..usize::MAX).take_while(|at| unsafe { *text.add(*at) } != 0).count();
        // SAFETY: as many characters were just counted.
        let folder = OsString::from_wide(unsafe { std::slice::from_raw_parts(text, length) });
        Ok(folder.into())
    } else {
        Err(io::Error::from_raw_os_error(result))
    };
    // SAFETY: it is null or was allocated for this process to free, once, also after a failure.
    unsafe { CoTaskMemFree(text.cast()) };
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_lies_in_the_folder_for_the_data_of_programs() {
        assert!(program_data().unwrap().is_absolute());
        assert!(system_state().ends_with("Fileward"));
        assert_eq!(system_file().file_name().unwrap(), "config.toml");
    }

    #[test]
    fn values_of_the_registry_are_read_with_where_they_stand() {
        let path = r"SOFTWARE\Fileward\Tests\Policy";
        let key = LOCAL_MACHINE.create(path).unwrap();
        key.set_string("Language", "zh-CN").unwrap();
        key.set_u32("LogLevel", 7).unwrap();
        let mut values = values_under(path).unwrap();
        LOCAL_MACHINE.remove_tree(path).unwrap();
        values.sort_by(|a, b| a.name.cmp(&b.name));
        let told: Vec<_> = values
            .iter()
            .map(|value| (value.name.as_str(), value.text.as_deref()))
            .collect();
        assert_eq!(told, [("Language", Some("zh-CN")), ("LogLevel", None)]);
        assert!(values[0].origin.starts_with(r"HKEY_LOCAL_MACHINE\SOFTWARE\"));
        assert!(values_under(path).unwrap().is_empty());
    }
}

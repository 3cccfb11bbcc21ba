//! The registry of a user who is logged off, out of a copy of its file.
//!
//! The file itself is never loaded: Windows opens it for itself alone, and a logon that comes at that moment would find it
//! taken and give its user an empty, temporary profile. `RegLoadAppKey` would need no privilege, but refuses registries
//! whose keys have different rights, as those of users do.

#![allow(unsafe_code)]

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use windows_registry::{Key, USERS};
use windows_sys::Win32::Foundation::{CloseHandle, ERROR_SUCCESS, HANDLE, LUID, WIN32_ERROR};
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, LUID_AND_ATTRIBUTES, LookupPrivilegeValueW, SE_BACKUP_NAME, SE_PRIVILEGE_ENABLED,
    SE_RESTORE_NAME, TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIVILEGES, TOKEN_QUERY,
};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;
use windows_sys::Win32::System::Registry::{HKEY_USERS, RegLoadKeyW, RegUnLoadKeyW};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::Keys;
use crate::User;

/// The key that copies are loaded at, one at a time.
const LOADED_AT: &str = "Fileward-logged-off-user";

/// More than the registry of any user.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// What was read of each file: nobody changes the registry of a user who is logged off.
static READ: LazyLock<Mutex<HashMap<PathBuf, Copied>>> = LazyLock::new(Mutex::default);

/// What was read of a file that had this time and length then.
struct Copied {
    time: u64,
    length: u64,
    keys: Keys,
}

/// Lets `read` look at the registry of `user`, who must be logged off.
///
/// # Errors
///
/// When the file cannot be copied or loaded; the latter needs the rights of an administrator.
pub(super) fn keys(user: &User, read: impl FnOnce(&Key) -> Keys) -> io::Result<Keys> {
    let file = super::file(&user.home);
    let mut source = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(&file)?;
    let metadata = source.metadata()?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let (time, length) = (metadata.last_write_time(), metadata.len());
    // Held to the end: there is one key to load at.
    let mut known = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(copied) = known.get(&file)
        && (copied.time, copied.length) == (time, length)
    {
        return Ok(copied.keys.clone());
    }
    // A folder of its own, which other users can neither write nor read; Windows puts its logs beside the copy.
    let folder = tempfile::Builder::new().prefix("fileward-").tempdir()?;
    let copy = folder.path().join("user.dat");
    io::copy(&mut source, &mut std::fs::File::create_new(&copy)?)?;
    drop(source);
    let loaded = Loaded::load(&copy)?;
    let keys = USERS.open(LOADED_AT).map(|own| read(&own)).map_err(io::Error::other)?;
    drop(loaded);
    let copied = Copied {
        time,
        length,
        keys: keys.clone(),
    };
    known.insert(file, copied);
    Ok(keys)
}

/// A loaded copy; unloads itself.
struct Loaded;

impl Loaded {
    fn load(copy: &Path) -> io::Result<Self> {
        enable(SE_BACKUP_NAME)?;
        enable(SE_RESTORE_NAME)?;
        // One that a killed service left behind.
        drop(Self);
        let (at, file) = (wide(LOADED_AT), wide(copy));
        // SAFETY: both texts end with a NUL.
        succeeded(unsafe { RegLoadKeyW(HKEY_USERS, at.as_ptr(), file.as_ptr()) })?;
        Ok(Self)
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let at = wide(LOADED_AT);
        // SAFETY: the text ends with a NUL.
        unsafe { RegUnLoadKeyW(HKEY_USERS, at.as_ptr()) };
    }
}

/// Lets this process use a privilege that it has.
fn enable(privilege: *const u16) -> io::Result<()> {
    let mut token: HANDLE = std::ptr::null_mut();
    let mut luid = LUID::default();
    // SAFETY: the name is one of the system's own; `luid` and `token` are written before they are used.
    let ready = unsafe {
        LookupPrivilegeValueW(std::ptr::null(), privilege, &raw mut luid) != 0
            && OpenProcessToken(
                GetCurrentProcess(),
                TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY,
                &raw mut token,
            ) != 0
    };
    if !ready {
        return Err(io::Error::last_os_error());
    }
    let wanted = TOKEN_PRIVILEGES {
        PrivilegeCount: 1,
        Privileges: [LUID_AND_ATTRIBUTES {
            Luid: luid,
            Attributes: SE_PRIVILEGE_ENABLED,
        }],
    };
    // SAFETY: `wanted` holds as many privileges as it says; the former ones are not asked for; the token is closed once.
    unsafe {
        AdjustTokenPrivileges(
            token,
            0,
            &raw const wanted,
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        // It also "succeeds" where the process has no such privilege; then loading fails.
        CloseHandle(token);
    }
    Ok(())
}

fn succeeded(code: WIN32_ERROR) -> io::Result<()> {
    if code == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(code.cast_signed()))
    }
}

fn wide(text: impl AsRef<std::ffi::OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use windows_registry::CURRENT_USER;
    use windows_sys::Win32::System::Registry::RegSaveKeyW;

    use super::*;
    use crate::UserId;

    #[test]
    fn a_file_is_read_and_its_key_is_gone_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let path = r"Software\FilewardTest";
        let own = CURRENT_USER.create(path).unwrap();
        own.set_string("Where", r"D:\微信文件").unwrap();
        enable(SE_BACKUP_NAME).unwrap();
        let file = wide(home.path().join("NTUSER.DAT"));
        // SAFETY: the key is open and the text ends with a NUL.
        let saved = unsafe { RegSaveKeyW(own.as_raw(), file.as_ptr(), std::ptr::null()) };
        CURRENT_USER.remove_tree(path).unwrap();
        succeeded(saved).unwrap();
        let user = User {
            id: UserId::current(),
            name: "zhang".into(),
            home: home.path().into(),
        };
        let read = |own: &Key| {
            let mut keys = Keys::default();
            keys.set("Here", "Where", &own.get_string("Where").unwrap());
            keys
        };
        assert_eq!(keys(&user, read).unwrap().value("Here", "Where"), Some(r"D:\微信文件"));
        assert!(USERS.open(LOADED_AT).is_err());
        let again = keys(&user, |_| unreachable!("it did not change"));
        assert_eq!(again.unwrap().value("Here", "Where"), Some(r"D:\微信文件"));
    }
}

//! Rights by a protected access list that a file or folder has from its first moment: SYSTEM and Administrators, and
//! for an agent of a user's own that user.
#![allow(
    unsafe_code,
    clippy::cast_possible_truncation,
    reason = "calls of the OS, which take sizes in 32 bits"
)]

use std::ffi::c_void;
use std::fs::{self, File};
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::fs::MetadataExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _};
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_REPARSE_POINT,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW, OPEN_EXISTING, READ_CONTROL,
};

use crate::config;
use crate::host::token;

#[path = "windows/descriptor.rs"]
mod descriptor;

use super::access::{self, Flaw};
use descriptor::Descriptor;

/// How long a scanner may hold a file that was just written.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Makes a file that is not there yet.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let descriptor = Descriptor::private(false)?;
    let attributes = attributes(&descriptor);
    let path = wide(path);
    // SAFETY: the name ends with a zero and outlives the call, as does the descriptor behind the attributes.
    let handle = unsafe {
        CreateFileW(
            path.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            FILE_SHARE_READ | FILE_SHARE_DELETE,
            &raw const attributes,
            CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL,
            ptr::null_mut(),
        )
    };
    owned(handle)
}

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    match make(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_plain_folder(path) => Ok(()),
        result => result,
    }
}

/// Makes the state folder. The system's lies where every user may make folders (`%ProgramData%`), so that one may have
/// been laid there to be used: what somebody else owns is set aside, and what others have rights on is refused.
pub(super) fn create_data_folder(path: &Path) -> io::Result<Option<PathBuf>> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match create_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) if path != config::system_state() => return Ok(None),
        Err(error) if path != config::system_state() => return Err(error),
        _ => {}
    }
    match flaw(path)? {
        None => Ok(None),
        Some(Flaw::Foreign) => {
            let aside = set_aside(path)?;
            make(path)?;
            Ok(Some(aside))
        }
        Some(Flaw::Wide(who)) => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "{who} has rights on it, so that what lies in it cannot be trusted; when it can, give the folder its own rights back: icacls \"{}\" /reset, then icacls \"{0}\" /inheritance:r /grant *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F",
                path.display()
            ),
        )),
    }
}

/// Puts `from` in the place of `to`, on the disk for good. A scanner may hold either for a moment.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide(from), wide(to));
    let mut waited = Duration::ZERO;
    loop {
        // SAFETY: both names end with a zero and outlive the call.
        let moved = unsafe {
            MoveFileExW(
                from.as_ptr(),
                to.as_ptr(),
                MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH,
            )
        };
        if moved != 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        let is_held = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION]
            .into_iter()
            .any(|code| error.raw_os_error() == i32::try_from(code).ok());
        if !is_held || waited >= PATIENCE {
            return Err(error);
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Windows syncs no folders: a rename that is written through is on the disk when it returns.
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder with the private access list; all that is made in it inherits that list.
fn make(path: &Path) -> io::Result<()> {
    let descriptor = Descriptor::private(true)?;
    let attributes = attributes(&descriptor);
    let path = wide(path);
    // SAFETY: the name ends with a zero and outlives the call, as does the descriptor behind the attributes.
    match unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// What is wrong with a folder that is there already.
fn flaw(path: &Path) -> io::Result<Option<Flaw>> {
    if is_plain_folder(path) {
        flaw_of_any(path)
    } else {
        Ok(Some(Flaw::Foreign))
    }
}

/// What is wrong with a file or folder.
fn flaw_of_any(path: &Path) -> io::Result<Option<Flaw>> {
    let name = wide(path);
    // What is there itself, be it exchanged for a link meanwhile.
    // SAFETY: the name ends with a zero and outlives the call; no attributes are given.
    let handle = unsafe {
        CreateFileW(
            name.as_ptr(),
            READ_CONTROL,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            ptr::null(),
            OPEN_EXISTING,
            FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
            ptr::null_mut(),
        )
    };
    let opened = owned(handle)?;
    let descriptor = Descriptor::of(opened.as_raw_handle())?;
    let own = token::user()?;
    Ok(access::flaw(&descriptor.text()?, &own))
}

/// Whether it is a folder and no link or junction to one.
fn is_plain_folder(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|metadata| metadata.is_dir() && metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT == 0)
}

fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".untrusted-{seconds}"));
    let aside = path.with_file_name(name);
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn attributes(descriptor: &Descriptor) -> SECURITY_ATTRIBUTES {
    SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    }
}

fn owned(handle: *mut c_void) -> io::Result<File> {
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened and belongs to nobody else.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// The path with a zero at its end.
fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

#[cfg(test)]
pub(super) fn is_private(path: &Path) -> bool {
    flaw_of_any(path).unwrap().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_made_once_and_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("私密");
        create_folder(&inner).unwrap();
        create_folder(&inner).unwrap();
        let (old, new) = (inner.join("old"), inner.join("new"));
        fs::write(&old, "old").unwrap();
        drop(create(&new).unwrap());
        assert_eq!(create(&new).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        rename(&new, &old).unwrap();
        assert!(!new.exists() && fs::read(&old).unwrap().is_empty());
    }

    #[test]
    fn what_this_process_makes_it_also_trusts() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        make(&state).unwrap();
        assert_eq!(flaw(&state).unwrap(), None);
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_foreign_and_can_be_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        fs::write(&state, "trap").unwrap();
        assert_eq!(flaw(&state).unwrap(), Some(Flaw::Foreign));
        let aside = set_aside(&state).unwrap();
        assert!(!state.exists());
        assert_eq!(fs::read(aside).unwrap(), b"trap");
    }
}

//! The move on Windows: by rename within a volume, by a verified copy across volumes.
//!
//! Files are opened once and worked on by handle. What another program does with a file shows in whether it can be
//! opened without sharing it.

#![allow(unsafe_code)]

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, ERROR_BAD_NET_NAME, ERROR_BAD_NETPATH, ERROR_CANT_ACCESS_FILE,
    ERROR_DIRECTORY, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_FILE_EXISTS, ERROR_FILE_NOT_FOUND,
    ERROR_FILE_TOO_LARGE, ERROR_HANDLE_DISK_FULL, ERROR_INVALID_NAME, ERROR_LOCK_VIOLATION, ERROR_NOT_READY,
    ERROR_NOT_SAME_DEVICE, ERROR_PATH_NOT_FOUND, ERROR_SHARING_VIOLATION, ERROR_WRITE_PROTECT, FVE_E_LOCKED_VOLUME,
    GENERIC_READ,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_WRITE_ATTRIBUTES,
};

use super::{MoveError, Moved, name};

#[path = "windows/copy.rs"]
mod copy;
#[path = "windows/handle.rs"]
mod handle;

use handle::Facts;

/// More files of one name than this are not sorted out by numbers.
const MOST_NAMES: u32 = 9999;
/// The longest name, in UTF-16 units: that of NTFS, `ReFS`, exFAT and FAT32.
const NAME_LIMIT: usize = 255;

pub(super) fn move_to_store(file: &Path, store: &Path) -> Result<Moved, MoveError> {
    let source = Source::open(file)?;
    let store = Store::open(store)?;
    if store.holds(file) {
        return Err(MoveError::AlreadyThere);
    }
    let name = match store.take_by_rename(&source)? {
        Some(name) => name,
        // A program that writes on would write into a file that is about to go: what it writes would be lost.
        None if source.used == Use::Writing => return Err(MoveError::InUse),
        None => copy::move_by_copy(&source, &store)?,
    };
    Ok(Moved {
        to: store.shown.join(name),
        in_use: source.used != Use::No,
    })
}

/// How a file is used by other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// By none.
    No,
    /// Some have it open for reading.
    Reading,
    /// One at least can write to it.
    Writing,
}

/// What others may do with the file from here on, from the least; what they did before must fit, or it cannot be opened.
const SHARES: [(Use, u32); 3] = [
    (Use::No, 0),
    (Use::Reading, FILE_SHARE_READ | FILE_SHARE_DELETE),
    (Use::Writing, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE),
];

/// The file to move, held open.
struct Source {
    path: PathBuf,
    name: OsString,
    file: File,
    facts: Facts,
    used: Use,
}

impl Source {
    fn open(path: &Path) -> Result<Self, MoveError> {
        let name = path.file_name().ok_or(MoveError::NotAFile)?.to_owned();
        let path = verbatim(path);
        let seen = look_at(&path).map_err(source_error)?;
        if !seen.is_file() {
            return Err(MoveError::NotAFile);
        }
        // A file that is not on the disk yet, or is kept in pieces, has a reparse point too: it must be followed.
        let (file, used) = open_unshared(&path, seen.is_read_only()).map_err(source_error)?;
        let facts = Facts::of(&file).map_err(source_error)?;
        if !facts.same_file(&seen) {
            return Err(MoveError::Changed);
        }
        Ok(Self {
            path,
            name,
            file,
            facts,
            used,
        })
    }

    /// Whether the open file and the file of that name are both what they were when the move began.
    fn is_unchanged(&self) -> bool {
        let unchanged = |found: io::Result<Facts>| found.is_ok_and(|found| found.same_version(&self.facts));
        unchanged(Facts::of(&self.file)) && unchanged(look_at(&self.path))
    }

    fn remove(&self) -> Result<(), MoveError> {
        if !self.is_unchanged() {
            return Err(MoveError::Changed);
        }
        handle::remove(&self.file, &self.facts).map_err(source_error)
    }
}

/// Looks at what has this name itself, whatever it is, without a right to its content.
fn look_at(path: &Path) -> io::Result<Facts> {
    let itself = OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)?;
    Facts::of(&itself)
}

/// Opens a file to read it and take it away, and tells what others do with it.
fn open_unshared(path: &Path, read_only: bool) -> io::Result<(File, Use)> {
    // A read-only file is made writable before it is deleted.
    let attributes = if read_only { FILE_WRITE_ATTRIBUTES } else { 0 };
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    for (used, share) in SHARES {
        let mut options = OpenOptions::new();
        options
            .access_mode(GENERIC_READ | DELETE | attributes)
            .share_mode(share);
        match options.open(path) {
            Ok(file) => return Ok((file, used)),
            Err(error) if code(&error) == ERROR_SHARING_VIOLATION => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// The store's folder, held open, so that it stays where it is.
struct Store {
    /// As it was given, for people.
    shown: PathBuf,
    path: PathBuf,
    folder: File,
    facts: Facts,
}

impl Store {
    fn open(shown: &Path) -> Result<Self, MoveError> {
        let path = verbatim(shown);
        // A volume may be mounted in a folder: that is followed.
        let folder = OpenOptions::new()
            .access_mode(GENERIC_READ)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
            .open(&path)
            .map_err(store_error)?;
        let facts = Facts::of(&folder).map_err(store_error)?;
        if !facts.is_folder() {
            return Err(MoveError::StoreMissing);
        }
        Ok(Self {
            shown: shown.to_owned(),
            path,
            folder,
            facts,
        })
    }

    fn holds(&self, file: &Path) -> bool {
        let folder = |path: &Path| {
            let mut options = OpenOptions::new();
            options
                .access_mode(FILE_READ_ATTRIBUTES)
                .custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
            options.open(verbatim(path)).and_then(|folder| Facts::of(&folder))
        };
        let mut above = file.ancestors().skip(1);
        above.any(|path| folder(path).is_ok_and(|found| found.same_file(&self.facts)))
    }

    /// Takes the file in by renaming it; `None` when that takes a copy, because it lies on another volume.
    fn take_by_rename(&self, source: &Source) -> Result<Option<OsString>, MoveError> {
        // EFS encrypts what is made in an encrypted folder, and leaves what is renamed into one as it is.
        if self.facts.is_encrypted() && !source.facts.is_encrypted() {
            return Ok(None);
        }
        match self.place(&source.file, &source.name) {
            Ok(name) => Ok(Some(name)),
            Err(error) if code(&error) == ERROR_NOT_SAME_DEVICE => Ok(None),
            Err(error) => Err(self.rename_error(error)),
        }
    }

    /// Renames an open file into the store, by one name after the other until one is free.
    fn place(&self, file: &File, name: &OsStr) -> io::Result<OsString> {
        for number in 1..=MOST_NAMES {
            let candidate = numbered(name, number);
            match handle::rename(file, &self.path.join(&candidate)) {
                Ok(()) => return Ok(candidate),
                Err(error) if is_taken(&error) => {}
                // What has the name may be a folder, or may not be looked at.
                Err(error) if code(&error) == ERROR_ACCESS_DENIED && self.has(&candidate) => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn has(&self, name: &OsStr) -> bool {
        self.path.join(name).symlink_metadata().is_ok()
    }

    fn rename_error(&self, error: io::Error) -> MoveError {
        match code(&error) {
            ERROR_SHARING_VIOLATION => MoveError::InUse,
            // The file was opened with the right to take it away: it is the store that does not take it.
            _ => self.error(error),
        }
    }

    fn error(&self, error: io::Error) -> MoveError {
        match store_error(error) {
            MoveError::StoreFull if self.is_fat() => MoveError::TooLarge,
            other => other,
        }
    }

    /// FAT calls itself full when a file reaches 4 GiB.
    fn is_fat(&self) -> bool {
        handle::file_system(&self.folder).is_ok_and(|name| name.starts_with("FAT"))
    }
}

/// The `number`th name to try. Windows limits names in UTF-16 units, of which each takes at most three bytes; a share of
/// another system may limit them in bytes, so that a name which fits those keeps fitting.
fn numbered(name: &OsStr, number: u32) -> OsString {
    const LONGEST_NUMBER: usize = " (9999)".len();
    if number < 2 {
        return name.to_owned();
    }
    let name = name.to_string_lossy();
    let limit = if name.len() <= NAME_LIMIT {
        NAME_LIMIT
    } else {
        let too_many = (name.encode_utf16().count() + LONGEST_NUMBER).saturating_sub(NAME_LIMIT);
        (name.len() + LONGEST_NUMBER).saturating_sub(3 * too_many)
    };
    let numbered = name::numbered(name.as_bytes(), number, limit);
    String::from_utf8_lossy(&numbered).into_owned().into()
}

/// The path in the form that takes every name and length as it is.
fn verbatim(path: &Path) -> PathBuf {
    use std::path::{Component, Prefix};
    let mut components = path.components();
    let Some(Component::Prefix(prefix)) = components.next() else {
        return path.to_owned();
    };
    let mut verbatim = match prefix.kind() {
        Prefix::Disk(letter) => OsString::from(format!(r"\\?\{}:", char::from(letter))),
        Prefix::UNC(server, share) => [r"\\?\UNC\".as_ref(), server, r"\".as_ref(), share]
            .into_iter()
            .collect(),
        _ => return path.to_owned(),
    };
    // A drive without a root is relative, and so is a path with `..` to what is before it.
    if !path.has_root() || path.components().any(|part| part == Component::ParentDir) {
        return path.to_owned();
    }
    for part in components {
        if let Component::Normal(name) = part {
            verbatim.push(r"\");
            verbatim.push(name);
        }
    }
    if path.parent().is_none() {
        verbatim.push(r"\");
    }
    verbatim.into()
}

/// The error's number; 0 when it is not the system's.
fn code(error: &io::Error) -> u32 {
    error.raw_os_error().unwrap_or_default().cast_unsigned()
}

fn is_taken(error: &io::Error) -> bool {
    matches!(code(error), ERROR_ALREADY_EXISTS | ERROR_FILE_EXISTS)
}

fn source_error(error: io::Error) -> MoveError {
    match code(&error) {
        ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND | ERROR_INVALID_NAME | ERROR_NOT_READY => MoveError::Missing,
        ERROR_CANT_ACCESS_FILE => MoveError::NotAFile,
        ERROR_ACCESS_DENIED | ERROR_WRITE_PROTECT => MoveError::NotAllowed,
        ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION => MoveError::InUse,
        _ => MoveError::Failed(error),
    }
}

fn store_error(error: io::Error) -> MoveError {
    let code = code(&error);
    match code {
        ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND | ERROR_DIRECTORY | ERROR_INVALID_NAME | ERROR_NOT_READY
        | ERROR_BAD_NETPATH | ERROR_BAD_NET_NAME => MoveError::StoreMissing,
        _ if code == FVE_E_LOCKED_VOLUME.cast_unsigned() => MoveError::StoreMissing,
        ERROR_ACCESS_DENIED | ERROR_WRITE_PROTECT => MoveError::StoreReadOnly,
        ERROR_DISK_FULL | ERROR_HANDLE_DISK_FULL | ERROR_DISK_QUOTA_EXCEEDED => MoveError::StoreFull,
        ERROR_FILE_TOO_LARGE => MoveError::TooLarge,
        _ => MoveError::Failed(error),
    }
}

#[cfg(test)]
#[path = "windows/testing.rs"]
pub(super) mod testing;
#[cfg(test)]
#[path = "windows/tests.rs"]
mod tests;

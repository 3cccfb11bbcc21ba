//! The move on Linux: by rename within a volume, by a verified copy across volumes.
//!
//! Files are opened once and worked on by handle; names are looked up in folders that are held open.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use super::{MoveError, Moved, name};

#[path = "linux/copy.rs"]
mod copy;
#[path = "linux/in_use.rs"]
mod in_use;

use in_use::Use;

/// More files of one name than this are not sorted out by numbers.
const MOST_NAMES: u32 = 9999;

pub(super) fn move_to_store(file: &Path, store: &Path) -> Result<Moved, MoveError> {
    let source = Source::open(file)?;
    let store = Store::open(store)?;
    if store.holds(file) {
        return Err(MoveError::AlreadyThere);
    }
    let used = in_use::of(source.version.device, source.version.inode);
    let name = match store.take_by_rename(&source)? {
        Some(name) => name,
        // A program that writes on would write into a file without a name: what it writes would be lost.
        None if used == Use::Writing => return Err(MoveError::InUse),
        None => copy::move_by_copy(&source, &store)?,
    };
    Ok(Moved {
        to: store.path.join(name),
        in_use: used != Use::No,
    })
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    size: i64,
    modified: (i64, i64),
}

impl Version {
    fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size,
            modified: (stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or_default()),
        }
    }

    fn same_file(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// The file to move, held open.
struct Source {
    folder: OwnedFd,
    name: OsString,
    file: File,
    stat: Stat,
    version: Version,
}

impl Source {
    fn open(path: &Path) -> Result<Self, MoveError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(MoveError::NotAFile);
        };
        let folder = rustix::fs::open(parent, folder_flags(), Mode::empty()).map_err(source_error)?;
        // NONBLOCK, or a pipe without a writer would hold the tray for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, name, flags, Mode::empty()).map_err(source_error)?;
        let stat = rustix::fs::fstat(&file).map_err(source_error)?;
        if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(MoveError::NotAFile);
        }
        Ok(Self {
            folder,
            name: name.to_owned(),
            file: file.into(),
            version: Version::of(&stat),
            stat,
        })
    }

    /// Whether the open file and the file of that name are both what they were when the move began.
    fn is_unchanged(&self) -> bool {
        let held = rustix::fs::fstat(&self.file);
        let named = rustix::fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        let unchanged = |stat: Result<Stat, Errno>| stat.is_ok_and(|stat| Version::of(&stat) == self.version);
        unchanged(held) && unchanged(named)
    }

    fn remove(&self) -> Result<(), MoveError> {
        if !self.is_unchanged() {
            return Err(MoveError::Changed);
        }
        rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty()).map_err(source_error)?;
        // The copy is safe in the store: a failure leaves at worst the old name after a power cut.
        let _ = rustix::fs::fsync(&self.folder);
        Ok(())
    }
}

/// The store's folder, held open.
struct Store {
    path: PathBuf,
    folder: OwnedFd,
    name_limit: usize,
}

impl Store {
    fn open(path: &Path) -> Result<Self, MoveError> {
        let folder = rustix::fs::open(path, folder_flags(), Mode::empty()).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => MoveError::StoreMissing,
            other => store_error(other),
        })?;
        let volume = rustix::fs::fstatvfs(&folder).map_err(store_error)?;
        Ok(Self {
            path: path.to_owned(),
            folder,
            name_limit: usize::try_from(volume.f_namemax).unwrap_or(255).clamp(64, 255),
        })
    }

    fn holds(&self, file: &Path) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        match (file.parent().and_then(real), real(&self.path)) {
            (Some(parent), Some(store)) => parent.starts_with(store),
            _ => false,
        }
    }

    /// Takes the file in by renaming it; `None` when that takes a copy, because it lies on another volume.
    fn take_by_rename(&self, source: &Source) -> Result<Option<OsString>, MoveError> {
        let name = match self.place(&source.name, |name| {
            rename_if_free(&source.folder, &source.name, &self.folder, name)
        }) {
            Ok(name) => name,
            // Also the answer when only one side of the same volume is encrypted by fscrypt.
            Err(Errno::XDEV) => return Ok(None),
            Err(errno) => return Err(self.rename_error(errno)),
        };
        if self.version(&name).is_some_and(|found| found.same_file(source.version)) {
            let _ = rustix::fs::fsync(&self.folder);
            return Ok(Some(name));
        }
        // Somebody put another file in its place in between: that one goes back.
        let _ = rename_if_free(&self.folder, &name, &source.folder, &source.name);
        Err(MoveError::Changed)
    }

    /// Tries one name after the other until `place` finds a free one.
    fn place(&self, name: &OsStr, mut place: impl FnMut(&OsStr) -> Result<(), Errno>) -> Result<OsString, Errno> {
        for number in 1..=MOST_NAMES {
            let candidate = name::numbered(name.as_bytes(), number, self.name_limit);
            let candidate = OsStr::from_bytes(&candidate);
            match place(candidate) {
                Err(Errno::EXIST) => {}
                Ok(()) => return Ok(candidate.to_owned()),
                Err(errno) => return Err(errno),
            }
        }
        Err(Errno::EXIST)
    }

    fn version(&self, name: &OsStr) -> Option<Version> {
        let stat = rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(Version::of(&stat))
    }

    fn rename_error(&self, errno: Errno) -> MoveError {
        let denied = matches!(errno, Errno::ACCESS | Errno::PERM | Errno::ROFS);
        let writable =
            || rustix::fs::accessat(&self.folder, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).is_ok();
        match errno {
            Errno::NOENT => MoveError::Missing,
            _ if denied && writable() => MoveError::NotAllowed,
            other => store_error(other),
        }
    }
}

/// Renames, but never over something.
fn rename_if_free(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
        // File systems in user space often know no such flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_if_free(from, name, to, new),
        other => other,
    }
}

/// A second link does not overwrite either; the first is taken away after it.
fn link_if_free(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr) -> Result<(), Errno> {
    match rustix::fs::linkat(from, name, to, new, AtFlags::empty()) {
        Ok(()) => rustix::fs::unlinkat(from, name, AtFlags::empty()).inspect_err(|_| {
            let _ = rustix::fs::unlinkat(to, new, AtFlags::empty());
        }),
        Err(Errno::PERM | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => rename_over_own(from, name, to, new),
        other => other,
    }
}

/// Where there are neither such renames nor links (FAT): reserves the name with an empty file of its own and renames
/// over that.
fn rename_over_own(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr) -> Result<(), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let own = rustix::fs::openat(to, new, flags, Mode::RUSR | Mode::WUSR)?;
    let own = Version::of(&rustix::fs::fstat(&own)?);
    let still_own = || {
        let found = rustix::fs::statat(to, new, AtFlags::SYMLINK_NOFOLLOW);
        found.is_ok_and(|found| Version::of(&found).same_file(own) && found.st_size == 0)
    };
    if !still_own() {
        return Err(Errno::EXIST);
    }
    rustix::fs::renameat(from, name, to, new).inspect_err(|_| {
        if still_own() {
            let _ = rustix::fs::unlinkat(to, new, AtFlags::empty());
        }
    })
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn source_error(errno: Errno) -> MoveError {
    match errno {
        Errno::NOENT | Errno::NOTDIR => MoveError::Missing,
        // LOOP: a symlink. NXIO: a socket, or a pipe that nobody reads.
        Errno::LOOP | Errno::NXIO => MoveError::NotAFile,
        Errno::ACCESS | Errno::PERM | Errno::ROFS => MoveError::NotAllowed,
        other => MoveError::Failed(other.into()),
    }
}

fn store_error(errno: Errno) -> MoveError {
    match errno {
        Errno::NOENT => MoveError::StoreMissing,
        Errno::ACCESS | Errno::PERM | Errno::ROFS => MoveError::StoreReadOnly,
        Errno::NOSPC | Errno::DQUOT => MoveError::StoreFull,
        Errno::FBIG => MoveError::TooLarge,
        other => MoveError::Failed(other.into()),
    }
}

#[cfg(test)]
#[path = "linux/testing.rs"]
pub(super) mod testing;
#[cfg(test)]
#[path = "linux/tests.rs"]
mod tests;

//! Across volumes: copy under a hidden name, read back and compare, name it, and only then delete the source.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{Advice, AtFlags, Dir, FlockOperation, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::{MoveError, Source, Store, Version, rename_if_free, store_error};

const BUFFER: usize = 256 * 1024;
const HIDDEN: &str = ".fileward-";
const PART: &str = ".part";

/// Moves by copy and gives the name in the store.
pub(super) fn move_by_copy(source: &Source, store: &Store) -> Result<OsString, MoveError> {
    remove_leftovers(&store.folder);
    let mut part = Part::create(&store.folder)?;
    let written = part.fill(source)?;
    if part.read_back()? != written {
        return Err(MoveError::BadCopy);
    }
    part.dress_like(source)?;
    if !source.is_unchanged() {
        return Err(MoveError::Changed);
    }
    let own = part.version()?;
    let name = part.name_in(store, &source.name)?;
    // Without this the name could be lost with the power after the source was deleted.
    let kept = rustix::fs::fsync(&store.folder).map_err(store_error);
    if let Err(error) = kept.and_then(|()| source.remove()) {
        if store.version(&name).is_some_and(|found| found.same_file(own)) {
            let _ = rustix::fs::unlinkat(&store.folder, &name, AtFlags::empty());
        }
        return Err(error);
    }
    Ok(name)
}

/// A copy that is not finished. It is locked while it is written, and removed when it is dropped without a name.
struct Part<'a> {
    folder: &'a OwnedFd,
    name: OsString,
    file: File,
    named: bool,
}

impl<'a> Part<'a> {
    fn create(folder: &'a OwnedFd) -> Result<Self, MoveError> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let name: OsString = format!("{HIDDEN}{}{PART}", uuid::Uuid::new_v4().simple()).into();
            let file = rustix::fs::openat(folder, &name, flags, Mode::RUSR | Mode::WUSR).map_err(store_error)?;
            let part = Self {
                folder,
                name,
                file: file.into(),
                named: false,
            };
            // Another move may take a part that is not locked yet for a leftover.
            if part.is_locked() && part.is_there() {
                return Ok(part);
            }
        }
    }

    /// Locks it. Some file systems have no locks: there, no leftovers are removed either.
    fn is_locked(&self) -> bool {
        rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)
    }

    fn is_there(&self) -> bool {
        rustix::fs::statat(self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Copies the source and makes it durable.
    fn fill(&mut self, source: &Source) -> Result<blake3::Hash, MoveError> {
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; BUFFER];
        let mut from = &source.file;
        loop {
            let length = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(MoveError::Failed(error)),
            };
            hasher.update(&buffer[..length]);
            self.file.write_all(&buffer[..length]).map_err(written)?;
        }
        self.file.sync_all().map_err(written)?;
        Ok(hasher.finalize())
    }

    fn read_back(&mut self) -> Result<blake3::Hash, MoveError> {
        // Dropped from the cache, so that it is read from the disk where the file system allows.
        let _ = rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed);
        self.file.seek(SeekFrom::Start(0)).map_err(MoveError::Failed)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; BUFFER];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finalize()),
                Ok(length) => hasher.update(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(MoveError::Failed(error)),
            };
        }
    }

    /// Gives it the source's permissions and times.
    fn dress_like(&self, source: &Source) -> Result<(), MoveError> {
        let permissions = Mode::from_raw_mode(source.stat.st_mode & 0o777);
        match rustix::fs::fchmod(&self.file, permissions) {
            // FAT and its like have no permissions; the copy was made for its owner alone.
            Ok(()) | Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(errno) => return Err(store_error(errno)),
        }
        let time = |seconds, nanoseconds: u64| Timespec {
            tv_sec: seconds,
            tv_nsec: i64::try_from(nanoseconds).unwrap_or_default(),
        };
        let times = Timestamps {
            last_access: time(source.stat.st_atime, source.stat.st_atime_nsec),
            last_modification: time(source.stat.st_mtime, source.stat.st_mtime_nsec),
        };
        rustix::fs::futimens(&self.file, &times).map_err(store_error)?;
        self.file.sync_all().map_err(written)
    }

    fn version(&self) -> Result<Version, MoveError> {
        let stat = rustix::fs::fstat(&self.file).map_err(store_error)?;
        Ok(Version::of(&stat))
    }

    fn name_in(mut self, store: &Store, name: &OsStr) -> Result<OsString, MoveError> {
        let name = store
            .place(name, |name| {
                rename_if_free(self.folder, &self.name, &store.folder, name)
            })
            .map_err(store_error)?;
        self.named = true;
        Ok(name)
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.named {
            let _ = rustix::fs::unlinkat(self.folder, &self.name, AtFlags::empty());
        }
    }
}

/// Removes copies that a crash left unfinished: those that nobody holds locked.
fn remove_leftovers(folder: &OwnedFd) {
    let Ok(entries) = Dir::read_from(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if is_part(name) && nobody_writes(folder, name) {
            let _ = rustix::fs::unlinkat(folder, name, AtFlags::empty());
        }
    }
}

fn is_part(name: &OsStr) -> bool {
    let middle = name
        .to_str()
        .and_then(|name| name.strip_prefix(HIDDEN)?.strip_suffix(PART));
    middle.is_some_and(|middle| middle.len() == 32 && middle.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn nobody_writes(folder: &OwnedFd, name: &OsStr) -> bool {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(folder, name, flags, Mode::empty()) else {
        return false;
    };
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

fn written(error: io::Error) -> MoveError {
    match Errno::from_io_error(&error) {
        Some(errno) => store_error(errno),
        None => MoveError::Failed(error),
    }
}

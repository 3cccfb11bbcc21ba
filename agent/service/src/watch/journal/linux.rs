//! Linux has no such journal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Extent, Folder, Journal, Position, Unread};

/// There is none of these.
pub(super) enum Volume {}

/// The folder that the volume of `root` is mounted at, if it may have a journal.
pub(super) fn volume_of(_root: &Path) -> Option<PathBuf> {
    None
}

/// A name of a record.
pub(super) fn name(units: &[u16]) -> OsString {
    String::from_utf16_lossy(units).into()
}

impl Volume {
    /// Opens the volume that is mounted at `point`.
    pub(super) fn open(_point: &Path) -> Result<Self, Unread> {
        Err(Unread::None)
    }
}

impl Journal for Volume {
    fn extent(&self) -> Result<Extent, Unread> {
        match *self {}
    }

    fn read(&self, _from: Position, _buffer: &mut [u8]) -> Result<usize, Unread> {
        match *self {}
    }

    fn path(&self, _folder: Folder) -> Option<PathBuf> {
        match *self {}
    }
}

//! SKELETON
use std::fs::File;
use std::io;
use std::path::Path;

use super::{Entry, FolderId, Look};
use crate::watch::sighting::Stat;

pub(super) struct Folder;

pub(super) fn root(_path: &Path) -> io::Result<Folder> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Folder {
    pub(super) fn id(&self) -> io::Result<FolderId> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(super) fn file(&self, _relative: &Path) -> io::Result<(File, Stat)> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(super) fn look(&self, _relative: &Path) -> Look {
        Look::Hidden
    }
    pub(super) fn list(&self, _relative: &Path) -> io::Result<Vec<Entry>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

pub(super) fn device_above(_path: &Path) -> Option<u64> {
    None
}

#[expect(clippy::unnecessary_wraps, reason = "skeleton")]
pub(super) fn require() -> io::Result<()> {
    Ok(())
}

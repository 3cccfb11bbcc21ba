//! Rights by mode bits.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The system's lies in a folder that only root writes.
pub(super) fn create_data_folder(path: &Path) -> io::Result<Option<PathBuf>> {
    if !path.is_dir() {
        DirBuilder::new().recursive(true).mode(0o711).create(path)?;
    }
    Ok(None)
}

#[cfg(test)]
pub(super) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::symlink_metadata(path)
        .unwrap()
        .permissions()
        .mode()
        .trailing_zeros()
        >= 6
}

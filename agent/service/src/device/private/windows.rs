//! SKELETON
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
pub(super) fn create_data_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

//! The collector's data folder: nobody else may look into it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::FlockOperation;

/// The data folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, makes it if it is not there, and takes from others what rights they have on it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        for path in [path, &path.join("keys")] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .with_context(|| format!("Failed to make the folder {}", path.display()))?;
        }
        let folder = Self(path.to_owned());
        folder.repair().context("Failed to protect the data folder")?;
        Ok(folder)
    }

    fn repair(&self) -> io::Result<()> {
        restrict(&self.0, 0o700)?;
        restrict(&self.0.join("keys"), 0o700)?;
        for folder in [&self.0, &self.0.join("keys")] {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    restrict(&entry.path(), 0o600)?;
                }
            }
        }
        Ok(())
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Reads a file of the folder; none if it is not there.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("Failed to read {}", path.display())),
        }
    }

    /// Writes a file of the folder, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.file(name);
        write_whole(&path, content).with_context(|| format!("Failed to write {}", path.display()))
    }

    /// Removes a file of the folder, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("Failed to remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Keeps other processes from setting up the same folder until the answer is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.file("lock");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("Failed to open {}", path.display()))?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)
            .with_context(|| format!("Failed to lock {}", path.display()))?;
        Ok(file)
    }
}

fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?.permissions().mode() & 0o777;
    if found & !mode == 0 {
        return Ok(());
    }
    tracing::warn!("{} was open to others (mode {found:03o}); repaired", path.display());
    fs::set_permissions(path, Permissions::from_mode(mode))
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_read_is_closed_to_them() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(&root.path().join("data")).unwrap();
        folder.write("keys/company.key", b"secret").unwrap();
        let path = folder.file("keys/company.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Folder::open(&root.path().join("data")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

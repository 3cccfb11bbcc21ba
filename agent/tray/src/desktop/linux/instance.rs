//! One tray per session, by a file lock: unlike a file with a process id, it cannot be left behind by a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Whether this is the first tray of the session.
pub(crate) enum Instance {
    /// It is, as long as this is held.
    First(#[expect(dead_code, reason = "holding it is its use")] File),
    /// Another one runs.
    Another,
}

/// Takes the session's place for a tray.
///
/// # Errors
/// When the lock file cannot be made.
pub(crate) fn first_instance() -> Result<Instance> {
    let dirs = directories::BaseDirs::new().context("There is no home folder")?;
    let folder = dirs.runtime_dir().unwrap_or(dirs.cache_dir()).to_owned();
    lock(&folder.join("fileward-tray.lock"))
}

fn lock(path: &Path) -> Result<Instance> {
    let failed = || format!("Failed to lock {}", path.display());
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    std::fs::create_dir_all(&folder).with_context(failed)?;
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Instance::First(file)),
        Err(TryLockError::WouldBlock) => Ok(Instance::Another),
        Err(TryLockError::Error(error)) => Err(error).with_context(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tray_waits_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session/tray.lock");
        let first = lock(&path).unwrap();
        assert!(matches!(first, Instance::First(_)));
        assert!(matches!(lock(&path).unwrap(), Instance::Another));
        drop(first);
        assert!(matches!(lock(&path).unwrap(), Instance::First(_)));
    }
}

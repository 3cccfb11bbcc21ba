//! Files that nobody but the service reads, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[cfg(any(windows, test))]
mod access;
#[cfg(target_os = "linux")]
#[path = "private/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "private/windows.rs"]
mod platform;

/// Replaces `path` by `content`: a crash leaves the old file or the new one, on the disk for good.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let (folder, temporary) = beside(path)?;
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file: File = platform::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    platform::rename(&temporary, path)?;
    platform::sync_folder(folder)
}

/// Makes the data folder unless it is there: others may pass through it to where the service listens, and see nothing. What
/// somebody else laid in the place of the system's is set aside; gives back where it lies then.
pub(crate) fn create_data_folder(path: &Path) -> io::Result<Option<PathBuf>> {
    platform::create_data_folder(path)
}

/// Makes a folder that only the service enters, unless it is there.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    platform::create_folder(path)
}

/// Renames a folder, on the disk for good.
pub(crate) fn rename_folder(from: &Path, to: &Path) -> io::Result<()> {
    platform::rename(from, to)?;
    platform::sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Whether nobody but the service reads or enters what is there.
#[cfg(test)]
pub(crate) fn is_private(path: &Path) -> bool {
    platform::is_private(path)
}

/// The folder of `path`, and a name in it that no other process uses.
fn beside(path: &Path) -> io::Result<(&Path, PathBuf)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let name = format!(".{}.{}", name.to_string_lossy(), std::process::id());
    Ok((folder, folder.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::write(&path, "a long former content").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_private_even_where_the_former_one_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::write(&path, "former").unwrap();
        assert!(!is_private(&path));
        write(&path, b"new").unwrap();
        assert!(is_private(&path));
    }

    #[test]
    fn a_private_folder_can_be_asked_for_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        assert!(is_private(&path));
    }

    #[test]
    fn what_a_crash_left_behind_does_not_stop_the_next_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (_, temporary) = beside(&path).unwrap();
        fs::write(&temporary, "half").unwrap();
        write(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_folder_takes_the_name_of_one_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (new, current) = (folder.path().join("enrolling"), folder.path().join("identity"));
        create_folder(&new).unwrap();
        write(&new.join("key"), b"key").unwrap();
        rename_folder(&new, &current).unwrap();
        assert_eq!(fs::read(current.join("key")).unwrap(), b"key");
        assert!(!new.exists());
    }
}

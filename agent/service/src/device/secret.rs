//! Secrets at rest: files that only the service reads, sealed to this PC where the OS can.

use std::fs;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::private;

#[cfg(target_os = "linux")]
#[path = "secret/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "secret/windows.rs"]
mod platform;

/// Keeps a secret, whole or not at all.
pub(super) fn write(path: &Path, secret: &[u8]) -> io::Result<()> {
    private::write(path, &platform::seal(secret)?)
}

/// Reads a secret.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when it was sealed on another PC or was changed; else as reading any file.
pub(super) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    platform::open(&Zeroizing::new(fs::read(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"first").unwrap();
        write(&path, b"a secret").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"a secret");
    }

    #[test]
    fn a_secret_that_is_not_there_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(&folder.path().join("key")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}

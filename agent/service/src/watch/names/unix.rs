//! Names on Unix are bytes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A name or a path as it is stored.
pub(crate) fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// A name or a path as it was stored.
pub(crate) fn name(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// A path that the OS takes however long it is.
pub(crate) fn long(path: &Path) -> PathBuf {
    path.into()
}

//! Names on Unix are bytes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A name or a path as it is stored.
pub(crate) fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// A name or a path as it was stored.
pub(crate) fn name(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

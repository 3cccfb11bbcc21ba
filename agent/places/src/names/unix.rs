//! Every byte counts.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Whether names that differ only in case are different names.
pub(crate) const CASE_COUNTS: bool = true;

pub(crate) fn same(one: &OsStr, other: &OsStr) -> bool {
    one == other
}

/// Likewise, for parts of names.
pub(crate) fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    one == other
}

/// A path as people write it: as it is.
pub(crate) fn plain(path: &Path) -> PathBuf {
    path.into()
}

/// Whether looking at a path stays on this PC: what a user may mount is no server's name.
pub(crate) fn is_local(_path: &Path) -> bool {
    true
}

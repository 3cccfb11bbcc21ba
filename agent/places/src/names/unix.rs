//! Every byte counts.

use std::ffi::OsStr;

/// Whether names that differ only in case are different names.
pub(crate) const CASE_COUNTS: bool = true;

pub(crate) fn same(one: &OsStr, other: &OsStr) -> bool {
    one == other
}

/// Likewise, for parts of names.
pub(crate) fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    one == other
}

//! Case does not count.
//!
//! A folder can be made case-sensitive for the Linux programs of a Windows PC; two places that differ only in case there
//! are taken for one.

#![allow(unsafe_code)]

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Globalization::{CSTR_EQUAL, CompareStringOrdinal};

/// Whether names that differ only in case are different names.
pub(crate) const CASE_COUNTS: bool = false;

/// Whether two names mean the same file, by the system's own table of upper case.
pub(crate) fn same(one: &OsStr, other: &OsStr) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other): (Vec<u16>, Vec<u16>) = (one.encode_wide().collect(), other.encode_wide().collect());
    let (Ok(length), Ok(other_length)) = (i32::try_from(one.len()), i32::try_from(other.len())) else {
        return false;
    };
    // SAFETY: both texts are as long as the call is told.
    let order = unsafe { CompareStringOrdinal(one.as_ptr(), length, other.as_ptr(), other_length, 1) };
    order == CSTR_EQUAL
}

/// Likewise, for parts of names: the names of the catalogue have no other letters with case than those of ASCII.
pub(crate) fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// `\\?\C:\a` as `C:\a`, `\\?\UNC\server\share\a` as `\\server\share\a`; others as they are.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else {
        return path.into();
    };
    let start = match prefix.kind() {
        Prefix::VerbatimDisk(letter) => format!(r"{}:\", char::from(letter)).into(),
        Prefix::VerbatimUNC(server, share) => {
            let mut start = OsString::from(r"\\");
            start.push(server);
            start.push(r"\");
            start.push(share);
            start.push(r"\");
            start
        }
        _ => return path.into(),
    };
    PathBuf::from(start).join(parts.as_path().strip_prefix(r"\").unwrap_or(parts.as_path()))
}

/// Whether `path` begins with a drive letter: servers and devices are named otherwise.
pub(crate) fn is_local(path: &Path) -> bool {
    matches!(path.components().next(), Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::Disk(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_without_their_long_prefix() {
        for (verbatim, expected) in [
            (r"\\?\C:\Users\张三", r"C:\Users\张三"),
            (r"\\?\D:\", r"D:\"),
            (r"\\?\UNC\server\share\a\b", r"\\server\share\a\b"),
            (r"C:\a", r"C:\a"),
            (r"\\?\Volume{1}\a", r"\\?\Volume{1}\a"),
        ] {
            assert_eq!(plain(Path::new(verbatim)), Path::new(expected));
        }
    }
}

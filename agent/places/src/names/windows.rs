//! Case does not count.
//!
//! A folder can be made case-sensitive for the Linux programs of a Windows PC; two places that differ only in case there
//! are taken for one.

#![allow(unsafe_code)]

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt;

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

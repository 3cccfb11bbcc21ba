//! What the tests of every OS need to know of this one.

use std::fs::{File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

/// A folder on another volume than the one for temporary files. Under Wine it is the memory of the machine below; a real
/// PC for tests needs a second drive of this letter.
pub(in crate::mover) const SECOND_VOLUME: &str = r"Z:\dev\shm";
/// What a file may be called: no separators, wildcards or control characters; a dot or space at the end is kept by few
/// programs, and devices such as `NUL` have no extension of these.
pub(in crate::mover) const NAMES: &str = "[^/\\\\\\x00-\\x1f<>:\"|?*\\x7f]{1,60}\\.docx";

/// Drives are told apart by their letters.
pub(in crate::mover) fn are_apart(one: &Path, other: &Path) -> bool {
    one.components().next() != other.components().next()
}

/// Opens a file as a move does that writes its copy there.
pub(in crate::mover) fn held_as_a_part(path: &Path) -> File {
    OpenOptions::new().write(true).share_mode(0).open(path).unwrap()
}

//! What the tests of every OS need to know of this one.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A folder on another volume than the one for temporary files.
pub(in crate::mover) const SECOND_VOLUME: &str = "/dev/shm";
/// What a file may be called, but for `.` and `..`.
pub(in crate::mover) const NAMES: &str = "[^/\\x00]{1,60}";

pub(in crate::mover) fn are_apart(one: &Path, other: &Path) -> bool {
    one.metadata().unwrap().dev() != other.metadata().unwrap().dev()
}

/// Opens a file as a move does that writes its copy there.
pub(in crate::mover) fn held_as_a_part(path: &Path) -> File {
    let file = File::open(path).unwrap();
    file.try_lock().unwrap();
    file
}

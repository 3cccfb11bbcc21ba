//! A settled file in a place.

use std::path::PathBuf;
use std::sync::Arc;

use fileward_places::Place;

/// What stays the same when a file is renamed, and is not given to another file while this one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileId {
    /// The device number.
    pub(crate) device: u64,
    /// The inode number.
    pub(crate) inode: u64,
    /// When the inode was made, in nanoseconds since 1970; 0 where the file system does not tell.
    pub(crate) born: i64,
}

/// What `statx` says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// Its identity.
    pub(crate) id: FileId,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// When its content changed, in nanoseconds since 1970.
    pub(crate) modified: i64,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is there and is not being written any more; new, changed or never judged.
    Settled(Stat),
    /// It was known under this path and is not there any more.
    Gone,
}

/// A settled file in a place, or its disappearance.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    /// The place.
    pub(crate) place: Arc<Place>,
    /// The file, absolute.
    pub(crate) path: PathBuf,
    /// What happened.
    pub(crate) change: Change,
}

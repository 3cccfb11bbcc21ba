//! Moves a file into the store, with the user's own rights and on the user's own word.
//!
//! Whatever happens, the content exists whole in one place at least, and nothing that lay in the store is overwritten.

use std::io;
use std::path::{Path, PathBuf};

mod name;
#[cfg(target_os = "linux")]
#[path = "mover/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "mover/windows.rs"]
mod platform;
#[cfg(test)]
mod tests;

/// A file that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Where it lies.
    pub(crate) to: PathBuf,
    /// Whether another program had it open: it may write the file again at its former place.
    pub(crate) in_use: bool,
}

/// Why a file was not moved. The file is where it was, as it was.
#[derive(Debug)]
pub(crate) enum MoveError {
    /// The file is gone.
    Missing,
    /// A link, a folder or a special file.
    NotAFile,
    /// It may not be read, or not be taken out of its folder.
    NotAllowed,
    /// It lies in the store already.
    AlreadyThere,
    /// It changed while it was copied.
    Changed,
    /// Another program is writing it.
    InUse,
    /// The store is not there.
    StoreMissing,
    /// The store may not be written.
    StoreReadOnly,
    /// The store is full.
    StoreFull,
    /// The store cannot hold a file of this size.
    TooLarge,
    /// What was read back from the store is not what was written.
    BadCopy,
    /// The system failed otherwise.
    Failed(io::Error),
}

/// Moves `file` into the folder `store` and keeps its name where it is free.
///
/// # Errors
/// When the file was not moved; it is where it was, and the store holds no part of it.
pub(crate) fn move_to_store(file: &Path, store: &Path) -> Result<Moved, MoveError> {
    platform::move_to_store(file, store)
}

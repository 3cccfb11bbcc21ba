//! How much the store has to do and how large it is, for those who watch over it.

use super::Reply;

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Changes that wait to be written.
    pub waiting: u64,
    /// Bytes on disk, the log that is yet to be merged included.
    pub bytes: u64,
}

/// Measuring.
pub(crate) trait Measure {
    /// Measures.
    fn measure(&self) -> Reply<Measured>;
}

//! Linux has no such journal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Journal, Unread, Volumes};

/// The volumes of this PC.
#[derive(Debug)]
pub(in crate::watch) struct System;

/// A name of a record.
pub(super) fn name(units: &[u16]) -> OsString {
    String::from_utf16_lossy(units).into()
}

impl Volumes for System {
    fn of(&self, _path: &Path) -> Option<PathBuf> {
        None
    }

    fn open(&self, _point: &Path) -> Result<Box<dyn Journal>, Unread> {
        Err(Unread::None)
    }
}

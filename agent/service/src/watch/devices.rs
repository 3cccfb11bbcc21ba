//! Whether two device numbers mean the same file system.
//!
//! A file is only gone when the file system it lay on can be looked at; else it is out of sight, as when a share is lost. But
//! file systems get new numbers when the PC starts, so a number alone would leave every file out of sight for ever.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::sighting::Stat;

/// The device numbers that were found to mean the same file system.
#[derive(Default)]
pub(crate) struct Devices(Mutex<HashSet<(u64, u64)>>);

impl Devices {
    /// Takes in a judged file and what lies under its path now. The same inode, born at the same nanosecond, with the same
    /// content, is the same file.
    pub(crate) fn compare(&self, before: &Stat, after: &Stat) {
        let mut moved = *before;
        moved.id.device = after.id.device;
        if moved == *after && *before != *after && after.id.born != 0 {
            self.lock().insert((before.id.device, after.id.device));
        }
    }

    /// Whether a file that lay on device `then` would lie on device `now`.
    pub(crate) fn are_same(&self, then: u64, now: u64) -> bool {
        then == now || self.lock().contains(&(then, now))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<(u64, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::sighting::FileId;

    #[test]
    fn a_file_system_is_known_again_by_one_of_its_files() {
        let stat = |device, born, size| Stat {
            id: FileId { device, inode: 5, born },
            size,
            modified: 9,
            uid: 0,
        };
        let devices = Devices::default();
        devices.compare(&stat(1, 0, 3), &stat(2, 0, 3));
        devices.compare(&stat(1, 7, 3), &stat(2, 8, 3));
        devices.compare(&stat(1, 7, 3), &stat(2, 7, 4));
        assert!(!devices.are_same(1, 2));
        devices.compare(&stat(1, 7, 3), &stat(2, 7, 3));
        assert!(devices.are_same(1, 2));
        assert!(!devices.are_same(2, 1));
        assert!(devices.are_same(3, 3));
    }
}

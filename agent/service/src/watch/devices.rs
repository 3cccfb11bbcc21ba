//! Whether two device numbers mean the same file system.
//!
//! A file is only gone when the file system it lay on can be looked at; else it is out of sight, as when a share is lost. But
//! file systems get new numbers when the PC starts, so a number alone would leave every file out of sight for ever.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::open;
use super::sighting::Stat;

/// What is known of file systems.
#[derive(Default)]
pub(crate) struct Devices(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Device numbers, before and now, that were found to mean the same file system.
    same: HashSet<(u64, u64)>,
    /// Roots of places that were mount points.
    mounts: HashSet<PathBuf>,
}

impl Devices {
    /// Takes in a judged file and what lies under its path now. The same inode, born at the same nanosecond, with the same
    /// content, is the same file.
    pub(crate) fn compare(&self, before: &Stat, after: &Stat) {
        let mut moved = *before;
        moved.id.device = after.id.device;
        if moved == *after && *before != *after && after.id.born != 0 {
            self.lock().same.insert((before.id.device, after.id.device));
        }
    }

    /// Whether a file that lay on device `then` would lie on device `now`.
    pub(crate) fn are_same(&self, then: u64, now: u64) -> bool {
        then == now || self.lock().same.contains(&(then, now))
    }

    /// Whether `root`, a folder that now lies on `device`, was a mount point and is none any more.
    pub(crate) fn is_unmounted(&self, root: &Path, device: u64) -> bool {
        let mounted = open::device_above(root).is_some_and(|above| above != device);
        let mut known = self.lock();
        if mounted {
            known.mounts.insert(root.to_path_buf());
        }
        !mounted && known.mounts.contains(root)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
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

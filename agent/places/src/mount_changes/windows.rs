//! Drive letters and the devices behind them, looked at every two seconds: Windows tells of volumes only to windows and to a
//! service's control handler, and of VeraCrypt's to nobody. Two dozen names are looked up without touching a disk.
//!
//! A volume that is mounted at a folder is not noticed; the survey of each hour finds it.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::protection::dos_device;
use crate::system::letters;

const INTERVAL: Duration = Duration::from_secs(2);

/// Tells when drives have come or gone since it was last asked; survey again then.
#[derive(Debug)]
pub struct MountChanges {
    last: Mutex<Vec<(String, Option<String>)>>,
}

impl MountChanges {
    /// Begins to watch the drives.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            last: Mutex::new(drives()),
        })
    }

    /// Waits for a change, but not longer than `at_most`; says whether there was one.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn wait(&self, at_most: Duration) -> io::Result<bool> {
        let start = Instant::now();
        loop {
            let now = drives();
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last != now {
                *last = now;
                return Ok(true);
            }
            drop(last);
            let left = at_most.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            std::thread::sleep(left.min(INTERVAL));
        }
    }
}

/// Each letter with the device behind it: a letter may change hands between two looks.
fn drives() -> Vec<(String, Option<String>)> {
    letters()
        .map(|root| {
            let device = dos_device(root.trim_end_matches('\\'));
            (root, device)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_that_stay_are_no_change_and_one_that_was_not_there_is() {
        let changes = MountChanges::watch().unwrap();
        assert!(!changes.wait(Duration::ZERO).unwrap());
        changes.last.lock().unwrap().pop();
        assert!(changes.wait(Duration::from_mins(1)).unwrap());
        assert!(!changes.wait(Duration::ZERO).unwrap());
    }
}

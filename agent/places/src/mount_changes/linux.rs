//! `/proc/self/mountinfo` can be polled for exceptional conditions: there is one when the table has changed.

use std::fs::File;
use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Tells when the mount table has changed since it was last asked; survey again then.
#[derive(Debug)]
pub struct MountChanges {
    table: File,
}

impl MountChanges {
    /// Begins to watch the mount table.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn watch() -> io::Result<Self> {
        let table = File::open("/proc/self/mountinfo")?;
        Ok(Self { table })
    }

    /// Waits for a change, but not longer than `at_most`; says whether there was one.
    ///
    /// # Errors
    ///
    /// When the kernel refuses to wait.
    pub fn wait(&self, at_most: Duration) -> io::Result<bool> {
        let at_most = Timespec::try_from(at_most).map_err(io::Error::other)?;
        let mut tables = [PollFd::new(&self.table, PollFlags::PRI)];
        match poll(&mut tables, Some(&at_most)) {
            Ok(changed) => Ok(changed > 0),
            // The wait is over early, and whoever waits comes back.
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

//! What is left of the limits, while a file and everything within it is read.

use std::cell::Cell;
use std::time::Instant;

use super::Stop;
use crate::Limits;

/// Bytes held at the same time of what was unpacked, and by decoders to look back into.
const MAX_HELD: u64 = 84 << 20;

/// What is left of [`Limits`] for one file and everything within it.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Option<Instant>,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
    depth: Cell<u32>,
    memory: Cell<u64>,
}

/// One level deeper, until it is dropped.
#[derive(Debug)]
pub(crate) struct Deeper<'a>(&'a Cell<u32>);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Memory that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    memory: &'a Cell<u64>,
    bytes: u64,
}

impl Held<'_> {
    /// Holds as much more.
    pub(crate) fn grow(&mut self, bytes: u64) -> Result<(), Stop> {
        spend(self.memory, bytes)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.memory.set(self.memory.get() + self.bytes);
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits, start: Instant) -> Self {
        Self {
            deadline: start.checked_add(limits.time),
            unpacked: Cell::new(limits.unpacked),
            entries: Cell::new(limits.entries),
            depth: Cell::new(limits.depth),
            memory: Cell::new(MAX_HELD),
        }
    }

    /// Takes so much memory of what one file may cost.
    pub(crate) fn hold(&self, bytes: u64) -> Result<Held<'_>, Stop> {
        spend(&self.memory, bytes)?;
        Ok(Held {
            memory: &self.memory,
            bytes,
        })
    }

    /// Goes into a file within this one; `None` when that is too deep.
    pub(crate) fn descend(&self) -> Option<Deeper<'_>> {
        self.depth.set(self.depth.get().checked_sub(1)?);
        Some(Deeper(&self.depth))
    }

    /// Fails when the time is over.
    pub(crate) fn check_time(&self) -> Result<(), Stop> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Stop::Timeout),
            _ => Ok(()),
        }
    }

    /// When the time is over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Bytes that may be unpacked yet.
    pub(crate) fn unpacked_left(&self) -> u64 {
        self.unpacked.get()
    }

    /// Pays for bytes that were unpacked.
    pub(crate) fn spend_unpacked(&self, bytes: usize) -> Result<(), Stop> {
        self.check_time()?;
        spend(&self.unpacked, bytes as u64)
    }

    /// Pays for one entry of an archive.
    pub(crate) fn spend_entry(&self) -> Result<(), Stop> {
        self.check_time()?;
        spend(&self.entries, 1)
    }
}

fn spend(purse: &Cell<u64>, price: u64) -> Result<(), Stop> {
    let left = purse.get().checked_sub(price).ok_or(Stop::TooLarge)?;
    purse.set(left);
    Ok(())
}

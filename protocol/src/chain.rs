//! The hash chain that shows whether a report was lost, changed or sent by a second copy of a device.

use serde::{Deserialize, Serialize};

use crate::ids::KeyedHash;

/// A place in a device's chain of reports: the last number and the hash over everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last report; 0 before the first.
    pub seq: u64,
    /// The hash over all reports up to `seq`. BLAKE3, not keyed; written like a keyed hash.
    pub hash: KeyedHash,
}

impl Head {
    /// The head before any report.
    pub const START: Self = Self {
        seq: 0,
        hash: KeyedHash([0; 32]),
    };

    /// The head after one more report, given the exact bytes of its JSON.
    #[must_use]
    pub fn after(self, report: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.hash.0).update(report);
        Self {
            seq: self.seq + 1,
            hash: KeyedHash(*hasher.finalize().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_content_change_the_head() {
        let ab = Head::START.after(b"a").after(b"b");
        assert_eq!(ab.seq, 2);
        assert_ne!(ab, Head::START.after(b"b").after(b"a"));
        assert_ne!(ab.hash, Head::START.after(b"a").after(b"c").hash);
    }
}

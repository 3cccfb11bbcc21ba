//! Counts of what was found. The same value twice is one: a letterhead's telephone on fifty pages is one number. Values are known by a
//! hash whose key lives as long as the scan.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::detect::Detector;

/// Values told apart for each detector; beyond, every hit counts.
const DISTINCT: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Tally {
    hasher: RandomState,
    counts: [Count; Detector::ALL.len()],
}

#[derive(Debug, Default)]
struct Count {
    seen: HashSet<u64>,
    beyond: u32,
}

impl Tally {
    /// Counts a value.
    pub(super) fn add(&mut self, detector: Detector, value: &[u8]) {
        let Some(count) = self.counts.get_mut(detector as usize) else {
            return;
        };
        let value = self.hasher.hash_one(value);
        if count.seen.len() < DISTINCT {
            count.seen.insert(value);
        } else if !count.seen.contains(&value) {
            count.beyond = count.beyond.saturating_add(1);
        }
    }

    /// How many of each were found.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Detector, u32)> {
        Detector::ALL.iter().zip(&self.counts).map(|(detector, count)| {
            let seen = u32::try_from(count.seen.len()).unwrap_or(u32::MAX);
            (*detector, seen.saturating_add(count.beyond))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_counts_once() {
        let mut tally = Tally::default();
        for n in 0..30_000_u32 {
            tally.add(Detector::Email, &(n % 20_000).to_le_bytes());
            tally.add(Detector::Mobile, b"1");
        }
        let count = |wanted| {
            tally
                .counts()
                .find(|(detector, _)| *detector == wanted)
                .map(|(_, count)| count)
        };
        assert_eq!(count(Detector::Mobile), Some(1));
        // Those that were told apart count once, those beyond each time.
        assert_eq!(count(Detector::Email), Some(20_000));
    }
}

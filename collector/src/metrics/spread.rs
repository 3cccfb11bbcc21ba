//! How times are spread: counted by upper bounds, as histograms are told.

use std::time::Duration;

/// The upper bounds, in seconds. What took longer is counted after the last.
pub(super) const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Times, counted by bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spread {
    /// How many took at most each bound and longer than the one before; last, longer than all.
    pub counts: [u64; SECONDS.len() + 1],
    /// All of them together, in seconds.
    pub sum: f64,
}

impl Spread {
    /// Counts one more.
    pub(super) fn add(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let place = SECONDS.partition_point(|bound| *bound < seconds);
        self.counts[place] += 1;
        self.sum += seconds;
    }

    /// How many were counted.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_once_at_the_first_bound_that_holds_it() {
        let mut spread = Spread::default();
        for millis in [0, 5, 6, 10_000, 10_001, 3_600_000] {
            spread.add(Duration::from_millis(millis));
        }
        assert_eq!(spread.counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(spread.count(), 6);
        assert!((spread.sum - 3620.012).abs() < 1e-9, "{}", spread.sum);
    }
}

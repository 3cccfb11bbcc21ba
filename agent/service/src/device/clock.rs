//! The time, corrected by what the collector says.
//!
//! A PC whose clock is days off still records and reports true times. The offset outlives a restart, because the
//! first sweep runs before the first contact.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::private;

/// Smaller offsets are left alone: the way of the message alone can make them.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// A measurement whose message took longer says too little.
const SLOWEST_MESSAGE: Duration = Duration::from_secs(20);

/// The corrected time of the running service.
pub(crate) fn now() -> Timestamp {
    service().now()
}

/// The clock of the running service.
pub(crate) fn service() -> &'static Arc<Clock> {
    static SERVICE: LazyLock<Arc<Clock>> = LazyLock::new(|| Arc::new(Clock::new(Timestamp::now)));
    &SERVICE
}

/// A clock with a known offset.
pub(crate) struct Clock {
    system: Box<dyn Fn() -> Timestamp + Send + Sync>,
    offset_ms: AtomicI64,
    file: Mutex<Option<PathBuf>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    offset_ms: i64,
}

impl Clock {
    /// A clock that corrects `system`; its offset is not known yet.
    pub(crate) fn new(system: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            system: Box::new(system),
            offset_ms: AtomicI64::new(0),
            file: Mutex::new(None),
        }
    }

    /// Takes over the offset kept in the data folder and keeps it there from now on. A damaged file counts as none:
    /// the next contact measures again.
    pub(crate) fn keep_in(&self, data_dir: &Path) {
        let path = data_dir.join("clock.json");
        if let Some(kept) = std::fs::read(&path)
            .ok()
            .and_then(|text| serde_json::from_slice::<Kept>(&text).ok())
        {
            self.offset_ms.store(kept.offset_ms, Ordering::Relaxed);
        }
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }

    /// The corrected time.
    pub(crate) fn now(&self) -> Timestamp {
        let system = (self.system)();
        system.checked_sub(self.offset()).unwrap_or(system)
    }

    /// How far the system's clock is ahead of the collector's, in milliseconds, as far as it is known.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Learns from an answer that carried the collector's time and came `took` after its request. Returns whether
    /// the clock was corrected.
    pub(crate) fn learn(&self, server_time: Timestamp, took: Duration) -> bool {
        if took > SLOWEST_MESSAGE {
            return false;
        }
        let half = SignedDuration::try_from(took / 2).unwrap_or_default();
        let measured = (self.system)().duration_since(server_time) - half;
        let wanted = if measured.abs() <= TOLERANCE {
            SignedDuration::ZERO
        } else {
            measured
        };
        let change = (wanted - self.offset()).abs();
        // The true offset lies within half the message's time; less than that is noise.
        if change <= half.max(SignedDuration::from_millis(500)) {
            return false;
        }
        self.set(i64::try_from(wanted.as_millis()).unwrap_or_default());
        true
    }

    fn offset(&self) -> SignedDuration {
        SignedDuration::from_millis(self.offset_ms())
    }

    fn set(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = file.as_deref() else { return };
        let kept = serde_json::to_vec(&Kept { offset_ms }).unwrap_or_default();
        if let Err(error) = private::write(path, &kept) {
            tracing::warn!(%error, "the clock's offset could not be kept; it is measured again after a restart");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn clock_at(text: &str) -> Clock {
        let fixed = at(text);
        Clock::new(move || fixed)
    }

    #[test]
    fn a_clock_two_days_off_is_corrected_and_the_offset_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        for system in ["2026-11-23T08:00:00Z", "2026-11-19T08:00:00Z"] {
            let clock = clock_at(system);
            clock.keep_in(folder.path());
            clock.learn(at("2026-11-21T08:00:00Z"), Duration::ZERO);
            assert_eq!(clock.now(), at("2026-11-21T08:00:00Z"));

            let restarted = clock_at(system);
            restarted.keep_in(folder.path());
            assert_eq!(restarted.now(), at("2026-11-21T08:00:00Z"));
        }
    }

    #[test]
    fn half_the_messages_time_is_taken_off() {
        let clock = clock_at("2026-11-21T08:00:14Z");
        assert!(clock.learn(at("2026-11-21T08:00:00Z"), Duration::from_secs(8)));
        assert_eq!(clock.offset_ms(), 10_000);
    }

    #[test]
    fn small_offsets_noise_and_slow_messages_change_nothing() {
        let clock = clock_at("2026-11-21T08:00:01.9Z");
        assert!(!clock.learn(at("2026-11-21T08:00:00Z"), Duration::ZERO));
        let clock = clock_at("2026-11-21T09:00:00Z");
        assert!(!clock.learn(at("2026-11-21T08:00:00Z"), Duration::from_secs(21)));
        assert!(clock.learn(at("2026-11-21T08:00:00Z"), Duration::ZERO));
        assert!(!clock.learn(at("2026-11-21T08:00:00.3Z"), Duration::ZERO));
        assert_eq!(clock.offset_ms(), 3_600_000);
    }

    #[test]
    fn a_clock_that_was_set_right_loses_its_offset() {
        let clock = clock_at("2026-11-21T08:00:00Z");
        clock.set(172_800_000);
        assert!(clock.learn(at("2026-11-21T08:00:00Z"), Duration::ZERO));
        assert_eq!(clock.offset_ms(), 0);
    }

    #[test]
    fn a_damaged_file_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("clock.json"), "{\"offset_ms\": ").unwrap();
        let clock = clock_at("2026-11-21T08:00:00Z");
        clock.keep_in(folder.path());
        assert_eq!(clock.offset_ms(), 0);
    }
}

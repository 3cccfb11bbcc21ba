//! How the collector itself does, in figures: for Prometheus to read, or sent by OTLP. Never names of people, devices or
//! files; the only names are those of integrations, which an administrator chose.

mod figures;
mod otlp;
mod prometheus;
pub(crate) mod requests;
mod spread;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use otlp::Otlp;
pub(crate) use prometheus::serve;
use spread::Spread;

/// What is counted while the collector runs.
#[derive(Default)]
pub(crate) struct Metrics {
    taken: AtomicU64,
    refused: AtomicU64,
    reports: AtomicU64,
    /// How long devices waited for the answer to their reports.
    intake: Mutex<Spread>,
    /// How long everybody waited, by the kinds of address and of answer.
    requests: Mutex<BTreeMap<(&'static str, &'static str), Spread>>,
    deliveries: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Metrics {
    /// Counts a request: of which kind its address and its answer are, and how long it took.
    fn request(&self, route: &'static str, status: &'static str, took: Duration) {
        locked(&self.requests).entry((route, status)).or_default().add(took);
    }

    /// Counts a device's request: how many reports were taken of it, if it was taken at all, and how long it took.
    pub(crate) fn intake(&self, taken: Option<u64>, took: Duration) {
        match taken {
            Some(reports) => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                self.reports.fetch_add(reports, Ordering::Relaxed);
            }
            None => {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
        locked(&self.intake).add(took);
    }

    /// Counts a try to deliver letters.
    pub(crate) fn delivery(&self, integration: &str, outcome: &'static str, letters: u64) {
        *locked(&self.deliveries)
            .entry((integration.to_owned(), outcome))
            .or_default() += letters;
    }
}

/// Figures are whole between any two statements: whoever failed while counting has broken none.
fn locked<T>(figures: &Mutex<T>) -> MutexGuard<'_, T> {
    figures.lock().unwrap_or_else(PoisonError::into_inner)
}

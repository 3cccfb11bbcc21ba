//! How the collector itself does, in figures: for Prometheus to read, or sent by OTLP. Never names of people, devices or
//! files; the only names are those of integrations, which an administrator chose.

mod figures;
mod otlp;
mod prometheus;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

pub(crate) use otlp::Otlp;
pub(crate) use prometheus::serve;

/// The upper bounds of latencies, in seconds.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What is counted while the collector runs.
pub(crate) struct Metrics {
    taken: AtomicU64,
    refused: AtomicU64,
    reports: AtomicU64,
    seconds: Histogram,
    deliveries: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            taken: AtomicU64::default(),
            refused: AtomicU64::default(),
            reports: AtomicU64::default(),
            seconds: Histogram::new(SECONDS),
            deliveries: Mutex::default(),
        }
    }
}

impl Metrics {
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
        self.seconds.observe(took.as_secs_f64());
    }

    /// Counts a try to deliver letters.
    pub(crate) fn delivery(&self, integration: &str, outcome: &'static str, letters: u64) {
        let mut deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        *deliveries.entry((integration.to_owned(), outcome)).or_default() += letters;
    }
}

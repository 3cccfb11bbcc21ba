//! The uplink against a real TLS collector in this process.

mod collector;
mod enrolling;
mod ledger;
mod policy;
mod reporting;
mod through_proxy;
mod time_and_trust;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fileward_protocol::fingerprint::Fingerprint;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::Notify;

use self::collector::Collector;
use self::ledger::Ledger;
use super::{Ended, EnrolError, Pace, Settings, enrol, run};
use crate::config::Proxy;
use crate::device::clock::Clock;
use crate::device::identity::Identity;

const QUICK: Pace = Pace {
    heartbeat: Duration::from_millis(200),
    ask: Duration::from_hours(1),
    pending: Duration::from_millis(100),
    gather: Duration::from_millis(5),
    first_retry: Duration::from_millis(50),
    longest_retry: Duration::from_millis(200),
    refused: Duration::from_secs(3),
};

/// So long that a test which needs it has failed.
const NEVER: Duration = Duration::from_secs(30);

/// An agent with a data folder, a ledger and a clock.
struct Agent {
    folder: TempDir,
    ledger: Arc<Ledger>,
    clock: Arc<Clock>,
    wake: Arc<Notify>,
    pace: Pace,
    proxy: Option<Proxy>,
}

impl Agent {
    fn new() -> Self {
        Self::with_clock_ahead(SignedDuration::ZERO)
    }

    fn with_clock_ahead(ahead: SignedDuration) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            ledger: Arc::new(Ledger::new()),
            clock: Arc::new(Clock::new(move || Timestamp::now() + ahead)),
            wake: Arc::new(Notify::new()),
            pace: QUICK,
            proxy: None,
        }
    }

    async fn enrolled(collector: &Collector) -> Self {
        let agent = Self::new();
        agent.enrol(collector).await.unwrap();
        agent
    }

    fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    fn identity(&self) -> Identity {
        Identity::load(self.data_dir()).unwrap()
    }

    async fn enrol(&self, collector: &Collector) -> Result<(), EnrolError> {
        enrol(self.data_dir(), &collector.token(), fingerprint(), &self.clock, None)
            .await
            .map(drop)
    }

    /// Runs the uplink until `done`.
    async fn run_until(&self, done: impl Fn() -> bool) -> Ended {
        let stop = async {
            while !done() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(NEVER, self.run(stop))
            .await
            .expect("what the test waits for does not come")
    }

    async fn run(&self, stop: impl Future<Output = ()>) -> Ended {
        let settings = Settings {
            data_dir: self.data_dir().to_owned(),
            proxy: self.proxy.clone(),
            clock: self.clock.clone(),
            fingerprint: Box::new(fingerprint),
            pace: self.pace,
        };
        let enrolment = self.identity().into_enrolment().unwrap();
        run(self.ledger.clone(), enrolment, settings, self.wake.clone(), stop)
            .await
            .unwrap()
    }
}

fn fingerprint() -> Fingerprint {
    Fingerprint {
        model: Some("20XW".into()),
        host_name: Some("pc-7".into()),
        ..Fingerprint::default()
    }
}

//! The way to the collector: enrolment, reports, policy, and what happens when something is in the way.
//!
//! [`schedule`] decides when to talk, [`report`] what to say, [`link`] and [`client`] say it.

pub(crate) mod bundle;
mod client;
mod enrol;
mod link;
mod local;
mod renew;
mod report;
mod retry_after;
mod schedule;
mod tls;
mod trouble;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fileward_protocol::fingerprint::Fingerprint;
use tokio::sync::Notify;

pub(crate) use client::Failure;
pub(crate) use enrol::{EnrolError, Enrolled, enrol};
pub(crate) use local::{Contact, Local};
pub(crate) use schedule::Pace;

use crate::config::Proxy;
use crate::device::clock::Clock;
use crate::device::identity::{self, Enrolment};
use link::Link;
use report::Reporter;
use schedule::{Action, Event, Schedule};

/// A device that is refused looks this often whether it was enrolled anew.
const LOOK_FOR_ENROLMENT: Duration = Duration::from_secs(30);

/// What the uplink works with.
pub(crate) struct Settings {
    /// The data folder.
    pub(crate) data_dir: PathBuf,
    /// The proxy to the collector.
    pub(crate) proxy: Option<Proxy>,
    /// The clock to use and to correct.
    pub(crate) clock: Arc<Clock>,
    /// Takes the device's fingerprint.
    pub(crate) fingerprint: Box<dyn Fn() -> Fingerprint + Send + Sync>,
    /// How long things take.
    pub(crate) pace: Pace,
}

/// Why the uplink ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was asked to.
    Stopped,
    /// The device was enrolled anew: keys have changed, start again with the new identity.
    EnrolledAnew,
}

/// Talks to the collector until `stop` is done. `wake` is notified when the outbox got something.
///
/// # Errors
/// When the enrolment or the settings cannot be used at all. Whatever goes wrong later is tried again.
pub(crate) async fn run(
    local: Arc<dyn Local>,
    enrolment: Enrolment,
    settings: Settings,
    wake: Arc<Notify>,
    stop: impl Future<Output = ()>,
) -> Result<Ended, Failure> {
    let device = enrolment.device();
    let data_dir = settings.data_dir.clone();
    let mut schedule = Schedule::new(settings.pace, enrolment.binding(), chance, Instant::now());
    let link = Link::new(enrolment, settings.clock.clone(), settings.proxy.clone())?;
    let mut reporter = Reporter::new(local, link, settings);
    let talk = async {
        let mut event = Event::Due;
        loop {
            if let Some(heartbeat) = reporter.heartbeat() {
                schedule.set_heartbeat(heartbeat);
            }
            match schedule.next(event, Instant::now()) {
                Action::Exchange(scope) => event = reporter.exchange(scope).await,
                Action::WaitUntil(until) => {
                    let look = if schedule.is_refused() {
                        until.min(Instant::now() + LOOK_FOR_ENROLMENT)
                    } else {
                        until
                    };
                    event = tokio::select! {
                        () = wake.notified() => Event::Woken,
                        () = tokio::time::sleep_until(look.into()) => Event::Due,
                    };
                }
            }
            if identity::enrolled_device(&data_dir).is_some_and(|now| now != device) {
                return Ended::EnrolledAnew;
            }
        }
    };
    Ok(tokio::select! {
        () = stop => Ended::Stopped,
        ended = talk => ended,
    })
}

/// A number from 0 to 1.
fn chance() -> f64 {
    // Without a source of chance all PCs come at once; they still come.
    let number = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(number) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests;

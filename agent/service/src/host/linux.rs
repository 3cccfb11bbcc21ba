//! Signals, and systemd where it runs.

use std::io;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Change, Importance};

#[path = "linux/service.rs"]
pub(crate) mod service;

/// The signals that ask for a stop.
pub(super) struct Requests {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Requests {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
            _ = self.hang_up.recv() => (),
        }
    }
}

/// systemd starts the service as anybody would.
pub(super) fn serve(main: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    main()
}

/// The journal keeps it.
pub(super) fn keeps_output() -> bool {
    true
}

/// The journal has it already.
pub(super) fn record(_importance: Importance, _text: &str) {}

/// The watch sees a sleep by two clocks, and new users by their folders.
pub(super) fn follow(_listener: impl Fn(Change)) {}

/// The unit's `TimeoutStartSec` is long enough for all of it.
pub(super) fn starting() {}

pub(super) fn ready() {
    tell(NotifyState::Ready);
}

pub(super) fn stopping() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told how the service is");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::super::{Stops, Terminate};

    #[test]
    fn each_signal_becomes_one_terminate() {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            let mut stops = Stops::listen().unwrap();
            kill_process(getpid(), signal).unwrap();
            assert_eq!(stops.wait(), Terminate);
        }
    }
}

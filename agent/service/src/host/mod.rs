//! The OS's service manager: what it is told, and how it asks the service to stop.
//!
//! Whoever asks, be it a signal, the service manager or a part of the service itself, it becomes one [`Terminate`].

use std::io;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

pub(crate) use platform::service;
#[cfg(windows)]
pub(crate) use platform::token;

/// The service is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminate;

/// What the OS tells of the PC, where it does not show itself to the watch.
#[cfg_attr(not(windows), expect(dead_code, reason = "clocks and anchors show it there"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The PC was asleep: what happened around that is not known.
    Resumed,
    /// A user logged on, who may be new.
    LoggedOn,
}

/// How much an administrator should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Importance {
    /// Not at all.
    Normal,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

/// Hears every request to stop.
pub(crate) struct Stops {
    runtime: Runtime,
    requests: platform::Requests,
    asked: Arc<Notify>,
}

/// Asks for a stop from inside the service.
#[derive(Clone)]
pub(crate) struct Asker(Arc<Notify>);

impl Stops {
    /// Begins to listen; from here on no request is lost, and none ends the process by itself.
    ///
    /// # Errors
    /// When the OS does not let the process listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let requests = {
            let _in_runtime = runtime.enter();
            platform::Requests::listen()?
        };
        Ok(Self {
            runtime,
            requests,
            asked: Arc::default(),
        })
    }

    /// Lets a part of the service ask for a stop.
    pub(crate) fn asker(&self) -> Asker {
        Asker(self.asked.clone())
    }

    /// Waits until somebody asks.
    pub(crate) fn wait(&mut self) -> Terminate {
        self.runtime.block_on(async {
            tokio::select! {
                () = self.requests.next() => Terminate,
                () = self.asked.notified() => Terminate,
            }
        })
    }
}

impl Asker {
    /// Asks for a stop.
    pub(crate) fn ask(&self) {
        self.0.notify_one();
    }
}

/// Runs `main` as the service that the service manager started.
///
/// # Errors
/// Those of `main`, or when no service manager started this process and the OS needs one.
pub(crate) fn serve(main: impl FnOnce() -> anyhow::Result<()> + Send + 'static) -> anyhow::Result<()> {
    platform::serve(main)
}

/// Whether somebody keeps what this process writes to its standard streams.
pub(crate) fn keeps_output() -> bool {
    platform::keeps_output()
}

/// Writes into the log that administrators look at, where that is another than the one of the standard streams.
pub(crate) fn record(importance: Importance, text: &str) {
    platform::record(importance, text);
}

/// Lets `listener` hear changes of the PC, in the place of a former one.
pub(crate) fn follow(listener: impl Fn(Change) + Send + 'static) {
    platform::follow(listener);
}

/// Tells the service manager that the start goes on.
pub(crate) fn starting() {
    platform::starting();
}

/// Tells the service manager that the service works; without one, nobody.
pub(crate) fn ready() {
    platform::ready();
}

/// Tells the service manager that the service is about to end.
pub(crate) fn stopping() {
    platform::stopping();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_service_can_ask_for_a_stop_before_anybody_waits() {
        let mut stops = Stops::listen().unwrap();
        stops.asker().ask();
        assert_eq!(stops.wait(), Terminate);
    }
}

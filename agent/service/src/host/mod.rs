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

/// The service is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminate;

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

//! The service as its manager sees it: its states, the controls it takes in each, and what they ask for.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "the entry that windows-service makes"
)]

use std::ffi::OsString;
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::Notify;
use windows_service::service::{
    PowerEventParam, ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
    SessionChangeReason,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_dispatcher;
use windows_sys::Win32::Foundation::ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;

use super::super::{Change, Importance};
use super::event_log;
use super::service::NAME;
use super::settings;

pub(super) type Main = Box<dyn FnOnce() -> anyhow::Result<()> + Send>;
pub(super) type Listener = Box<dyn Fn(Change) + Send>;

/// How long the next step of the start may take: migrating a large ledger, surveying many users.
const START_STEP: Duration = Duration::from_secs(30);
/// How long a stop may take. What is not done by then is done after the next start: nothing is lost by an end at any
/// moment.
const STOP: Duration = Duration::from_millis(4500);
/// The service's own exit code for a failure; the message is in the event log.
const FAILED: u32 = 1;

static MAIN: Mutex<Option<Main>> = Mutex::new(None);
static OUTCOME: Mutex<Option<anyhow::Result<()>>> = Mutex::new(None);
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
static STOP_ASKED: Notify = Notify::const_new();
static HANDLE: OnceLock<ServiceStatusHandle> = OnceLock::new();
static PHASE: Mutex<Phase> = Mutex::new(Phase::new());

/// Where the service stands.
struct Phase {
    state: ServiceState,
    /// Counts the steps of a start or stop, so that the manager sees that it goes on.
    step: u32,
}

/// Runs `main` as the service that the manager started.
pub(super) fn serve(main: Main) -> anyhow::Result<()> {
    *lock(&MAIN) = Some(main);
    match service_dispatcher::start(NAME, service_entry) {
        Ok(()) => lock(&OUTCOME).take().unwrap_or(Ok(())),
        Err(windows_service::Error::Winapi(error))
            if error.raw_os_error().map(i32::cast_unsigned) == Some(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) =>
        {
            bail!("only the service manager starts this; by hand, start \"fileward-agent run\"")
        }
        Err(error) => Err(error).context("Failed to reach the service manager"),
    }
}

/// Whether the service manager started this process.
pub(super) fn is_in_charge() -> bool {
    HANDLE.get().is_some()
}

/// Waits until the manager asks for a stop.
pub(super) async fn stop_asked() {
    STOP_ASKED.notified().await;
}

/// Lets `listener` hear what the manager tells of the PC, in the place of a former one.
pub(super) fn follow(listener: Listener) {
    *lock(&LISTENER) = Some(listener);
}

/// Another step of the start is done. At the first, which is the log, the service sets what it wants of the manager.
pub(super) fn starting() {
    static SETTINGS: Once = Once::new();
    if is_in_charge() {
        SETTINGS.call_once(settings::apply);
        lock(&PHASE).advance(ServiceState::StartPending);
    }
}

/// The service works.
pub(super) fn ready() {
    if is_in_charge() && lock(&PHASE).advance(ServiceState::Running) {
        event_log::record(Importance::Normal, "The service runs.");
    }
}

windows_service::define_windows_service!(service_entry, entry);

fn entry(_arguments: Vec<OsString>) {
    let Ok(handle) = service_control_handler::register(NAME, on_control) else {
        // Without it nobody can be told; the manager sees that nothing answers.
        return;
    };
    HANDLE.get_or_init(|| handle);
    lock(&PHASE).advance(ServiceState::StartPending);
    let main = lock(&MAIN).take();
    let outcome = main.map_or(Ok(()), |main| main());
    match &outcome {
        Ok(()) => event_log::record(Importance::Normal, "The service stopped."),
        Err(error) => event_log::record(Importance::Error, &format!("The service failed: {error:#}")),
    }
    let failed = outcome.is_err();
    *lock(&OUTCOME) = Some(outcome);
    lock(&PHASE).end(failed);
}

/// Runs on the manager's thread, which must not be held up.
fn on_control(control: ServiceControl) -> ServiceControlHandlerResult {
    match control {
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        ServiceControl::Stop | ServiceControl::Preshutdown | ServiceControl::Shutdown => {
            if lock(&PHASE).advance(ServiceState::StopPending) {
                STOP_ASKED.notify_one();
                thread::spawn(end_in_time);
            }
            ServiceControlHandlerResult::NoError
        }
        other => match change(&other) {
            Some(change) => {
                if let Some(listener) = &*lock(&LISTENER) {
                    listener(change);
                }
                ServiceControlHandlerResult::NoError
            }
            // Of all other events of a kind that is accepted, nothing is to be done.
            None => match other {
                ServiceControl::PowerEvent(_) | ServiceControl::SessionChange(_) => {
                    ServiceControlHandlerResult::NoError
                }
                _ => ServiceControlHandlerResult::NotImplemented,
            },
        },
    }
}

/// What a control tells of the PC.
fn change(control: &ServiceControl) -> Option<Change> {
    match control {
        ServiceControl::PowerEvent(PowerEventParam::ResumeAutomatic | PowerEventParam::ResumeCritical) => {
            Some(Change::Resumed)
        }
        ServiceControl::SessionChange(session) if session.reason == SessionChangeReason::SessionLogon => {
            Some(Change::LoggedOn)
        }
        _ => None,
    }
}

/// A part that hangs, such as one that waits for a network drive, must not hold up the PC's shutdown or an upgrade.
fn end_in_time() {
    thread::sleep(STOP);
    tracing::warn!("a part of the service did not end in time and was left behind");
    lock(&PHASE).end(false);
    std::process::exit(0);
}

impl Phase {
    const fn new() -> Self {
        Self {
            state: ServiceState::Stopped,
            step: 0,
        }
    }

    /// Goes on to a state, or one step further in it, and tells the manager; never back. Says whether the state is new.
    fn advance(&mut self, to: ServiceState) -> bool {
        use ServiceState::{Running, StartPending, StopPending, Stopped};
        let is_new = match (self.state, to) {
            (Stopped, StartPending) | (StartPending, Running | StopPending) | (Running, StopPending) => true,
            (StartPending, StartPending) => false,
            _ => return false,
        };
        self.step = if is_new { 0 } else { self.step };
        self.state = to;
        self.step += 1;
        self.tell(ServiceExitCode::NO_ERROR);
        is_new
    }

    /// The end; nothing follows it.
    fn end(&mut self, failed: bool) {
        self.state = ServiceState::Stopped;
        self.tell(if failed {
            ServiceExitCode::ServiceSpecific(FAILED)
        } else {
            ServiceExitCode::NO_ERROR
        });
    }

    fn status(&self, exit_code: ServiceExitCode) -> ServiceStatus {
        let (controls_accepted, wait_hint) = match self.state {
            ServiceState::Running => (
                ServiceControlAccept::STOP
                    | ServiceControlAccept::PRESHUTDOWN
                    | ServiceControlAccept::POWER_EVENT
                    | ServiceControlAccept::SESSION_CHANGE,
                Duration::ZERO,
            ),
            ServiceState::StartPending => (ServiceControlAccept::STOP, START_STEP),
            ServiceState::StopPending => (ServiceControlAccept::empty(), STOP),
            _ => (ServiceControlAccept::empty(), Duration::ZERO),
        };
        let is_pending = matches!(self.state, ServiceState::StartPending | ServiceState::StopPending);
        ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: self.state,
            controls_accepted,
            exit_code,
            checkpoint: if is_pending { self.step } else { 0 },
            wait_hint,
            process_id: None,
        }
    }

    fn tell(&self, exit_code: ServiceExitCode) {
        let Some(handle) = HANDLE.get() else { return };
        if let Err(error) = handle.set_service_status(self.status(exit_code)) {
            tracing::warn!(%error, "the service manager could not be told how the service is");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use windows_service::service::{SessionChangeParam, SessionNotification};

    use super::*;

    #[test]
    fn the_states_follow_each_other_and_never_go_back() {
        let mut phase = Phase::new();
        assert!(!phase.advance(ServiceState::Running));
        assert!(phase.advance(ServiceState::StartPending));
        assert!(!phase.advance(ServiceState::StartPending));
        let starting = phase.status(ServiceExitCode::NO_ERROR);
        assert_eq!((starting.checkpoint, starting.wait_hint), (2, START_STEP));
        assert!(phase.advance(ServiceState::Running));
        assert!(!phase.advance(ServiceState::StartPending));
        let running = phase.status(ServiceExitCode::NO_ERROR);
        assert_eq!((running.checkpoint, running.wait_hint), (0, Duration::ZERO));
        assert!(running.controls_accepted.contains(ServiceControlAccept::PRESHUTDOWN));
        assert!(phase.advance(ServiceState::StopPending));
        assert!(!phase.advance(ServiceState::Running));
        let stopping = phase.status(ServiceExitCode::NO_ERROR);
        assert_eq!(stopping.controls_accepted, ServiceControlAccept::empty());
        assert!(stopping.wait_hint <= Duration::from_secs(5));
        phase.end(true);
        assert_eq!(
            phase.status(ServiceExitCode::NO_ERROR).current_state,
            ServiceState::Stopped
        );
    }

    #[test]
    fn a_resume_and_a_logon_are_changes_and_nothing_else_is() {
        let session = |reason| {
            let notification = SessionNotification { size: 8, session_id: 1 };
            change(&ServiceControl::SessionChange(SessionChangeParam {
                reason,
                notification,
            }))
        };
        assert_eq!(session(SessionChangeReason::SessionLogon), Some(Change::LoggedOn));
        assert_eq!(session(SessionChangeReason::SessionLock), None);
        let power = |event| change(&ServiceControl::PowerEvent(event));
        assert_eq!(power(PowerEventParam::ResumeAutomatic), Some(Change::Resumed));
        assert_eq!(power(PowerEventParam::Suspend), None);
        assert_eq!(change(&ServiceControl::TimeChange), None);
    }

    #[test]
    fn what_the_manager_did_not_start_says_so() {
        let error = serve(Box::new(|| Ok(()))).unwrap_err().to_string();
        assert!(error.contains("fileward-agent run"), "{error}");
    }
}

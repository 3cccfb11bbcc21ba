//! The agent as a service of Windows.

use std::ffi::OsString;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use windows_service::Error;
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::{ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_EXISTS};

use super::{event_log, token};

/// The service's name.
pub(super) const NAME: &str = "fileward-agent";
const DISPLAY_NAME: &str = "Fileward";
/// How the service manager starts the program.
const ARGUMENTS: [&str; 2] = ["service", "run"];

/// The longest wait for a start or a stop.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(200);

/// Installs the service for this program, and starts it now and at every boot.
///
/// # Errors
/// Without an administrator's rights, or when the service manager refuses.
pub(crate) fn install() -> Result<()> {
    require_administrator()?;
    let program = std::env::current_exe().context("Failed to find out where this program lies")?;
    let info = ServiceInfo {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: program,
        launch_arguments: ARGUMENTS.map(OsString::from).to_vec(),
        dependencies: Vec::new(),
        // LocalSystem.
        account_name: None,
        account_password: None,
    };
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    let access =
        ServiceAccess::QUERY_STATUS | ServiceAccess::START | ServiceAccess::STOP | ServiceAccess::CHANGE_CONFIG;
    let service = match manager.create_service(&info, access) {
        Err(error) if is(&error, ERROR_SERVICE_EXISTS) => {
            let service = manager.open_service(NAME, access)?;
            service.change_config(&info)?;
            stop(&service)?;
            service
        }
        result => result.context("Failed to install the service")?,
    };
    start(&service)
}

/// Stops the service and takes it away; the state folder stays.
///
/// # Errors
/// Without an administrator's rights, when it is not installed, or when the service manager refuses.
pub(crate) fn uninstall() -> Result<()> {
    require_administrator()?;
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::STOP | ServiceAccess::DELETE;
    let service = open(access)?.context("the service is not installed")?;
    stop(&service)?;
    service.delete().context("Failed to take the service away")?;
    event_log::unregister();
    Ok(())
}

/// How the service manager sees the service, such as `running, starts with the PC`.
///
/// # Errors
/// When the service manager cannot be asked.
pub(crate) fn status() -> Result<String> {
    let Some(service) = open(ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG)? else {
        return Ok("not installed".to_owned());
    };
    let state = match service.query_status()?.current_state {
        ServiceState::Running => "running",
        ServiceState::StartPending => "starting",
        ServiceState::StopPending => "stopping",
        _ => "stopped",
    };
    let start = match service.query_config()?.start_type {
        ServiceStartType::AutoStart => "starts with the PC",
        ServiceStartType::OnDemand => "starts when it is asked to",
        _ => "switched off",
    };
    Ok(format!("{state}, {start}"))
}

/// Whether the service runs.
///
/// # Errors
/// When the service manager cannot be asked.
pub(crate) fn is_running() -> Result<bool> {
    let Some(service) = open(ServiceAccess::QUERY_STATUS)? else {
        return Ok(false);
    };
    Ok(service.query_status()?.current_state != ServiceState::Stopped)
}

/// Lets a running service take up a changed identity; does nothing where none runs.
///
/// # Errors
/// When the service manager refuses.
pub(crate) fn restart_if_running() -> Result<bool> {
    let running = is_running()?;
    if running {
        let access = ServiceAccess::QUERY_STATUS | ServiceAccess::START | ServiceAccess::STOP;
        let service = open(access)?.context("the service was taken away meanwhile")?;
        stop(&service)?;
        service.start(&[] as &[&str]).context("Failed to start the service")?;
    }
    Ok(running)
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager> {
    ServiceManager::local_computer(None::<&str>, access).context("Failed to reach the service manager")
}

/// The service; `None` where it is not installed.
fn open(access: ServiceAccess) -> Result<Option<Service>> {
    match manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, access) {
        Ok(service) => Ok(Some(service)),
        Err(error) if is(&error, ERROR_SERVICE_DOES_NOT_EXIST) => Ok(None),
        Err(error) => Err(error).context("Failed to open the service"),
    }
}

fn is(error: &Error, code: u32) -> bool {
    matches!(error, Error::Winapi(error) if error.raw_os_error().map(i32::cast_unsigned) == Some(code))
}

fn require_administrator() -> Result<()> {
    ensure!(
        token::is_administrator().unwrap_or(false),
        "only an administrator can do this; run it in a console that was started as administrator"
    );
    Ok(())
}

fn start(service: &Service) -> Result<()> {
    service.start(&[] as &[&str]).context("Failed to start the service")?;
    match wait(service, &[ServiceState::Running, ServiceState::Stopped])? {
        ServiceState::Running => Ok(()),
        _ => bail!("the service ended at once; the event log tells why (source Fileward)"),
    }
}

fn stop(service: &Service) -> Result<()> {
    match service.stop() {
        Ok(_) => {}
        Err(_) if service.query_status()?.current_state == ServiceState::Stopped => return Ok(()),
        Err(error) => return Err(error).context("Failed to stop the service"),
    }
    wait(service, &[ServiceState::Stopped]).map(drop)
}

fn wait(service: &Service, wanted: &[ServiceState]) -> Result<ServiceState> {
    let began = Instant::now();
    loop {
        let state = service.query_status()?.current_state;
        if wanted.contains(&state) {
            return Ok(state);
        }
        if began.elapsed() > PATIENCE {
            return Err(io::Error::from(io::ErrorKind::TimedOut)).context("The service takes too long");
        }
        thread::sleep(PAUSE);
    }
}

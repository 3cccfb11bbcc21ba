//! What the service sets of itself at each start, so that it holds whoever installed it, be it the MSI or the command.
#![allow(unsafe_code)]

use std::io;
use std::time::Duration;

use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceFailureActions, ServiceFailureResetPeriod,
    ServiceSidType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, SERVICE_REQUIRED_PRIVILEGES_INFOW,
};

use super::event_log;
use super::service::NAME;

const DESCRIPTION: &str = "Finds work files outside the approved encrypted store and tells the employee. It does not read messages and does not send content.";
/// Waits before the first, the second and each further restart after a failure.
const RESTARTS: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(1)];
/// After this long without a failure, they are counted anew.
const FORGIVEN: Duration = Duration::from_hours(24);
/// How long a shutdown of the PC waits for the service.
const PRESHUTDOWN: Duration = Duration::from_secs(5);

/// The rights of `LocalSystem` that the service keeps; all others are taken from it before its next start.
const PRIVILEGES: &[&str] = &[
    // To open what lies below folders that it may not list.
    "SeChangeNotifyPrivilege",
    // To read every user's files and, of users who are logged off, the registry; to set aside a folder that is not its own.
    "SeBackupPrivilege",
    "SeRestorePrivilege",
    // To read the change journals of volumes, wherever being the system is not enough for that.
    "SeManageVolumePrivilege",
    // To know who speaks on the pipe.
    "SeImpersonatePrivilege",
    // To start the inspect worker with a token that has next to no rights, in a job with limits.
    "SeAssignPrimaryTokenPrivilege",
    "SeIncreaseQuotaPrivilege",
];

/// One setting.
type Step = fn(&Service) -> windows_service::Result<()>;

/// Sets all of it. What an old Windows refuses is told in the log and changes nothing else.
pub(super) fn apply() {
    let tell = |what: &str, error: &dyn std::error::Error| {
        let error = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!(error, "the service could not set its {what}");
    };
    if let Err(error) = event_log::register() {
        tell("source of events", &error);
    }
    let service = match open() {
        Ok(service) => service,
        Err(error) => return tell("own settings", &error),
    };
    let steps: [(&str, Step); 6] = [
        ("description", |service| service.set_description(DESCRIPTION)),
        ("restarts", |service| service.update_failure_actions(failure_actions())),
        ("restarts after failures it reports", |service| {
            service.set_failure_actions_on_non_crash_failures(true)
        }),
        ("time at shutdown", |service| {
            service.set_preshutdown_timeout(PRESHUTDOWN)
        }),
        ("own id", |service| {
            service.set_config_service_sid_info(ServiceSidType::Unrestricted)
        }),
        ("privileges", |service| {
            require_privileges(service).map_err(windows_service::Error::Winapi)
        }),
    ];
    for (what, set) in steps {
        if let Err(error) = set(&service) {
            tell(what, &error);
        }
    }
}

fn open() -> windows_service::Result<Service> {
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)?;
    // To let the manager start a service again takes the right to start it.
    manager.open_service(NAME, ServiceAccess::CHANGE_CONFIG | ServiceAccess::START)
}

fn failure_actions() -> ServiceFailureActions {
    let restart = |delay| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay,
    };
    ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGIVEN),
        reboot_msg: None,
        command: None,
        actions: Some(RESTARTS.map(restart).to_vec()),
    }
}

fn require_privileges(service: &Service) -> io::Result<()> {
    let mut names: Vec<u16> = PRIVILEGES
        .iter()
        .flat_map(|name| name.encode_utf16().chain([0]))
        .chain([0])
        .collect();
    let info = SERVICE_REQUIRED_PRIVILEGES_INFOW {
        pmszRequiredPrivileges: names.as_mut_ptr(),
    };
    // SAFETY: the handle is open, and the list, which ends with an empty name, outlives the call.
    let set = unsafe {
        ChangeServiceConfig2W(
            service.raw_handle(),
            SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
            (&raw const info).cast(),
        )
    };
    if set == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

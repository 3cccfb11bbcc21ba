//! `fileward-agent service`: the agent in the OS's service manager.

use std::io::{self, Write as _};

use anyhow::ensure;

use super::folders::Folders;
use super::run::Run;
use crate::config::{may_be_system, system_state};
use crate::device::identity;
use crate::host;

/// What to do with the service.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Install it and start it, now and at every boot.
    Install,
    /// Stop it and take it away; what it knows stays.
    Uninstall,
    /// Say whether it runs.
    Status,
    /// Run as the service manager starts it.
    #[command(hide = true)]
    Run,
}

/// Does it.
///
/// # Errors
/// Without a service manager, without the rights, or when the service manager refuses.
pub(super) fn run(action: Action, folders: Folders) -> anyhow::Result<()> {
    let said = match action {
        Action::Install => {
            require_enrolment()?;
            host::service::install()?;
            "The service is installed and started.".to_owned()
        }
        Action::Uninstall => {
            host::service::uninstall()?;
            "The service is stopped and taken away; its state folder stays.".to_owned()
        }
        Action::Status => host::service::status()?,
        Action::Run => return host::serve(move || Run::of_service().run(&folders)),
    };
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}

/// A service without an identity would only wait. Without the rights to see one, installing fails by itself.
fn require_enrolment() -> anyhow::Result<()> {
    ensure!(
        !may_be_system() || identity::is_enrolled(&system_state()),
        "this PC is not enrolled; run \"fileward-agent enrol --token -\" first, then install the service"
    );
    Ok(())
}

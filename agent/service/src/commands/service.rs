//! `fileward-agent service`: the agent in the OS's service manager.

use std::io::{self, Write as _};

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
}

/// Does it.
///
/// # Errors
/// Without a service manager, without the rights, or when the service manager refuses.
pub(crate) fn run(action: Action) -> anyhow::Result<()> {
    let said = match action {
        Action::Install => {
            host::service::install()?;
            "The service is installed and started.".to_owned()
        }
        Action::Uninstall => {
            host::service::uninstall()?;
            "The service is stopped and taken away; its state folder stays.".to_owned()
        }
        Action::Status => host::service::status()?,
    };
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}

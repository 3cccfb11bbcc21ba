//! `verify`: checks that nothing kept is missing or was changed.

use anyhow::{Result, bail};

use super::DataDir;
use crate::output;
use crate::store::upkeep::Verification;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    tell(&arguments.data.open().await?.store.verify().await?)
}

/// Says what a check found; an error if that is anything.
pub(super) fn tell(found: &Verification) -> Result<()> {
    if !found.faults.is_empty() {
        bail!(
            "Not all is well; restore the database from a backup:\n{}",
            found.faults.join("\n")
        );
    }
    output::line(&format!(
        "all is well: {} reports of {} devices, {} lines of the audit trail",
        found.reports, found.devices, found.audit_lines
    ))
}

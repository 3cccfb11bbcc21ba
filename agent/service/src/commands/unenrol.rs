//! `fileward-agent unenrol`: this PC forgets that it is a device of a collector.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{bail, ensure};

use crate::device::identity;
use crate::host;
use crate::uplink::bundle;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Confirms that the identity is to be removed.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Removes identity and policy. The collector is not told: an administrator retires the device there.
///
/// # Errors
/// Without confirmation, or when there is nothing to remove.
pub(crate) fn run(data_dir: &Path, yes: bool) -> anyhow::Result<()> {
    ensure!(identity::is_enrolled(data_dir), "this PC is not enrolled");
    if !yes {
        bail!(
            "this removes the device's key and certificate for good, and reports that were not sent yet stay on this PC; add --yes to do it"
        );
    }
    identity::remove(data_dir)?;
    bundle::remove(data_dir)?;
    writeln!(
        io::stdout(),
        "This PC is not enrolled any more. Let an administrator retire the device at the collector."
    )?;
    let is_system = data_dir == Path::new(crate::config::SYSTEM_STATE);
    if is_system && host::service::restart_if_running()? {
        writeln!(io::stdout(), "The service was restarted without an identity.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nothing_is_removed_without_confirmation() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("identity/enrolment.json");
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, "{}").unwrap();
        fs::write(folder.path().join("policy.json"), "{}").unwrap();
        fs::write(folder.path().join("agent.db"), "findings").unwrap();
        assert!(run(folder.path(), false).unwrap_err().to_string().contains("--yes"));
        assert!(record.exists());
        run(folder.path(), true).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["agent.db"]);
    }

    #[test]
    fn a_pc_that_is_not_enrolled_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            run(folder.path(), true)
                .unwrap_err()
                .to_string()
                .contains("not enrolled")
        );
    }
}

//! `fileward-agent unenrol`: this PC forgets that it is a device of a collector.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{bail, ensure};

use super::run;
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
/// Without confirmation, when there is nothing to remove, or when an agent that cannot be restarted from here runs: it would
/// go on reporting as the device.
pub(crate) fn run(data_dir: &Path, yes: bool) -> anyhow::Result<()> {
    ensure!(identity::is_enrolled(data_dir), "this PC is not enrolled");
    if !yes {
        bail!(
            "this removes the device's key and certificate for good, and reports that were not sent yet stay on this PC; add --yes to do it"
        );
    }
    let by_system_service = data_dir == crate::config::system_state() && host::service::is_running()?;
    let alone = if by_system_service {
        None
    } else {
        Some(run::lock(data_dir)?)
    };
    identity::remove(data_dir)?;
    bundle::remove(data_dir)?;
    drop(alone);
    writeln!(
        io::stdout(),
        "This PC is not enrolled any more. Let an administrator retire the device at the collector."
    )?;
    if by_system_service && host::service::restart_if_running()? {
        writeln!(io::stdout(), "The service was restarted without an identity.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// The state folder of an enrolled device, and the file that says that it is one.
    fn enrolled() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("identity/enrolment.json");
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, "{}").unwrap();
        fs::write(folder.path().join("policy.json"), "{}").unwrap();
        fs::write(folder.path().join("agent.db"), "findings").unwrap();
        (folder, record)
    }

    #[test]
    fn nothing_is_removed_while_an_agent_runs_that_would_go_on_reporting() {
        let (folder, record) = enrolled();
        let running = run::lock(folder.path()).unwrap();
        let error = run(folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("stop it first"), "{error}");
        assert!(record.exists());
        drop(running);
        run(folder.path(), true).unwrap();
        assert!(!record.exists());
    }

    #[test]
    fn nothing_is_removed_without_confirmation() {
        let (folder, record) = enrolled();
        assert!(run(folder.path(), false).unwrap_err().to_string().contains("--yes"));
        assert!(record.exists());
        run(folder.path(), true).unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["agent.db", "lock"]);
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

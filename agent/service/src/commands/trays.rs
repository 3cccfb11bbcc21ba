//! The trays that run on this PC.

#[cfg(unix)]
#[path = "trays/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "trays/windows.rs"]
mod platform;

use std::path::Path;

use anyhow::{Context as _, Result};
use sysinfo::{Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// Ends whatever runs the tray that lies beside `program`, in every session. A tray loses nothing: what it moves is whole in
/// one place at least.
///
/// # Errors
/// When there is no tray beside it, or the programs that run cannot be listed.
pub(super) fn end(program: &Path) -> Result<()> {
    let tray = program.with_file_name(format!("fileward-tray{}", std::env::consts::EXE_SUFFIX));
    let tray = tray
        .canonicalize()
        .with_context(|| format!("Failed to find {}", tray.display()))?;
    let mut system = System::new().context("Failed to list the programs that run")?;
    let wanted = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    let is_tray = |process: &&Process| {
        let program = process.exe().and_then(|exe| exe.canonicalize().ok());
        program.as_ref() == Some(&tray)
    };
    system.processes().values().filter(is_tray).for_each(platform::end);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn trays_of_this_installation_end_and_no_other_program() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let [agent, tray, other] = ["fileward-agent", "fileward-tray", "fileward-tray-2"].map(name);
        // This test, asked for nothing but to wait.
        let waiting = |program: &Path| {
            std::fs::copy(std::env::current_exe().unwrap(), program).unwrap();
            let mut command = Command::new(program);
            command.args(["--ignored", "--exact", "commands::trays::tests::waits"]);
            command.stdout(Stdio::null()).spawn().unwrap()
        };
        let (mut ends, mut stays) = (waiting(&tray), waiting(&other));
        end(&agent).unwrap();
        assert!(!ends.wait().unwrap().success());
        assert!(stays.try_wait().unwrap().is_none());
        stays.kill().unwrap();
        stays.wait().unwrap();
        end(&agent).unwrap();
    }

    #[test]
    #[ignore = "not a test: what the test above ends"]
    fn waits() {
        std::thread::sleep(std::time::Duration::from_secs(30));
    }
}

//! The agent as a service of systemd.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

const NAME: &str = "fileward-agent.service";
const UNIT: &str = include_str!("../../../../../service-files/fileward-agent.service");
const WORKER_USER: &str = include_str!("../../../../../service-files/fileward-worker.conf");
const INSTALLED_PROGRAM: &str = "/usr/bin/fileward-agent";

/// Where systemd keeps what an administrator adds.
fn unit_file() -> PathBuf {
    Path::new("/etc/systemd/system").join(NAME)
}

fn worker_user_file() -> &'static Path {
    Path::new("/etc/sysusers.d/fileward-worker.conf")
}

/// Installs the service for this program, and starts it now and at every boot.
///
/// # Errors
/// Without systemd, without root's rights, or when systemd refuses.
pub(crate) fn install() -> anyhow::Result<()> {
    require_systemd()?;
    require_root()?;
    let program = std::env::current_exe().context("Failed to find out where this program lies")?;
    let unit = unit_for(&program)?;
    write(worker_user_file(), WORKER_USER)?;
    run("systemd-sysusers", &["fileward-worker.conf"])?;
    write(&unit_file(), &unit)?;
    run("systemctl", &["daemon-reload"])?;
    run("systemctl", &["enable", "--now", NAME])
}

/// Stops the service and takes it away; the state folder stays.
///
/// # Errors
/// Without systemd, without root's rights, when it is not installed here, or when systemd refuses.
pub(crate) fn uninstall() -> anyhow::Result<()> {
    require_systemd()?;
    require_root()?;
    let unit = unit_file();
    ensure!(
        unit.exists(),
        "the service was not installed by \"fileward-agent service install\"; a package's service is removed with its package"
    );
    run("systemctl", &["disable", "--now", NAME])?;
    for file in [unit.as_path(), worker_user_file()] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("Failed to remove {}", file.display()));
            }
            _ => {}
        }
    }
    run("systemctl", &["daemon-reload"])
}

/// How systemd sees the service, such as `active, enabled`.
///
/// # Errors
/// Without systemd.
pub(crate) fn status() -> anyhow::Result<String> {
    require_systemd()?;
    Ok(format!("{}, {}", ask("is-active")?, ask("is-enabled")?))
}

/// Whether the service runs.
///
/// # Errors
/// When systemd cannot be asked.
pub(crate) fn is_running() -> anyhow::Result<bool> {
    Ok(require_systemd().is_ok() && ask("is-active")? == "active")
}

/// Lets a running service take up a changed identity; does nothing where none runs.
///
/// # Errors
/// When systemd refuses.
pub(crate) fn restart_if_running() -> anyhow::Result<bool> {
    let running = is_running()?;
    if running {
        run("systemctl", &["restart", NAME])?;
    }
    Ok(running)
}

/// The unit with the program's own place in it.
fn unit_for(program: &Path) -> anyhow::Result<String> {
    let Some(program) = program.to_str() else {
        bail!("the program's path must be readable as text; install it as {INSTALLED_PROGRAM}");
    };
    let escaped = program
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
        .replace('$', "$$");
    let plain = escaped == program && !program.contains(char::is_whitespace);
    let program = if plain { escaped } else { format!("\"{escaped}\"") };
    Ok(UNIT.replace(
        &format!("ExecStart={INSTALLED_PROGRAM} "),
        &format!("ExecStart={program} "),
    ))
}

fn require_systemd() -> anyhow::Result<()> {
    let booted = sd_notify::booted().unwrap_or(false);
    ensure!(
        booted,
        "this system was not started by systemd; start \"fileward-agent run\" by its own service manager"
    );
    Ok(())
}

fn require_root() -> anyhow::Result<()> {
    ensure!(
        rustix::process::geteuid().is_root(),
        "only root can do this; run it with sudo"
    );
    Ok(())
}

fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    let folder = path.parent().context("Failed to find the folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, content))
        .with_context(|| format!("Failed to write {}", path.display()))
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("Failed to run {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{program} {} failed: {}",
        arguments.join(" "),
        said.trim()
    );
    Ok(())
}

/// One word of systemd about the service; its exit status says the same and is not looked at.
fn ask(question: &str) -> anyhow::Result<String> {
    let output = Command::new("systemctl")
        .args([question, NAME])
        .output()
        .context("Failed to run systemctl")?;
    let word = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(if word.is_empty() {
        "not installed".to_owned()
    } else {
        word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_starts_the_program_where_it_lies() {
        let unit = unit_for(Path::new("/opt/fileward/fileward-agent")).unwrap();
        assert!(unit.contains("\nExecStart=/opt/fileward/fileward-agent run\n"));
        assert!(!unit.contains(INSTALLED_PROGRAM));
        assert_eq!(unit_for(Path::new(INSTALLED_PROGRAM)).unwrap(), UNIT);
    }

    #[test]
    fn a_path_that_systemd_would_read_otherwise_is_quoted() {
        let unit = unit_for(Path::new("/opt/50% \"off\"/fileward-agent")).unwrap();
        assert!(unit.contains("\nExecStart=\"/opt/50%% \\\"off\\\"/fileward-agent\" run\n"));
    }
}

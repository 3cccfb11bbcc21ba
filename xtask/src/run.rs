//! Running commands of the workspace.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// The workspace's root folder.
pub(crate) fn root() -> Result<PathBuf> {
    // As `cargo run` says it: a cache of what is built may have come from another folder.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("Failed to find the workspace: not run by cargo")?;
    let here = PathBuf::from(here);
    Ok(here
        .parent()
        .context("Failed to find the workspace above xtask")?
        .to_owned())
}

/// Cargo's target folder.
pub(crate) fn target() -> Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => Ok(root()?.join(folder)),
        None => Ok(root()?.join("target")),
    }
}

/// The cargo that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?).args(arguments);
    Ok(command)
}

/// Runs a step to its end and says what it was and how long it took.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("Failed to start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    println!("    {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Whether `program` is on the PATH.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

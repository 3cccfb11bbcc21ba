//! Builds the packages of Fileward, for `cargo xtask dist` and for the tests that install them.

pub mod windows;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs a tool to its end.
///
/// # Errors
/// When it cannot be started or fails; what it said is part of the error, its arguments are not: they may name secrets.
fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("Failed to start {name}"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    ensure!(
        output.status.success(),
        "{name} failed ({}): {} {}",
        output.status,
        said(&output.stderr),
        said(&output.stdout)
    );
    Ok(said(&output.stdout))
}

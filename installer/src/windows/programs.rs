//! Building the programs, with the same bytes whatever folder they are built in.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::TARGET;
use super::toolchain::Toolchain;

/// What an employee's PC gets.
pub const PROGRAMS: [&str; 2] = ["fileward-agent.exe", "fileward-tray.exe"];
/// What the MSI runs while it installs, and does not leave behind.
pub const SETUP: &str = "fileward_setup.dll";

const PACKAGES: [&str; 3] = ["fileward-agent", "fileward-tray", "fileward-setup"];

/// Builds the programs of the workspace at `root` for release; the folder they are in.
///
/// # Errors
/// When cargo fails.
pub fn build(toolchain: Toolchain, root: &Path, target: &Path) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("build");
    cargo.current_dir(root).arg("--release").arg("--target-dir").arg(target);
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
    let names = neutral_names(root, target)?;
    let c_flags = names.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}"));
    let c_flags: Vec<String> = c_flags.collect();
    let status = cargo
        .env("CARGO_ENCODED_RUSTFLAGS", "-Clink-arg=-Wl,--no-insert-timestamp")
        .env("RUSTC_WRAPPER", wrapper(target, &names)?)
        .env(format!("CFLAGS_{}", TARGET.replace('-', "_")), c_flags.join(" "))
        .status()
        .context("Failed to start cargo")?;
    ensure!(status.success(), "cargo failed ({status})");
    Ok(target.join(TARGET).join("release"))
}

/// A program that calls the compiler with the neutral names. Were they flags of cargo's, it would name its files after them, and
/// the linker sorts what the programs import by the names of files.
fn wrapper(target: &Path, names: &[(String, &str)]) -> Result<PathBuf> {
    let flags = names
        .iter()
        .map(|(from, to)| format!(" '--remap-path-prefix={from}={to}'"));
    let script = format!("#!/bin/sh\nexec \"$@\"{}\n", flags.collect::<String>());
    let file = target.join("neutral-rustc");
    fs::create_dir_all(target)
        .and_then(|()| fs::write(&file, script))
        .and_then(|()| fs::set_permissions(&file, Permissions::from_mode(0o755)))
        .with_context(|| format!("Failed to write {}", file.display()))?;
    Ok(file)
}

/// The folders of this PC, and what stands in the programs instead; of those that match the last one counts.
fn neutral_names(root: &Path, target: &Path) -> Result<[(String, &'static str); 3]> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let text = |path: &Path| {
        let text = path
            .to_str()
            .context("Failed to build in a folder whose name is no text")?;
        ensure!(
            !text.contains([' ', '=', '\'']),
            "the C compiler's flags cannot name the folder {text}"
        );
        Ok(text.to_owned())
    };
    Ok([
        (text(&cargo.context("Failed to find cargo's folder")?)?, "/cargo"),
        (text(root)?, "/fileward"),
        (text(target)?, "/target"),
    ])
}

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

/// What has these programs, and what makes [`SETUP`].
pub const PACKAGES: [&str; 3] = ["fileward-agent", "fileward-tray", SETUP_PACKAGE];
/// What makes [`SETUP`] alone.
pub const SETUP_PACKAGE: &str = "fileward-setup";

/// The linker, as the target's compiler calls it.
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Builds packages of the workspace at `root` for release; the folder of their programs.
///
/// # Errors
/// When cargo fails.
pub fn build(toolchain: Toolchain, root: &Path, target: &Path, packages: &[&str]) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("build");
    cargo.current_dir(root).arg("--release").arg("--target-dir").arg(target);
    for package in packages {
        cargo.args(["--package", package]);
    }
    let names = neutral_names(root, target)?;
    let c_flags = names.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}"));
    let c_flags: Vec<String> = c_flags.collect();
    let status = cargo
        .env("CARGO_ENCODED_RUSTFLAGS", "-Clink-arg=-Wl,--no-insert-timestamp")
        .env(
            "RUSTC_WRAPPER",
            script(&target.join("neutral-rustc"), &compiler(&names))?,
        )
        .env(
            format!("CARGO_TARGET_{}_LINKER", TARGET.to_uppercase().replace('-', "_")),
            script(&target.join("neutral-linker"), &linker(&names))?,
        )
        .env(format!("CFLAGS_{}", TARGET.replace('-', "_")), c_flags.join(" "))
        .status()
        .context("Failed to start cargo")?;
    ensure!(status.success(), "cargo failed ({status})");
    Ok(target.join(TARGET).join("release"))
}

/// Calls the compiler with the neutral names. Were they flags of cargo's, it would name its files after them.
fn compiler(names: &Names) -> String {
    let flags = names
        .iter()
        .map(|(from, to)| format!(" '--remap-path-prefix={from}={to}'"));
    format!("exec \"$@\"{}\n", flags.collect::<String>())
}

/// Calls the linker with names relative to the target folder: it sorts what the programs import by the names of files, and a
/// folder may come before or after that of the system's libraries.
fn linker([.., (target, _)]: &Names) -> String {
    format!(
        "cd '{target}' || exit\nfor name; do\n  shift\n  set -- \"$@\" \"${{name#'{target}/'}}\"\ndone\nexec {LINKER} \"$@\"\n"
    )
}

/// Writes a script that cargo calls.
fn script(file: &Path, text: &str) -> Result<PathBuf> {
    let folder = file.parent().context("Failed to find the folder of a script")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, format!("#!/bin/sh\n{text}")))
        .and_then(|()| fs::set_permissions(file, Permissions::from_mode(0o755)))
        .with_context(|| format!("Failed to write {}", file.display()))?;
    Ok(file.to_owned())
}

/// Folders of this PC, the target folder last, and what stands in the programs instead.
type Names = [(String, &'static str); 3];

/// The folders of this PC, and what stands in the programs instead; of those that match the last one counts.
fn neutral_names(root: &Path, target: &Path) -> Result<Names> {
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

//! `cargo xtask test`: everything that must hold before a change lands.

use std::process::Command;

use anyhow::Result;
use fileward_installer::windows::toolchain::Toolchain;

use crate::run::{cargo, on_path, root, step, target};
use crate::{dist, fuzz, packages};

/// What runs on Windows, too.
const WINDOWS_PACKAGES: [&str; 10] = [
    "fileward-protocol",
    "fileward-policy",
    "fileward-places",
    "fileward-inspect",
    "fileward-ipc",
    "fileward-memory",
    "fileward-service",
    "fileward-tray",
    "fileward-worker",
    "fileward-setup",
];

/// Checks and tests everything; with a filter, only the end-to-end tests on Linux whose names contain it.
pub(crate) fn test(filter: Option<&str>) -> Result<()> {
    packages::ensure_for_tests()?;
    if filter.is_none() {
        step("format", &mut cargo(&["fmt", "--all", "--check"])?)?;
        step(
            "clippy",
            &mut cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--features=fileward-tests/windows",
                "--locked",
                "--",
                "-D",
                "warnings",
            ])?,
        )?;
        step(
            "documentation",
            cargo(&[
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
                "--locked",
                "--quiet",
            ])?
            .env("RUSTDOCFLAGS", "-D warnings"),
        )?;
        step(
            "shell scripts",
            Command::new("shellcheck")
                .arg(root()?.join(".ci/run"))
                .current_dir(root()?),
        )?;
        step(
            "service files",
            &mut Command::new(root()?.join("service-files/check.sh")),
        )?;
        licences()?;
    }
    step("build", &mut cargo(&["build", "--workspace", "--bins", "--locked"])?)?;
    if filter.is_none() {
        step(
            "unit and property tests",
            &mut cargo(&[
                "test",
                "--workspace",
                "--exclude",
                "fileward-tests",
                "--locked",
                "--quiet",
            ])?,
        )?;
        fuzz::short()?;
    }
    let mut arguments = vec![
        "test",
        "--package",
        "fileward-tests",
        "--locked",
        "--no-fail-fast",
        "--",
    ];
    // Each test starts a collector, an agent and often a desktop: more at once than cores only makes them wait.
    arguments.extend(["--test-threads=2"]);
    arguments.extend(filter);
    step("end-to-end tests", &mut cargo(&arguments)?)?;
    if filter.is_none() { windows() } else { Ok(()) }
}

/// Checks and tests what runs on Windows, under Wine.
pub(crate) fn windows() -> Result<()> {
    packages::ensure_for_windows_tests()?;
    let windows = packages::ensure_for_windows()?;
    step(
        "clippy for Windows",
        windows
            .cargo("clippy")
            .current_dir(root()?)
            .arg("--target-dir")
            .arg(target()?)
            .args(WINDOWS_PACKAGES.map(|name| format!("--package={name}")))
            .args(["--all-targets", "--", "-D", "warnings"]),
    )?;
    step("build", &mut cargo(&["build", "--workspace", "--bins", "--locked"])?)?;
    unit_tests_under_wine(windows)?;
    dist::programs(windows)?;
    step(
        "end-to-end tests under Wine",
        &mut cargo(&[
            "test",
            "--package=fileward-tests",
            "--features=windows",
            "--test=windows",
            "--test=windows_whole_way",
            "--locked",
            "--no-fail-fast",
            "--",
            "--test-threads=2",
        ])?,
    )
}

/// The tests of the crates that run on Windows, too, on a PC of their own.
fn unit_tests_under_wine(windows: Toolchain) -> Result<()> {
    let mut tests = windows.cargo("test");
    tests
        .arg("--target-dir")
        .arg(target()?)
        .args(WINDOWS_PACKAGES.map(|name| format!("--package={name}")))
        // Some tests do not find under Wine what they need, and say so.
        .args(["--no-fail-fast", "--quiet", "--", "--show-output"])
        // Nobody debugs what these builds leave, and linking is quicker without.
        .envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")]);
    let environment = tests.get_envs().filter_map(|(name, value)| Some((name, value?)));
    step(
        "unit tests under Wine",
        Command::new(target()?.join("debug/fileward-wine"))
            .current_dir(root()?)
            .arg(tests.get_program())
            .args(tests.get_args())
            .envs(environment),
    )
}

/// Licences, sources and doubled crates, by `deny.toml`.
fn licences() -> Result<()> {
    if !on_path("cargo-deny") {
        println!("==> licences: skipped, cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    step(
        "licences",
        &mut cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"])?,
    )
}

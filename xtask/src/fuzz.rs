//! `cargo xtask fuzz`: hostile input for the inspect crate, from `agent/inspect/fuzz`.
//!
//! The coverage that libFuzzer needs is a pass of the stable compiler, so neither a nightly one nor cargo-fuzz is needed; the
//! folder has the layout of cargo-fuzz all the same. The crate forbids unsafe code: what is sought are panics, overflows,
//! endless loops and memory without bound.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, root, step, target};

/// How long each target runs where no time is given, in seconds.
const USUAL: u64 = 600;
/// The same in CI, which tries a few of them.
const SHORT: u64 = 5;
const SHORT_TARGETS: &[&str] = &["ooxml", "legacy", "pdf", "content", "mail", "archive", "scan"];

/// More than this in one run is a fault, in MB.
const MEMORY: &str = "-rss_limit_mb=2048";
/// So is a single run of this length, in seconds.
const TIMEOUT: &str = "-timeout=20";
/// Longer input is not tried, in bytes.
const LONGEST: &str = "-max_len=131072";

/// Runs one target, or all of them one after another.
pub(crate) fn fuzz(name: Option<&str>, seconds: Option<u64>) -> Result<()> {
    let all = targets()?;
    let chosen: Vec<String> = match name {
        Some(name) if all.iter().any(|target| target == name) => vec![name.to_owned()],
        Some(name) => bail!("there is no target {name}; there are {}", all.join(", ")),
        None => all,
    };
    let programs = build()?;
    run(&programs, &chosen, seconds.unwrap_or(USUAL))
}

/// Runs some targets for some seconds.
pub(crate) fn short() -> Result<()> {
    let programs = build()?;
    let targets: Vec<String> = SHORT_TARGETS.iter().map(|name| (*name).to_owned()).collect();
    run(&programs, &targets, SHORT)
}

fn folder() -> Result<PathBuf> {
    Ok(root()?.join("agent/inspect/fuzz"))
}

/// The names of the targets.
fn targets() -> Result<Vec<String>> {
    let sources = fs::read_dir(folder()?.join("fuzz_targets")).context("Failed to list the targets")?;
    let stem = |entry: fs::DirEntry| Some(entry.path().file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<_> = sources.filter_map(|entry| stem(entry.ok()?)).collect();
    names.sort();
    Ok(names)
}

/// Builds all targets; the folder of the programs.
fn build() -> Result<PathBuf> {
    let host = host()?;
    let output = target()?.join("fuzz");
    let flags = [
        "-Cpasses=sancov-module",
        "-Cllvm-args=-sanitizer-coverage-level=4",
        "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
        "-Cllvm-args=-sanitizer-coverage-pc-table",
        "-Cllvm-args=-sanitizer-coverage-trace-compares",
        "--cfg",
        "fuzzing",
    ];
    let mut build = cargo(&["build", "--release", "--locked", "--quiet", "--target", &host])?;
    build
        .arg("--manifest-path")
        .arg(folder()?.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &output)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    step("build the fuzz targets", &mut build)?;
    Ok(output.join(host).join("release"))
}

/// The triple of this machine: with a named target, build scripts do not get the flags.
fn host() -> Result<String> {
    let version = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("Failed to run rustc")?;
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what it runs on")?.to_owned())
}

fn run(programs: &Path, targets: &[String], seconds: u64) -> Result<()> {
    let kept = target()?.join("fuzz");
    let seeds = kept.join("seeds");
    step(
        "seeds",
        Command::new("python3")
            .args(["-B", "seeds.py", "../tests/files/fixtures"])
            .arg(&seeds)
            .current_dir(folder()?),
    )?;
    let mut failed = Vec::new();
    for name in targets {
        let (corpus, artifacts) = (kept.join("corpus").join(name), kept.join("artifacts").join(name));
        for folder in [&corpus, &artifacts, &seeds.join(name)] {
            fs::create_dir_all(folder).with_context(|| format!("Failed to make {}", folder.display()))?;
        }
        let mut prefix = OsString::from("-artifact_prefix=");
        prefix.push(&artifacts);
        prefix.push("/");
        let mut program = Command::new(programs.join(name));
        program
            .args([&corpus, &seeds.join(name)])
            .arg(prefix)
            .arg(format!("-max_total_time={seconds}"))
            .args([MEMORY, TIMEOUT, LONGEST, "-print_final_stats=1"]);
        let log = kept.join(format!("{name}.log"));
        program.stderr(fs::File::create(&log).with_context(|| format!("Failed to write {}", log.display()))?);
        if let Err(error) = step(&format!("fuzz {name}"), &mut program) {
            println!(
                "{error:#}; see {}; what did it is in {}",
                log.display(),
                artifacts.display()
            );
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("these targets failed: {}", failed.join(", "))
}

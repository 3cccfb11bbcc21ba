//! `cargo xtask bench`: figures of the real programs, side by side in one run with the peers that are installed.
//!
//! Machines differ and are noisy: compare ratios within one run, never figures of two runs.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]
#![expect(clippy::expect_used, reason = "a benchmark that cannot measure ends by panicking")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for reading")]

mod accuracy;
mod burst;
mod collector;
mod figures;
mod floor;
mod idle;
mod latency;
mod malformed;
mod memory;
mod nameless;
mod peers;
mod scanners;
mod sweep;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            latency::run();
            idle::run();
            burst::run();
            sweep::run(100_000);
            accuracy::run(false);
            malformed::run(10_000);
            memory::run();
            collector::run();
        }
        ["latency"] => latency::run(),
        ["idle"] => idle::run(),
        ["burst"] => burst::run(),
        ["sweep"] => sweep::run(100_000),
        ["sweep", files] if files.parse::<usize>().is_ok() => sweep::run(files.parse().unwrap_or(0)),
        ["accuracy"] => accuracy::run(false),
        ["accuracy", "quick"] => accuracy::run(true),
        ["nameless", folder] => nameless::run(folder.as_ref()),
        ["malformed"] => malformed::run(10_000),
        ["malformed", variants] if variants.parse::<usize>().is_ok() => malformed::run(variants.parse().unwrap_or(0)),
        ["memory"] => memory::run(),
        ["collector"] => collector::run(),
        _ => {
            eprintln!(
                "usage: cargo xtask bench [latency | idle | burst | sweep [FILES] | accuracy [quick] | nameless FOLDER | malformed [VARIANTS] | memory | collector]"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

//! `cargo xtask`: the commands of this workspace.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks on stdout and stderr"
)]

mod dist;
mod fuzz;
mod packages;
mod run;
mod test;
mod up;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  up [--state DIR]   build, start a collector on loopback, enrol this PC, watch your folders; Ctrl-C stops all
  test [FILTER]      install or name the packages the tests need, then check and test everything;
                     FILTER runs only the end-to-end tests whose names contain it
  test-windows       check and test the Windows programs and their MSI, under Wine
  dist windows       build the Windows programs and their MSI into target/dist; signed where FILEWARD_SIGN_* says how
  bench [NAME]       measure, side by side with the peers that are installed; names: latency, idle, burst, sweep,
                     accuracy, nameless FOLDER, malformed, memory
  fuzz [TARGET] [SECONDS]
                     feed hostile input to the inspect crate: one target or all, ten minutes each or as said
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["up"] => up::up(None),
        ["up", "--state", folder] => up::up(Some(folder.into())),
        ["test"] => test::test(None),
        ["test", filter] => test::test(Some(filter)),
        ["test-windows"] => test::windows(),
        ["dist", "windows"] => dist::windows(),
        ["bench", rest @ ..] => bench(rest),
        ["fuzz"] => fuzz::fuzz(None, None),
        ["fuzz", seconds] if seconds.parse::<u64>().is_ok() => fuzz::fuzz(None, seconds.parse().ok()),
        ["fuzz", target] => fuzz::fuzz(Some(target), None),
        ["fuzz", target, seconds] if seconds.parse::<u64>().is_ok() => fuzz::fuzz(Some(target), seconds.parse().ok()),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &[&str]) -> anyhow::Result<()> {
    run::step(
        "build",
        &mut run::cargo(&["build", "--release", "--workspace", "--bins", "--locked"])?,
    )?;
    let program = run::target()?.join("release/fileward-bench");
    run::step("bench", std::process::Command::new(program).args(arguments))
}

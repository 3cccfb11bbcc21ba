//! Runs a command of cargo, and what cargo builds by it for Windows on a Windows PC under Wine, new and without a screen.
#![expect(clippy::print_stderr, reason = "a command line tool talks on stderr")]

use std::process::{Command, ExitCode};

use fileward_tests::Windows;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: fileward-wine cargo test --target x86_64-pc-windows-gnu …");
        return ExitCode::from(2);
    };
    let pc = Windows::new();
    // Windows can be made and take messages, and nobody sees them.
    pc.set_registry(r"HKCU\Software\Wine\Drivers", "Graphics", "null");
    let mut command = Command::new(program);
    pc.run_for(command.args(arguments));
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!(
                "fileward-wine: Failed to start {}: {error}",
                command.get_program().display()
            );
            ExitCode::FAILURE
        }
    }
}

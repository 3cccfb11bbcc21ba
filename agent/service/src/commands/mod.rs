//! The command line. Each command is one small file.

mod check;
mod client;
mod diagnose;
mod enrol;
mod findings;
mod first_contact;
mod folders;
mod journal;
mod log;
mod output;
mod places;
mod policy;
mod run;
mod scan;
mod service;
mod setup;
mod status;
mod trays;
mod unenrol;
mod uninstall_token;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use folders::Folders;

/// Finds work files outside the approved store.
#[derive(Parser)]
#[command(name = "fileward-agent", version)]
struct Cli {
    /// Where the agent keeps its state.
    #[arg(long, global = true, env = "FILEWARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes this PC a device of the company's collector.
    Enrol(enrol::Arguments),
    /// Runs in the foreground.
    Run(run::Run),
    /// Installs, removes or shows the service.
    #[command(subcommand)]
    Service(service::Action),
    /// Lists open and recent findings of this PC; users see their own.
    Findings(Json),
    /// Says how the service is.
    Status(Json),
    /// Says of each file what it is, where it is, and what the policy says; reports nothing.
    Check(check::Check),
    /// Sweeps every place once, now.
    Scan(Json),
    /// Lists every place, how it was found, and its state.
    Places(Json),
    /// Lists everything that was sent about this PC, as sent, and what the company did with it.
    Journal(Json),
    /// Tells the effective policy in words.
    Policy,
    /// Collects what IT support needs.
    Diagnose(diagnose::Diagnose),
    /// Makes this PC forget that it is a device of a collector.
    Unenrol(unenrol::Arguments),
    /// What a package does when it is installed or removed: never by hand.
    #[command(subcommand, hide = true)]
    Setup(setup::Action),
    /// The inspect worker: started by the service, never by hand.
    #[command(hide = true)]
    InspectWorker,
}

/// How a command answers.
#[derive(Clone, Copy, clap::Args)]
struct Json {
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::InspectWorker) {
        return fileward_worker::worker_main();
    }
    let folders = Folders::new(cli.data_dir);
    match dispatch(cli.command, folders) {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, folders: Folders) -> Result<ExitCode> {
    if let Command::Service(action) = command {
        service::run(action, folders)?;
        return Ok(ExitCode::SUCCESS);
    }
    let folders = &folders;
    match command {
        Command::Enrol(arguments) => enrol::run(folders.data()?, &arguments.token)?,
        Command::Unenrol(arguments) => unenrol::run(folders.data()?, arguments.yes)?,
        Command::Setup(action) => return setup::run(folders.data()?, action),
        Command::Run(run) => run.run(folders)?,
        Command::Findings(Json { json }) => findings::list(folders, json)?,
        Command::Status(Json { json }) => status::show(folders, json)?,
        Command::Check(check) => return check.run(folders),
        Command::Scan(Json { json }) => scan::scan(folders, json)?,
        Command::Places(Json { json }) => places::list(folders, json)?,
        Command::Journal(Json { json }) => journal::list(folders, json)?,
        Command::Policy => policy::tell(folders)?,
        Command::Diagnose(diagnose) => return Ok(diagnose.run()),
        Command::InspectWorker | Command::Service(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}

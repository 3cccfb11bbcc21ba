//! The collector: it enrols devices, takes their reports, publishes policy and shows all of it on its console.

mod api;
mod ca;
mod collector;
mod commands;
mod console;
mod deliver;
mod export;
mod filing;
mod fingerprint;
mod folder;
mod ingest;
mod keys;
mod listener;
mod metrics;
mod open_api;
mod output;
mod password;
mod policies;
mod record;
mod retention;
mod safe;
mod seal;
mod secret;
mod serve;
mod settings;
mod simulate;
mod store;
#[cfg(test)]
mod testing;
mod tls;
mod upkeep;
mod views;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::filter::LevelFilter;

use crate::collector::NotInThisBuild;

/// The collector of Fileward.
#[derive(Parser)]
#[command(name = "fileward-collector", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, commands::Command::InspectWorker) {
        return fileward_worker::worker_main();
    }
    start_log();
    match commands::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::from(if error.is::<NotInThisBuild>() { 2 } else { 1 })
        }
    }
}

/// Logs to standard error, as much as `FILEWARD_LOG` says.
fn start_log() {
    let level = std::env::var("FILEWARD_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .init();
}

//! `fileward-tray`: tells the employee what lies in the wrong place, and moves it with the employee's own rights.
//!
//! Without a command it is the icon of one user session. [`session`] connects the parts: [`client`] hears the service,
//! [`menu`] and [`notice`] make plain data of what is to be shown, [`desktop`] shows it, [`deeds`] does what is clicked.

// The tray has no window, on Windows no console either; its commands join that of whoever calls them.
#![cfg_attr(not(test), windows_subsystem = "windows")]

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use tracing::level_filters::LevelFilter;

mod act;
mod client;
mod commands;
mod deeds;
mod desktop;
mod menu;
mod model;
mod mover;
mod notice;
mod page;
#[cfg(test)]
mod sample;
mod session;
mod words;

const LAST_MOVE: Duration = Duration::from_mins(1);

/// Fileward in your session: tells you when a work file lies in the wrong place
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<commands::Command>,
}

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        desktop::join_console();
    }
    let arguments = Arguments::parse();
    let level = std::env::var("FILEWARD_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::WARN))
        .with_writer(std::io::stderr)
        .init();
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error closed there is nowhere left to say it.
            let _ = writeln!(std::io::stderr(), "fileward-tray: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> Result<()> {
    fileward_memory::keep_little();
    // One thread, and one more while a file is moved: the tray is small and mostly asleep.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .context("Failed to start")?;
    let done = match arguments.command {
        Some(command) => runtime.block_on(commands::run(command)),
        None => runtime.block_on(tray()),
    };
    // Signing out in the middle of a move lets it come to its end; nothing else is waited for.
    runtime.shutdown_timeout(LAST_MOVE);
    done
}

async fn tray() -> Result<()> {
    let _instance = match desktop::first_instance()? {
        first @ desktop::Instance::First(_) => first,
        desktop::Instance::Another => {
            writeln!(std::io::stderr(), "fileward-tray runs in this session already").context("Failed to say so")?;
            return Ok(());
        }
    };
    let stop = desktop::stopped()?;
    session::run(stop).await
}

//! The command line; one file a command. All of them work while `serve` runs, and while it does not.

mod account;
mod api_token;
mod backup;
mod ca;
mod correction;
mod device;
mod document;
mod export;
mod finding;
mod hold;
mod integration;
mod limit;
mod person;
mod policy;
mod purge;
mod register;
mod serve;
mod token;
mod user;
mod verify;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::collector::Collector;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs the collector
    Serve(serve::Arguments),
    /// Makes enrolment tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Lists devices and decides about them
    #[command(subcommand)]
    Device(device::Command),
    /// Lists findings and decides about them
    #[command(subcommand)]
    Finding(finding::Command),
    /// Checks, publishes and shows the policy
    #[command(subcommand)]
    Policy(policy::Command),
    /// Files personal chat accounts (备案)
    #[command(subcommand)]
    Account(account::Command),
    /// Files larger file limits (备案)
    #[command(subcommand)]
    Limit(limit::Command),
    /// Writes and reads the registers (备案) as CSV
    #[command(subcommand)]
    Register(register::Command),
    /// Registers the company's documents, so that PCs recognise copies
    #[command(subcommand)]
    Document(document::Command),
    /// Adds users of the console
    #[command(subcommand)]
    User(user::Command),
    /// Replaces the CA's root
    #[command(subcommand)]
    Ca(ca::Command),
    /// Becomes the inspect worker of `document add`
    #[command(name = fileward_worker::ARGUMENT, hide = true)]
    InspectWorker,
    /// Makes tokens with which other programs use the HTTP API
    #[command(subcommand)]
    ApiToken(api_token::Command),
    /// Tells other systems what changes: SIEM, webhooks, group robots
    #[command(subcommand)]
    Integration(integration::Command),
    /// Writes what is kept in the forms other systems read
    Export(export::Arguments),
    /// Lists or prints what is kept of a person, for whoever asks to see their data
    #[command(subcommand)]
    Person(person::Command),
    /// Writes down what people say is wrong about what is kept of them, and decides about it
    #[command(subcommand)]
    Correction(correction::Command),
    /// Keeps from being purged what a case needs
    #[command(subcommand)]
    Hold(hold::Command),
    /// Deletes for good what was kept long enough
    Purge(purge::Arguments),
    /// Copies the database while it is in use
    Backup(backup::Arguments),
    /// Checks that nothing kept is missing or was changed
    Verify(verify::Arguments),
}

/// Where the collector keeps everything.
#[derive(Args)]
pub(crate) struct DataDir {
    /// The collector's data folder
    #[arg(long, env = "FILEWARD_DATA_DIR", value_name = "DIR")]
    data_dir: PathBuf,
}

impl DataDir {
    async fn open(&self) -> Result<Collector> {
        Collector::open(&self.data_dir).await
    }
}

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("Failed to start the runtime")?;
    runtime.block_on(async {
        match command {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Token(command) => token::run(command).await,
            Command::Device(command) => device::run(command).await,
            Command::Finding(command) => finding::run(command).await,
            Command::Policy(command) => policy::run(command).await,
            Command::Account(command) => account::run(command).await,
            Command::Limit(command) => limit::run(command).await,
            Command::Register(command) => register::run(command).await,
            Command::Document(command) => document::run(command).await,
            Command::User(command) => user::run(command).await,
            Command::Ca(command) => ca::run(command).await,
            Command::InspectWorker => bail!("the worker is started by this program alone"),
            Command::ApiToken(command) => api_token::run(command).await,
            Command::Integration(command) => integration::run(command).await,
            Command::Export(arguments) => export::run(arguments).await,
            Command::Person(command) => person::run(command).await,
            Command::Correction(command) => correction::run(command).await,
            Command::Hold(command) => hold::run(command).await,
            Command::Purge(arguments) => purge::run(arguments).await,
            Command::Backup(arguments) => backup::run(arguments).await,
            Command::Verify(arguments) => verify::run(arguments).await,
        }
    })
}

/// Reads a time from now, such as `24h` or `30d`.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("\"{text}\" is no duration; write it like 30m, 24h or 90d");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    if duration.is_positive() {
        Ok(duration)
    } else {
        Err(wrong())
    }
}

/// Reads a date or a time.
fn time(text: &str) -> Result<Timestamp, String> {
    let day = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
    };
    text.parse()
        .ok()
        .or_else(|| day().map(|zoned| zoned.timestamp()))
        .ok_or_else(|| format!("\"{text}\" is no time; write it like 2026-11-21 or 2026-11-21T08:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_in_the_policy() {
        assert_eq!(duration("24h"), Ok(SignedDuration::from_hours(24)));
        assert_eq!(duration("90d"), Ok(SignedDuration::from_hours(90 * 24)));
        for bad in ["", "24", "-1h", "soon"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_is_a_time_too() {
        assert_eq!(time("2026-11-21"), time("2026-11-21T00:00:00Z"));
        assert!(time("yesterday").is_err());
    }
}

//! `integration`: other systems that are told what the collector keeps.

use std::fs;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use fileward_protocol::vocabulary::{Language, Severity};
use jiff::Timestamp;
use serde::Serialize;

use super::{DataDir, all};
use crate::collector::Collector;
use crate::deliver::Outcome;
use crate::deliver::manage::{Draft, Kept};
use crate::output;
use crate::safe::visible;
use crate::store::By;
use crate::store::targets::{About, FailedRow, Form, Target, TargetKind, TargetRow, Wanted};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Adds a system that is told what changes
    Add(Box<Add>),
    /// Lists them, and how it goes
    List {
        #[command(flatten)]
        data: DataDir,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Tells it nothing for a while; what changes waits for it
    Pause(Named),
    /// Tells it again, beginning with what waited
    Resume(Named),
    /// Tells it nothing from now on
    Remove(Named),
    /// Sends a message to see whether it arrives
    Test(Named),
    /// Lists what was refused for good
    Failed {
        #[command(flatten)]
        data: DataDir,
        /// Only by this one
        name: Option<String>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Sends again what was refused, and tries at once
    Retry(Named),
}

#[derive(clap::Args)]
pub(crate) struct Named {
    #[command(flatten)]
    data: DataDir,
    /// Which
    name: String,
}

#[derive(clap::Args)]
pub(crate) struct Add {
    #[command(flatten)]
    data: DataDir,
    /// What to call it
    name: String,
    /// syslog, webhook, wecom, dingtalk or feishu
    #[arg(long)]
    kind: TargetKind,
    /// Where it is: HOST or HOST:PORT for syslog, https://… for a webhook without anything secret in it
    #[arg(long, conflicts_with = "address_file", value_name = "ADDRESS")]
    address: Option<String>,
    /// A file with the address, - for standard input; a robot's address lets in whoever knows it
    #[arg(long, value_name = "FILE")]
    address_file: Option<PathBuf>,
    /// A file with the key that messages are signed with, - for standard input; for a webhook one is made
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A file with the certificates of the CAs to trust, PEM; without it those of the system
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// For syslog and webhooks: ocsf or cef
    #[arg(long, default_value = "ocsf")]
    form: Form,
    /// Findings of this severity and worse
    #[arg(long, default_value = "low", value_name = "SEVERITY")]
    from_severity: Severity,
    /// For robots: zh-CN or en
    #[arg(long, default_value = "zh-CN")]
    language: Language,
    /// For robots: text instead of a card
    #[arg(long)]
    text: bool,
    /// For robots: tells files' names to everybody in the group
    #[arg(long)]
    file_names: bool,
    /// Tells everything that is kept, not only what changes from now on
    #[arg(long)]
    everything: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What `add` prints.
#[derive(Serialize)]
struct Added {
    name: String,
    /// The key that was made, shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// A target as `--json` shows it.
#[derive(Serialize)]
struct View {
    name: String,
    kind: TargetKind,
    address: String,
    form: Option<Form>,
    from_severity: Severity,
    language: Option<Language>,
    card: Option<bool>,
    file_names: Option<bool>,
    paused_at: Option<Timestamp>,
    taken: u64,
    taken_at: Option<Timestamp>,
    trouble: Option<String>,
    waiting: u64,
    failed: u64,
}

impl From<TargetRow> for View {
    fn from(row: TargetRow) -> Self {
        let Target {
            name,
            kind,
            address,
            wanted,
            ..
        } = row.target;
        let robot = kind.is_robot();
        Self {
            name,
            kind,
            address,
            form: (!robot).then_some(wanted.form),
            from_severity: wanted.from,
            language: robot.then_some(wanted.language),
            card: robot.then_some(wanted.card),
            file_names: robot.then_some(wanted.file_names),
            paused_at: row.paused_at,
            taken: row.taken,
            taken_at: row.taken_at,
            trouble: row.trouble,
            waiting: row.waiting,
            failed: row.failed,
        }
    }
}

/// A refused letter as `--json` shows it.
#[derive(Serialize)]
struct FailedView {
    integration: String,
    about: About,
    row: u64,
    reason: String,
    at: Timestamp,
    again: bool,
}

impl From<FailedRow> for FailedView {
    fn from(row: FailedRow) -> Self {
        Self {
            integration: row.target,
            about: row.about,
            row: row.row,
            reason: row.reason,
            at: row.at,
            again: row.again,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Add(add) => self::add(*add).await,
        Command::List { data, json } => list(&data.open().await?, json).await,
        Command::Pause(named) => set_paused(named, true).await,
        Command::Resume(named) => set_paused(named, false).await,
        Command::Remove(Named { data, name }) => {
            let collector = data.open().await?;
            kept(&collector, "").remove(name, By::command_line()).await
        }
        Command::Test(named) => test(named).await,
        Command::Failed { data, name, json } => failed(&data.open().await?, name, json).await,
        Command::Retry(Named { data, name }) => {
            let collector = data.open().await?;
            let count = collector.store.retry(name, By::command_line()).await?;
            output::line(&format!("{count} letters are sent again while `serve` runs"))
        }
    }
}

/// What the command works on.
fn kept<'a>(collector: &'a Collector, console: &'a str) -> Kept<'a> {
    Kept {
        store: &*collector.store,
        folder: &collector.folder,
        console,
    }
}

async fn add(add: Add) -> Result<()> {
    let address = match (add.address, &add.address_file) {
        (Some(_), _) if add.kind.is_robot() => {
            bail!("a robot's address lets in whoever knows it, and arguments can be seen by others: use --address-file")
        }
        (Some(address), _) => address,
        (None, Some(file)) => secret(file)?,
        (None, None) => bail!("where is it? Give --address or --address-file"),
    };
    let draft = Draft {
        name: add.name.clone(),
        kind: add.kind,
        address,
        key: add.key_file.as_deref().map(secret).transpose()?,
        wanted: Wanted {
            form: add.form,
            from: add.from_severity,
            language: add.language,
            card: !add.text,
            file_names: add.file_names,
            authorities: add.ca_file.as_deref().map(read).transpose()?,
        },
        everything: add.everything,
    };
    let collector = add.data.open().await?;
    let console = collector.settings.console_url();
    let key = kept(&collector, &console).add(draft, By::command_line()).await?.key;
    match (add.json, &key) {
        (true, _) => output::json(&Added { name: add.name, key }),
        (false, Some(key)) => output::line(&format!("Key to check signatures with, shown once: {key}")),
        (false, None) => Ok(()),
    }
}

/// What is in a file, or the next line of standard input.
fn secret(file: &Path) -> Result<String> {
    if file != Path::new("-") {
        return read(file);
    }
    let mut text = String::new();
    io::stdin()
        .lock()
        .read_line(&mut text)
        .context("Failed to read standard input")?;
    Ok(text)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))
}

async fn list(collector: &Collector, json: bool) -> Result<()> {
    let rows = collector.store.targets().await?;
    let views: Vec<_> = rows.into_iter().map(View::from).collect();
    if json {
        return output::json(&views);
    }
    let rows: Vec<_> = views
        .into_iter()
        .map(|view| {
            let taken = view.taken_at.map(|at| at.strftime("%F %T").to_string());
            [
                view.name,
                view.kind.to_string(),
                view.address,
                if view.paused_at.is_some() { "paused" } else { "" }.to_owned(),
                taken.unwrap_or_default(),
                view.taken.to_string(),
                view.waiting.to_string(),
                view.failed.to_string(),
                view.trouble.as_deref().map(visible).unwrap_or_default(),
            ]
        })
        .collect();
    output::table(
        [
            "name",
            "kind",
            "address",
            "state",
            "last taken (UTC)",
            "taken",
            "waiting",
            "failed",
            "trouble",
        ],
        &rows,
    )
}

async fn failed(collector: &Collector, name: Option<String>, json: bool) -> Result<()> {
    let rows = all(|paging| collector.store.failed(name.clone(), paging)).await?;
    let views: Vec<_> = rows.into_iter().map(FailedView::from).collect();
    if json {
        return output::json(&views);
    }
    let rows: Vec<_> = views
        .into_iter()
        .map(|view| {
            [
                view.integration,
                view.at.strftime("%F %T").to_string(),
                view.about.to_string(),
                view.row.to_string(),
                if view.again { "again" } else { "" }.to_owned(),
                visible(&view.reason),
            ]
        })
        .collect();
    output::table(["integration", "at (UTC)", "about", "row", "state", "reason"], &rows)
}

async fn set_paused(Named { data, name }: Named, paused: bool) -> Result<()> {
    let store = data.open().await?.store;
    Ok(store.set_paused(name, paused, By::command_line()).await?)
}

async fn test(Named { data, name }: Named) -> Result<()> {
    let collector = data.open().await?;
    let console = collector.settings.console_url();
    match kept(&collector, &console)
        .test(name.clone(), By::command_line())
        .await?
    {
        Outcome::Taken => output::line(&format!("{name}: taken")),
        outcome => bail!("{name} did not take it: {}", outcome.reason().unwrap_or_default()),
    }
}

//! `integration`: other systems that are told what the collector keeps.

use std::fs;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use fileward_protocol::vocabulary::{Language, Severity};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::DataDir;
use crate::collector::Collector;
use crate::deliver::{self, Channel, Outcome, Secrets};
use crate::output;
use crate::safe::visible;
use crate::store::audit::{Action, AuditEntry, AuditFilter};
use crate::store::targets::{
    About, FailedRow, Form, Letter, Mark, Subject, Target, TargetId, TargetKind, TargetRow, Wanted,
};
use crate::store::{By, Paging, StoreError};

/// The longest file of a secret.
const LONGEST_SECRET: usize = 4096;

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
        Command::Remove(Named { data, name }) => {
            let collector = data.open().await?;
            let id = collector.store.remove_target(name, By::command_line()).await?;
            Secrets::remove(&collector.folder, id)
        }
        Command::Test(Named { data, name }) => test(&data.open().await?, name).await,
        Command::Failed { data, name, json } => failed(&data.open().await?, name, json).await,
        Command::Retry(Named { data, name }) => {
            let collector = data.open().await?;
            let count = collector.store.retry(name, By::command_line()).await?;
            output::line(&format!("{count} letters are sent again while `serve` runs"))
        }
    }
}

async fn add(add: Add) -> Result<()> {
    if add.name.trim().is_empty() || add.name.chars().count() > 64 || visible(&add.name) != add.name {
        bail!("a name has 1 to 64 visible characters");
    }
    let address = match (&add.address, &add.address_file) {
        (Some(_), _) if add.kind.is_robot() => {
            bail!("a robot's address lets in whoever knows it, and arguments can be seen by others: use --address-file")
        }
        (Some(address), _) => address.trim().to_owned(),
        (None, Some(file)) => secret(file, "address")?,
        (None, None) => bail!("where is it? Give --address or --address-file"),
    };
    let given = add.key_file.as_deref().map(|file| secret(file, "key")).transpose()?;
    let made = match (add.kind, &given) {
        (TargetKind::Webhook, None) => Some(deliver::new_key()?),
        (TargetKind::Syslog | TargetKind::Wecom, Some(_)) => bail!("{} signs nothing: leave out --key-file", add.kind),
        _ => None,
    };
    let target = Target {
        id: TargetId(Uuid::new_v4()),
        name: add.name.trim().to_owned(),
        kind: add.kind,
        address: shown(add.kind, &address),
        wanted: Wanted {
            form: add.form,
            from: add.from_severity,
            language: add.language,
            card: !add.text,
            file_names: add.file_names,
            authorities: add.ca_file.as_deref().map(authorities).transpose()?,
        },
    };
    let secrets = Secrets {
        address,
        key: given.or_else(|| made.clone()),
    };
    let collector = add.data.open().await?;
    // Everything that can be wrong with it is found before it is kept.
    Channel::new(&target, secrets.clone(), &collector.settings.console_url())?;
    secrets.save(&collector.folder, target.id)?;
    let (id, name) = (target.id, target.name.clone());
    let added = collector
        .store
        .add_target(target, add.everything, By::command_line())
        .await;
    if let Err(error) = added {
        Secrets::remove(&collector.folder, id)?;
        return Err(error.into());
    }
    let added = Added { name, key: made };
    match (add.json, &added.key) {
        (true, _) => output::json(&added),
        (false, Some(key)) => output::line(&format!("Key to check signatures with, shown once: {key}")),
        (false, None) => Ok(()),
    }
}

/// The address without what may let in: path, query, user.
fn shown(kind: TargetKind, address: &str) -> String {
    if kind == TargetKind::Syslog {
        return address.to_owned();
    }
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let host = authority[..end].rsplit('@').next().unwrap_or_default();
    format!("https://{host}/…")
}

/// The first line of a file, or the next one of standard input.
fn secret(file: &Path, what: &str) -> Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin()
            .lock()
            .read_line(&mut text)
            .context("Failed to read standard input")?;
    } else {
        text = fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))?;
    }
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_SECRET || text.contains('\n') {
        bail!("the {what} must be one line of at most {LONGEST_SECRET} bytes");
    }
    Ok(text.to_owned())
}

fn authorities(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))?;
    deliver::check_authorities(&text).with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(text)
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
                taken.unwrap_or_default(),
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
            "last taken (UTC)",
            "waiting",
            "failed",
            "trouble",
        ],
        &rows,
    )
}

async fn failed(collector: &Collector, name: Option<String>, json: bool) -> Result<()> {
    let mut all = Vec::new();
    let mut paging = Paging::first(1000);
    loop {
        let page = collector.store.failed(name.clone(), paging).await?;
        paging = paging.next();
        all.extend(page.rows.into_iter().map(FailedView::from));
        if paging.offset >= page.total {
            break;
        }
    }
    if json {
        return output::json(&all);
    }
    let rows: Vec<_> = all
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

async fn test(collector: &Collector, name: String) -> Result<()> {
    let rows = collector.store.targets().await?;
    let target = rows
        .into_iter()
        .map(|row| row.target)
        .find(|target| target.name == name);
    let target = target.ok_or_else(|| StoreError::not_found("integration", &name))?;
    let entry = AuditEntry {
        by: By::command_line(),
        action: Action::IntegrationTested,
        subject: name,
        detail: String::new(),
    };
    collector.store.append_audit(entry).await?;
    let filter = AuditFilter {
        action: Some(Action::IntegrationTested),
        subject: Some(target.name.clone()),
        ..AuditFilter::default()
    };
    let mut lines = collector.store.audit(filter, Paging::first(1)).await?.rows;
    let line = lines.pop().context("The audit trail has lost a line")?;
    let mark = Mark {
        about: About::Audit,
        row: line.id,
        after: None,
    };
    let secrets = Secrets::load(&collector.folder, target.id)?;
    let channel = Channel::new(&target, secrets, &collector.settings.console_url())?;
    let subject = Subject::Audit(line);
    match channel.test(&Letter { mark, subject }).await {
        Outcome::Taken => output::line(&format!("{}: taken", target.name)),
        outcome => bail!(
            "{} did not take it: {}",
            target.name,
            outcome.reason().unwrap_or_default()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_lets_in() {
        for (address, said) in [
            (
                "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
                "https://qyapi.weixin.qq.com/…",
            ),
            (
                "https://user:pass@a.example:8443/hook/token",
                "https://a.example:8443/…",
            ),
            ("https://a.example?token=t", "https://a.example/…"),
        ] {
            assert_eq!(shown(TargetKind::Webhook, address), said);
        }
    }
}

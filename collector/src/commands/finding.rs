//! `finding`: lists findings and decides about them.

use anyhow::{Result, bail};
use clap::Subcommand;
use fileward_protocol::ids::{DeviceId, FileName, FindingId, KeyedHash};
use fileward_protocol::report::{Decided, Detection, Encryption, File, Place, Word};
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use serde::Serialize;

use super::DataDir;
use crate::collector::Collector;
use crate::output;
use crate::store::findings::{FindingFilter, FindingRow, Happened, HistoryRow};
use crate::store::{By, Paging, Scope, StoreError};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists findings
    List {
        #[command(flatten)]
        data: DataDir,
        /// Only findings in this state
        #[arg(long)]
        state: Option<FindingState>,
        /// Only findings of this device
        #[arg(long, value_name = "ID")]
        device: Option<DeviceId>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Makes an exception for a finding
    Exempt(Decide),
    /// Lets a finding count again
    Reopen(Decide),
}

#[derive(clap::Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    data: DataDir,
    /// The finding
    id: FindingId,
    /// Its device, where several have a finding of this id
    #[arg(long, value_name = "ID")]
    device: Option<DeviceId>,
    /// Why; shown to the employee
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// A finding as `--json` shows it.
#[derive(Serialize)]
struct View {
    id: FindingId,
    device: DeviceId,
    state: FindingState,
    rule: Rule,
    also: Vec<Rule>,
    severity: Severity,
    place: Place,
    file: Option<FileView>,
    first_seen: Timestamp,
    due: Timestamp,
    resolved: Option<Timestamp>,
    resolution: Option<Resolution>,
    history: Vec<HistoryView>,
}

#[derive(Serialize)]
struct FileView {
    name: Option<FileName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_hash: Option<KeyedHash>,
    kind: Word,
    size: u64,
    encryption: Encryption,
    sensitivity: Sensitivity,
    detections: Vec<Detection>,
}

#[derive(Serialize)]
struct HistoryView {
    at: Timestamp,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<FindingRow> for View {
    fn from(row: FindingRow) -> Self {
        let finding = row.finding;
        Self {
            id: finding.id,
            device: row.device,
            state: finding.state,
            rule: finding.rule,
            also: finding.also,
            severity: finding.severity,
            place: finding.place,
            file: finding.file.map(FileView::from),
            first_seen: finding.first_seen,
            due: finding.due,
            resolved: finding.ended,
            resolution: finding.resolution,
            history: row.history.into_iter().map(HistoryView::from).collect(),
        }
    }
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self {
            name: file.name,
            name_hash: file.name_hash,
            kind: file.kind,
            size: file.size,
            encryption: file.encryption,
            sensitivity: file.sensitivity,
            detections: file.detections,
        }
    }
}

impl From<HistoryRow> for HistoryView {
    fn from(row: HistoryRow) -> Self {
        let what = row.what.word();
        let (by, reason) = match row.what {
            Happened::Became(_) => (None, None),
            Happened::Decided { reason, by, .. } => (Some(by), Some(reason)),
        };
        Self {
            at: row.at,
            what,
            by,
            reason,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List {
            data,
            state,
            device,
            json,
        } => {
            let filter = FindingFilter {
                state,
                device,
                ..FindingFilter::within(Scope::Everything)
            };
            list(&data.open().await?, filter, json).await
        }
        Command::Exempt(decide) => decide_about(decide, Decided::Exempted).await,
        Command::Reopen(decide) => decide_about(decide, Decided::Reopened).await,
    }
}

async fn list(collector: &Collector, filter: FindingFilter, json: bool) -> Result<()> {
    let mut findings = Vec::new();
    let mut paging = Paging::first(1000);
    loop {
        let page = collector.store.findings(filter.clone(), paging).await?;
        paging = paging.next();
        findings.extend(page.rows.into_iter().map(View::from));
        if paging.offset >= page.total {
            break;
        }
    }
    if json {
        return output::json(&findings);
    }
    let rows: Vec<_> = findings.iter().map(columns).collect();
    output::table(
        ["id", "state", "severity", "rule", "place", "file", "first seen (UTC)"],
        &rows,
    )
}

fn columns(view: &View) -> [String; 7] {
    let app = view.place.app.map(|app| format!(" {app}")).unwrap_or_default();
    let name = view.file.as_ref().and_then(|file| file.name.as_ref());
    [
        view.id.to_string(),
        view.state.to_string(),
        view.severity.to_string(),
        view.rule.to_string(),
        format!("{}{app}", view.place.kind),
        name.map(ToString::to_string).unwrap_or_default(),
        view.first_seen.strftime("%F %T").to_string(),
    ]
}

async fn decide_about(decide: Decide, what: Decided) -> Result<()> {
    if decide.reason.trim().is_empty() {
        bail!("A decision needs a reason: --reason TEXT");
    }
    let store = decide.data.open().await?.store;
    let device = match decide.device {
        Some(device) => device,
        None => match store.devices_of_finding(decide.id).await?.as_slice() {
            [] => return Err(StoreError::not_found("finding", decide.id).into()),
            [device] => *device,
            _ => bail!("Several devices have a finding {}; name one with --device", decide.id),
        },
    };
    store
        .decide(device, decide.id, what, decide.reason, By::command_line())
        .await?;
    output::line(&format!("{}: {what}", decide.id))
}

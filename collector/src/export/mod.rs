//! Writing what is kept in forms that other systems read: one file a form, each a pure mapping from the store's rows.
//!
//! Nothing is written that the protocol does not carry. The employee's own words stay in the console.

pub(crate) mod cef;
pub(crate) mod csv;
pub(crate) mod ocsf;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, Write};

use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::{Detection, File};
use jiff::Timestamp;

use crate::store::walk::{Milestone, Stretch};
use crate::store::{Reply, Store, StoreError};

fileward_protocol::words! {
    /// A form that other systems read.
    pub(crate) enum Format {
        /// Events of the Open Cybersecurity Schema Framework, one JSON object a line: findings, devices, audit trail.
        Ocsf = "ocsf",
        /// A table for people and spreadsheets: findings.
        Csv = "csv",
        /// The Common Event Format, one event a line: findings, audit trail.
        Cef = "cef",
    }
}

/// How many of each were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Findings.
    pub findings: u64,
    /// Devices.
    pub devices: u64,
    /// Lines of the audit trail.
    pub audit_lines: u64,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            findings,
            devices,
            audit_lines,
        } = self;
        write!(
            f,
            "{findings} findings, {devices} devices, {audit_lines} lines of the audit trail"
        )
    }
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    /// The store did not give its rows.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They could not be written.
    #[error("What is exported could not be written")]
    Write(#[from] io::Error),
}

/// Writes what changed since then, or everything. What was written when it stopped is counted too; `held` then names
/// the devices whose findings it holds.
pub(crate) async fn write(
    store: &dyn Store,
    format: Format,
    since: Option<Timestamp>,
    out: &mut impl Write,
    counts: &mut Counts,
    held: &mut BTreeSet<DeviceId>,
) -> Result<(), Stopped> {
    let findings = |from| store.walk_findings(from, since);
    let devices = |from| store.walk_devices(from, since);
    let audit = |from| store.walk_audit(from, since);
    match format {
        Format::Csv => {
            let mut table = csv::Table::begin(&mut *out)?;
            each(findings, &mut counts.findings, |row| {
                held.insert(row.device);
                table.finding(&row)
            })
            .await?;
            table.end()?;
        }
        Format::Cef => {
            each(findings, &mut counts.findings, |row| {
                held.insert(row.device);
                writeln!(out, "{}", cef::finding(&row))
            })
            .await?;
            each(audit, &mut counts.audit_lines, |row| {
                writeln!(out, "{}", cef::audit(&row))
            })
            .await?;
        }
        Format::Ocsf => {
            let now = Timestamp::now();
            each(findings, &mut counts.findings, |row| {
                held.insert(row.device);
                ocsf::line(out, &ocsf::finding(&row))
            })
            .await?;
            each(devices, &mut counts.devices, |row| {
                ocsf::line(out, &ocsf::device(&row, now))
            })
            .await?;
            each(audit, &mut counts.audit_lines, |row| {
                ocsf::line(out, &ocsf::audit(&row))
            })
            .await?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Goes through all rows of a walk and counts those that were written.
async fn each<T>(
    walk: impl Fn(Milestone) -> Reply<Stretch<T>>,
    count: &mut u64,
    mut write: impl FnMut(T) -> io::Result<()>,
) -> Result<(), Stopped> {
    let mut next = Some(Milestone::default());
    while let Some(from) = next {
        let stretch = walk(from).await?;
        next = stretch.on;
        for row in stretch.rows {
            write(row)?;
            *count += 1;
        }
    }
    Ok(())
}

/// The file's name, or the keyed hash of it where the policy does not let it be sent.
fn file_name(file: &File) -> Option<String> {
    let hash = || file.name_hash.map(|hash| hash.to_string());
    file.name.as_ref().map(ToString::to_string).or_else(hash)
}

/// Words in one field, such as `outside_store stale_chat_cache`.
fn words<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What was found in one field, such as `cn_mobile 7, cn_resident_id 1`.
fn detections(list: &[Detection]) -> String {
    let counted = list.iter().map(|found| format!("{} {}", found.detector, found.count));
    counted.collect::<Vec<_>>().join(", ")
}

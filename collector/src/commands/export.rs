//! `export`: writes what is kept in the forms other systems read.

use std::collections::BTreeSet;
use std::io::{self, BufWriter};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::DataDir;
use crate::export::{self, Counts, Format};
use crate::store::By;
use crate::store::audit::{Action, AuditEntry};

/// How far the next export should reach back behind the beginning of this one: what was just being stored then.
const OVERLAP: SignedDuration = SignedDuration::from_mins(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
    /// ocsf (findings, devices, audit trail; one JSON object a line), csv (findings) or cef (findings, audit trail)
    #[arg(long)]
    format: Format,
    /// Only what changed then or later, such as 2026-11-21 or 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    since: Option<Timestamp>,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let Arguments { data, format, since } = arguments;
    let store = data.open().await?.store;
    let begun = By::command_line().at;
    // Before anything leaves, so that an export that is broken off is in the trail, too.
    let extent = since.map_or_else(|| "everything".to_owned(), |since| format!("since {since}"));
    store.append_audit(entry(format, format!("begun: {extent}"))).await?;
    let (mut counts, mut held) = (Counts::default(), BTreeSet::new());
    let mut out = BufWriter::new(io::stdout());
    let written = export::write(&*store, format, since, &mut out, &mut counts, &mut held).await;
    let end = if written.is_ok() { "done" } else { "broken off" };
    store.exported(entry(format, format!("{end}: {counts}")), held).await?;
    written?;
    let next = (begun - OVERLAP).strftime("%FT%TZ");
    tracing::info!("exported {counts}; for what changes from now on: --since {next}");
    Ok(())
}

fn entry(format: Format, detail: String) -> AuditEntry {
    AuditEntry {
        by: By::command_line(),
        action: Action::Exported,
        subject: format.to_string(),
        detail,
    }
}

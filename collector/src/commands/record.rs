//! `device record`: everything kept about one device and those who use it, for a request to see it.

use anyhow::Result;
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::{device, finding};
use crate::output;
use crate::store::audit::{Action, AuditEntry};
use crate::store::devices::PlaceFilter;
use crate::store::findings::FindingFilter;
use crate::store::{By, Paging, Scope, Store, StoreError};

/// Rows of a list at a time.
const PART: u32 = 500;

/// A line, with what it is.
#[derive(Serialize)]
struct Line<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    what: T,
}

fn line(kind: &'static str, what: impl Serialize) -> Result<()> {
    output::line(&serde_json::to_string(&Line { kind, what })?)
}

/// Prints the record, and tells the device's users that it was given out.
pub(super) async fn print(store: &dyn Store, id: DeviceId) -> Result<()> {
    let row = store
        .device(id)
        .await?
        .ok_or_else(|| StoreError::not_found("device", id))?;
    let entry = AuditEntry {
        by: By::command_line(),
        action: Action::Exported,
        subject: id.to_string(),
        detail: "everything kept about the device".to_owned(),
    };
    // Before anything leaves.
    store.exported(entry, [id].into()).await?;
    line("device", device::View::from(row))?;
    for print in store.fingerprints(id).await? {
        let (at, fingerprint, changes) = (print.at, print.fingerprint, print.changes);
        line(
            "fingerprint",
            json!({ "at": at, "fingerprint": fingerprint, "changes": changes }),
        )?;
    }
    places(store, id).await?;
    findings(store, id).await?;
    deliveries(store, id).await?;
    disclosures(store, id).await
}

async fn places(store: &dyn Store, id: DeviceId) -> Result<()> {
    let filter = PlaceFilter {
        device: Some(id),
        ..PlaceFilter::within(Scope::Everything)
    };
    let mut paging = Paging::first(PART);
    loop {
        let page = store.places(filter.clone(), paging).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        for row in page.rows {
            line("place", json!({ "place": row.place, "since": row.since }))?;
        }
        paging = paging.next();
    }
}

async fn findings(store: &dyn Store, id: DeviceId) -> Result<()> {
    let filter = FindingFilter {
        device: Some(id),
        ..FindingFilter::within(Scope::Everything)
    };
    let mut paging = Paging::first(PART);
    loop {
        let page = store.findings(filter.clone(), paging).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        for row in page.rows {
            line("finding", finding::View::from(row))?;
        }
        paging = paging.next();
    }
}

async fn deliveries(store: &dyn Store, id: DeviceId) -> Result<()> {
    #[derive(Serialize)]
    struct Delivery {
        received_at: Timestamp,
        report: Box<serde_json::value::RawValue>,
    }
    let mut after = 0;
    loop {
        let rows = store.deliveries(id, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.number;
        for row in rows {
            for report in row.reports {
                let received_at = row.received_at;
                line("report", Delivery { received_at, report })?;
            }
        }
    }
}

async fn disclosures(store: &dyn Store, id: DeviceId) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = store.disclosures(id, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            line("told", row)?;
        }
    }
}

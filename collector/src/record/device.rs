//! The record of one device.

use anyhow::Result;
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::discretion::Discretion;
use super::{Out, line};
use crate::store::audit::{Action, AuditEntry};
use crate::store::corrections::{About, CorrectionFilter};
use crate::store::devices::{DeviceRow, PlaceFilter};
use crate::store::findings::FindingFilter;
use crate::store::{By, Paging, Scope, Store, StoreError};
use crate::views;

/// Rows of a list at a time.
const PART: u32 = 500;

/// Gives out the record of one device as it is kept, and tells its users that it was given out.
///
/// # Errors
/// If there is no such device, the database fails, or a line cannot be written.
pub(crate) async fn give(store: &dyn Store, id: DeviceId, by: By, out: &mut impl Out) -> Result<()> {
    let row = store
        .device(id)
        .await?
        .ok_or_else(|| StoreError::not_found("device", id))?;
    let entry = AuditEntry {
        by,
        action: Action::Exported,
        subject: id.to_string(),
        detail: "everything kept about the device".to_owned(),
    };
    // Before anything leaves.
    store.exported(entry, [id].into()).await?;
    write(store, row, None, Discretion::None, out).await
}

#[derive(Serialize)]
struct Head {
    #[serde(flatten)]
    device: views::device::View,
    /// How many others use it, where the record is one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<usize>,
}

/// Writes it.
pub(super) async fn write(
    store: &dyn Store,
    mut row: DeviceRow,
    others: Option<usize>,
    discretion: Discretion<'_>,
    out: &mut impl Out,
) -> Result<()> {
    let id = row.id;
    discretion.fingerprint(&mut row.fingerprint);
    let device = views::device::View::from(row);
    line(out, "device", Head { device, others }).await?;
    for mut print in store.fingerprints(id).await? {
        discretion.fingerprint(&mut print.fingerprint);
        discretion.changes(&mut print.changes);
        let what = json!({
            "device": id, "at": print.at, "fingerprint": print.fingerprint, "changes": print.changes,
        });
        line(out, "fingerprint", what).await?;
    }
    places(store, id, out).await?;
    findings(store, id, discretion, out).await?;
    corrections(store, About::Device(id), discretion, out).await?;
    deliveries(store, id, out).await?;
    disclosures(store, id, out).await
}

async fn places(store: &dyn Store, id: DeviceId, out: &mut impl Out) -> Result<()> {
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
            let what = json!({ "device": id, "place": row.place, "since": row.since });
            line(out, "place", what).await?;
        }
        paging = paging.next();
    }
}

async fn findings(store: &dyn Store, id: DeviceId, discretion: Discretion<'_>, out: &mut impl Out) -> Result<()> {
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
        for mut row in page.rows {
            discretion.finding(&mut row);
            line(out, "finding", views::finding::View::from(row)).await?;
        }
        paging = paging.next();
    }
}

/// Writes the corrections of something.
pub(super) async fn corrections(
    store: &dyn Store,
    about: About,
    discretion: Discretion<'_>,
    out: &mut impl Out,
) -> Result<()> {
    let filter = CorrectionFilter {
        about: Some(about),
        ..CorrectionFilter::default()
    };
    let mut paging = Paging::first(PART);
    loop {
        let page = store.corrections(filter, paging).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        for mut row in page.rows {
            discretion.correction(&mut row);
            line(out, "correction", views::correction::View::from(row)).await?;
        }
        paging = paging.next();
    }
}

async fn deliveries(store: &dyn Store, id: DeviceId, out: &mut impl Out) -> Result<()> {
    #[derive(Serialize)]
    struct Delivery {
        device: DeviceId,
        received_at: Timestamp,
        report: Box<RawValue>,
    }
    let mut after = 0;
    loop {
        let rows = store.deliveries(id, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.number;
        for row in rows {
            for report in row.reports {
                let what = Delivery {
                    device: id,
                    received_at: row.received_at,
                    report,
                };
                line(out, "report", what).await?;
            }
        }
    }
}

async fn disclosures(store: &dyn Store, id: DeviceId, out: &mut impl Out) -> Result<()> {
    #[derive(Serialize)]
    struct Told<T> {
        device: DeviceId,
        #[serde(flatten)]
        told: T,
    }
    let mut after = 0;
    loop {
        let rows = store.disclosures(id, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for told in rows {
            line(out, "told", Told { device: id, told }).await?;
        }
    }
}

//! What a list shows, as a table to download: all of it, in parts, so that memory does not grow with the list.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use fileward_protocol::ids::DeviceId;
use http_body_util::channel::{Channel, Sender};

use super::oops::Oops;
use super::visitor::Visitor;
use super::work::purpose;
use super::{Console, devices, findings};
use crate::export::csv;
use crate::store::audit::{Action, AuditEntry};
use crate::store::devices::DeviceRow;
use crate::store::findings::FindingRow;
use crate::store::{Page, Paging, Reply, Store};

/// Rows of one part.
const PART: u32 = 500;

/// Parts that wait for a slow reader.
const AHEAD: usize = 2;

pub(super) async fn of_findings(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<findings::Asked>,
) -> Result<Response, Oops> {
    if let Some(device) = asked.device()
        && purpose::of(&console, &visitor, device).await?.is_none()
    {
        let name = console.device(&visitor, device).await?.name;
        return Ok(purpose::ask(&visitor, (device, &name), &asked, None).into_response());
    }
    let filter = asked.filter(visitor.scope());
    let list = List {
        name: "findings",
        head: csv::head(&csv::FINDINGS),
        lines: |rows| csv::lines(rows.iter().map(csv::finding)),
        concerns: |row: &FindingRow| Some(row.device),
        entry: begin(&console, &visitor, "findings", &asked.pairs()).await?,
    };
    let store = Arc::clone(&console.store);
    Ok(list.send(Arc::clone(&store), move |paging| store.findings(filter.clone(), paging)))
}

pub(super) async fn of_devices(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<devices::Asked>,
) -> Result<Response, Oops> {
    let filter = asked.filter(&visitor);
    let list = List {
        name: "devices",
        head: csv::head(&csv::DEVICES),
        lines: |rows| csv::lines(rows.iter().map(csv::device)),
        concerns: |_: &DeviceRow| None,
        entry: begin(&console, &visitor, "devices", &asked.pairs()).await?,
    };
    let store = Arc::clone(&console.store);
    Ok(list.send(Arc::clone(&store), move |paging| store.devices(filter.clone(), paging)))
}

/// Notes that the download begins, before anything is given; the entry for its end.
async fn begin(
    console: &Console,
    visitor: &Visitor,
    what: &str,
    query: &[(&'static str, String)],
) -> Result<AuditEntry, Oops> {
    let filters: Vec<_> = query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, _)| *key)
        .collect();
    let entry = AuditEntry {
        by: visitor.by(),
        action: Action::Exported,
        subject: String::new(),
        detail: format!("{what} as csv at the console, filtered by: {}", filters.join(", ")),
    };
    console.store.append_audit(entry.clone()).await?;
    Ok(entry)
}

/// A list that is downloaded.
struct List<T> {
    name: &'static str,
    head: io::Result<Vec<u8>>,
    lines: fn(&[T]) -> io::Result<Vec<u8>>,
    /// The device whose users are told of it.
    concerns: fn(&T) -> Option<DeviceId>,
    entry: AuditEntry,
}

impl<T: Send + Sync + 'static> List<T> {
    fn send(self, store: Arc<dyn Store>, read: impl Fn(Paging) -> Reply<Page<T>> + Send + Sync + 'static) -> Response {
        let (sender, body) = Channel::new(AHEAD);
        let file = format!("attachment; filename=\"fileward-{}.csv\"", self.name);
        tokio::spawn(async move {
            let mut told = BTreeSet::new();
            let mut entry = self.entry.clone();
            self.fill(sender, read, &mut told).await;
            entry.detail.push_str(": ended");
            // However far it came: what was given is told.
            if let Err(error) = store.exported(entry, told).await {
                tracing::error!("the end of a download could not be noted: {error}");
            }
        });
        let heads = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, &file)];
        (heads, Body::new(body)).into_response()
    }

    async fn fill(
        self,
        mut sender: Sender<Bytes, io::Error>,
        read: impl Fn(Paging) -> Reply<Page<T>>,
        told: &mut BTreeSet<DeviceId>,
    ) {
        let mut part = self.head;
        let mut paging = Paging::first(PART);
        loop {
            let bytes = match part {
                Ok(bytes) => bytes,
                Err(error) => return sender.abort(error),
            };
            if sender.send_data(bytes.into()).await.is_err() {
                // Whoever asked has gone.
                return;
            }
            let page = match read(paging).await {
                Ok(page) if page.rows.is_empty() => return,
                Ok(page) => page,
                Err(error) => return sender.abort(io::Error::other(error)),
            };
            told.extend(page.rows.iter().filter_map(self.concerns));
            part = (self.lines)(&page.rows);
            paging = paging.next();
        }
    }
}

//! What a list shows, as a table to download: all of it, in parts, so that memory does not grow with the list.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use http_body_util::channel::Channel;

use super::oops::Oops;
use super::visitor::Visitor;
use super::work::purpose;
use super::{Console, devices, findings};
use crate::export::csv;
use crate::store::audit::{Action, AuditEntry};
use crate::store::{Page, Paging, Reply};

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
    note(&console, &visitor, "findings", &asked.pairs()).await?;
    let filter = asked.filter(visitor.scope());
    let store = Arc::clone(&console.store);
    let read = move |paging| store.findings(filter.clone(), paging);
    let head = csv::head(&csv::FINDINGS);
    Ok(table("findings", head, read, |rows| {
        csv::lines(rows.iter().map(csv::finding))
    }))
}

pub(super) async fn of_devices(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<devices::Asked>,
) -> Result<Response, Oops> {
    note(&console, &visitor, "devices", &asked.pairs()).await?;
    let filter = asked.filter(&visitor);
    let store = Arc::clone(&console.store);
    let read = move |paging| store.devices(filter.clone(), paging);
    let head = csv::head(&csv::DEVICES);
    Ok(table("devices", head, read, |rows| {
        csv::lines(rows.iter().map(csv::device))
    }))
}

/// Before anything is given: whoever breaks off has read what came so far.
async fn note(console: &Console, visitor: &Visitor, what: &str, query: &[(&'static str, String)]) -> Result<(), Oops> {
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
    Ok(console.store.append_audit(entry).await?)
}

fn table<T: Send + 'static>(
    name: &str,
    head: io::Result<Vec<u8>>,
    read: impl Fn(Paging) -> Reply<Page<T>> + Send + 'static,
    write: impl Fn(&[T]) -> io::Result<Vec<u8>> + Send + 'static,
) -> Response {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(AHEAD);
    tokio::spawn(async move {
        let mut part = head;
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
            part = write(&page.rows);
            paging = paging.next();
        }
    });
    let file = format!("attachment; filename=\"fileward-{name}.csv\"");
    (
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (CONTENT_DISPOSITION, file),
        ],
        Body::new(body),
    )
        .into_response()
}

//! Registers as tables: download and upload.

use std::sync::Arc;

use axum::extract::{Multipart, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use fileward_policy::words::{Both, InWords as _};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{Asked, words};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::filing::table;
use crate::store::audit::{Action, AuditEntry};
use crate::store::filings::{Earnest, Filed, Kind};
use crate::store::{Paging, StoreError};

/// The largest table, in bytes, with the form around it.
pub(in crate::console) const TABLE_LIMIT: usize = 4 << 20;

/// The link and the form under a register.
pub(super) fn forms(visitor: &Visitor, asked: &Asked) -> Markup {
    let kind = asked.kind();
    html! {
        h2 { "CSV" }
        p { a href=(layout::address("/registers/table", &asked.pairs())) { (visitor.say(words::DOWNLOAD)) } }
        form.actions method="post" action="/registers/table" enctype="multipart/form-data" {
            (layout::token(visitor))
            input type="hidden" name="kind" value=(kind);
            label { span { (visitor.say(words::FILE)) } input type="file" name="table" accept=".csv,text/csv" required; }
            label.choice { input type="checkbox" name="preview" value="yes" checked; (visitor.say(words::PREVIEW)) }
            button.second { (visitor.say(words::UPLOAD)) }
        }
    }
}

pub(in crate::console) async fn download(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Oops> {
    let kind = asked.kind();
    let rows = console
        .store
        .filings(asked.filter(), Paging::first(u32::MAX))
        .await?
        .rows;
    let entry = AuditEntry {
        by: visitor.by(),
        action: Action::Exported,
        subject: format!("register {kind}"),
        detail: format!("{} filed", rows.len()),
    };
    console.store.append_audit(entry).await?;
    let table = table::write(kind, &rows).map_err(|error| Oops::Store(StoreError::Database(error.into())))?;
    let head = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}.csv\"")),
    ];
    Ok((head, table).into_response())
}

/// What the form sends.
#[derive(Default)]
struct Sent {
    token: String,
    kind: Option<Kind>,
    preview: bool,
    table: Vec<u8>,
}

async fn read(visitor: &Visitor, mut parts: Multipart) -> Result<Sent, Oops> {
    let strange = |_| Oops::Conflict(visitor.say(words::NO_FILE).to_owned());
    let mut sent = Sent::default();
    while let Some(part) = parts.next_field().await.map_err(strange)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(strange)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "token" => sent.token = text(),
            "kind" => sent.kind = text().parse().ok(),
            "preview" => sent.preview = true,
            "table" => sent.table = bytes.to_vec(),
            _ => {}
        }
    }
    Ok(sent)
}

pub(in crate::console) async fn upload(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    parts: Multipart,
) -> Result<Markup, Oops> {
    let sent = read(&visitor, parts).await?;
    visitor.must_be_own_form(&sent.token)?;
    let refuse = |why: String| Err(Oops::Conflict(why));
    let Some(kind) = sent.kind.filter(|_| !sent.table.is_empty()) else {
        return refuse(visitor.say(words::NO_FILE).to_owned());
    };
    let filings = match table::read(kind, &sent.table, &console.company_key, Timestamp::now()) {
        Ok(filings) => filings,
        Err(bad) => return refuse(bad.in_words(visitor.language)),
    };
    let (earnest, said) = if sent.preview {
        (Earnest::Preview, words::PREVIEWED)
    } else {
        (Earnest::Do, words::IMPORTED)
    };
    let done = console.store.file(filings, earnest, visitor.by()).await?;
    Ok(told(&visitor, kind, done, said))
}

fn told(visitor: &Visitor, kind: Kind, done: Filed, said: Both) -> Markup {
    layout::page(
        visitor,
        visitor.say(said),
        &html! {
            dl {
                dt { (visitor.say(words::ADDED)) } dd { (done.added) }
                dt { (visitor.say(words::ALTERED)) } dd { (done.changed) }
                dt { (visitor.say(words::SAME)) } dd { (done.unchanged) }
            }
            p { a href={ "/registers?kind=" (kind) } { (kind.in_words(visitor.language)) } }
        },
    )
}

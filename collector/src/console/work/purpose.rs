//! Asking for what somebody looks before they see one employee's findings.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::words::InWords as _;
use fileward_protocol::ids::{DeviceId, FindingId};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::words;
use crate::console::access::Right;
use crate::console::findings::{self, Asked};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::safe::visible;
use crate::store::looks::{Look, Purpose};
use crate::store::work::TEXT_LIMIT;

/// The purpose that this visitor gave for this device, while it holds.
pub(in crate::console) async fn of(
    console: &Console,
    visitor: &Visitor,
    device: DeviceId,
) -> Result<Option<Look>, Oops> {
    let session = visitor.session.secret_hash;
    Ok(console.store.look(session, device, Timestamp::now()).await?)
}

/// The page that asks for it and leads on to the list, or to the one finding.
pub(in crate::console) fn ask(
    visitor: &Visitor,
    (device, device_name): (DeviceId, &str),
    asked: &Asked,
    finding: Option<FindingId>,
) -> Markup {
    layout::page(
        visitor,
        visitor.say(words::PURPOSE),
        &html! {
            p.note { (visitor.say(words::PURPOSE_NOTE)) }
            form method="post" action=(layout::address(&format!("/devices/{device}/purpose"), &asked.pairs())) {
                (layout::token(visitor))
                @if let Some(finding) = finding { input type="hidden" name="finding" value=(finding); }
                p { b { (visible(device_name)) } }
                @for purpose in Purpose::ALL {
                    p { label.choice {
                        input type="radio" name="purpose" value=(purpose) required;
                        (purpose.in_words(visitor.language))
                    } }
                }
                p { label {
                    span { (visitor.say(words::PURPOSE_TEXT)) }
                    input name="note" maxlength=(TEXT_LIMIT) size="40";
                } }
                button { (visitor.say(words::GO_ON)) }
            }
        },
    )
}

#[derive(Deserialize)]
pub(in crate::console) struct Given {
    token: String,
    purpose: Purpose,
    note: String,
    finding: Option<FindingId>,
}

pub(in crate::console) async fn give(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(device): Path<DeviceId>,
    Query(asked): Query<Asked>,
    Form(given): Form<Given>,
) -> Result<Response, Oops> {
    visitor.must(Right::Findings)?;
    visitor.must_be_own_form(&given.token)?;
    let name = findings::device_name(&console, &visitor, device).await?;
    let note: String = given.note.trim().chars().take(TEXT_LIMIT).collect();
    if given.purpose == Purpose::Other && note.is_empty() {
        return Ok(ask(&visitor, (device, &name), &asked, given.finding).into_response());
    }
    let look = Look {
        purpose: given.purpose,
        note,
    };
    let session = visitor.session.secret_hash;
    console.store.begin_look(session, device, look, visitor.by()).await?;
    let on = match given.finding {
        Some(finding) => format!("/findings/{device}/{finding}"),
        None => layout::address("/findings", &asked.of_device(device).pairs()),
    };
    Ok(Redirect::to(&on).into_response())
}

//! Work on findings: forms beside one finding and what they do, many findings at once, the employees' answers, the rules'
//! precision, the ladder, and the purpose of a look.

pub(super) mod answers;
pub(super) mod deed;
pub(super) mod forms;
pub(super) mod ladder;
pub(super) mod precision;
pub(super) mod purpose;
pub(super) mod selected;
pub(super) mod words;

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use fileward_protocol::ids::{DeviceId, FindingId};

use self::deed::{Fields, field, hindered};
use super::Console;
use super::oops::Oops;
use super::visitor::Visitor;
use crate::store::work::Which;

/// Does one thing with one finding.
pub(super) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path((device, finding)): Path<(DeviceId, FindingId)>,
    Form(fields): Form<Fields>,
) -> Result<Redirect, Oops> {
    let (_, act) = deed::read(&visitor, &fields)?;
    let which = Which { device, finding };
    console.finding(&visitor, device, finding).await?;
    for outcome in console.store.work(vec![which], act, visitor.by()).await? {
        outcome.map_err(|hindrance| hindered(&visitor, hindrance))?;
    }
    let on = match field(&fields, "back") {
        "answers" => "/answers".to_owned(),
        _ => format!("/findings/{device}/{finding}"),
    };
    Ok(Redirect::to(&on))
}

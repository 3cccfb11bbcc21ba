//! `/v1/findings`: findings with their history, and decisions about them. What is shown of them is audited.

mod view;

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use fileward_policy::words::InWords as _;
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{FindingState, Language, Rule, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenApi;
use super::bearer::Bearer;
use super::page::Page;
use super::problem::{Code, Problem};
use super::query::{self, Asked, Cursor, Id, Named};
use crate::store::StoreError;
use crate::store::api_tokens::Scope;
use crate::store::audit::Action;
use crate::store::findings::FindingRow;
use crate::store::work::{Act, Hindrance, TEXT_LIMIT, Which};
use view::Finding;

/// The longest reason, in characters.
pub(super) const LONGEST_REASON: usize = TEXT_LIMIT;

/// Which findings are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(default)]
    cursor: Cursor,
    #[serde(default, deserialize_with = "query::time")]
    since: Option<Timestamp>,
    state: Option<FindingState>,
    severity: Option<Severity>,
    rule: Option<Rule>,
    device: Option<Id>,
}

impl Filter {
    fn wants(&self, row: &FindingRow) -> bool {
        let finding = &row.finding;
        self.state.is_none_or(|state| state == finding.state)
            && self.severity.is_none_or(|severity| severity == finding.severity)
            && self.rule.is_none_or(|rule| rule == finding.rule)
            && self.device.as_ref().is_none_or(|id| id.0 == row.device.0)
    }
}

/// A decision as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    what: Decided,
    reason: String,
}

/// How a finding stands after a decision; no more, since whoever decides need not be let to read.
#[derive(Serialize)]
pub(super) struct After {
    device: DeviceId,
    finding: FindingId,
    state: FindingState,
}

pub(super) async fn list(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page<Finding>>, Problem> {
    bearer.must(Scope::FindingsRead)?;
    let stretch = api.store.walk_findings(filter.cursor.0, filter.since).await?;
    let wanted = stretch.rows.iter().filter(|row| filter.wants(row));
    let devices = wanted.map(|row| row.device).collect();
    let page = Page::of(stretch, |row: &FindingRow| filter.wants(row));
    let subject = filter.device.as_ref().map(|id| DeviceId(id.0).to_string());
    let detail = format!("{} told by the API", page.len());
    let subject = subject.unwrap_or_default();
    bearer
        .note(&api, Action::FindingsListed, subject, detail, devices)
        .await?;
    Ok(Json(page))
}

pub(super) async fn one(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Named((device, finding)): Named<(Id, Id)>,
) -> Result<Json<Finding>, Problem> {
    bearer.must(Scope::FindingsRead)?;
    let (device, id) = (DeviceId(device.0), FindingId(finding.0));
    let row = api.store.finding(device, id).await?;
    let row = row.ok_or_else(|| StoreError::not_found("finding", id))?;
    let subject = format!("{device}/{id}");
    bearer
        .note(&api, Action::FindingViewed, subject, String::new(), [device].into())
        .await?;
    Ok(Json(Finding::from(row)))
}

pub(super) async fn decide(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Named((device, finding)): Named<(Id, Id)>,
    request: Request,
) -> Result<Json<After>, Problem> {
    bearer.must(Scope::FindingsDecide)?;
    let decision = read(request).await?;
    let (device, finding) = (DeviceId(device.0), FindingId(finding.0));
    let reason = decision.reason;
    let (act, state) = match decision.what {
        Decided::Exempted => (Act::Exempt { reason, until: None }, FindingState::Exempted),
        Decided::Reopened => (Act::Reopen { reason }, FindingState::Open),
    };
    let which = Which { device, finding };
    for outcome in api.store.work(vec![which], act, bearer.by()).await? {
        if let Err(hindrance) = outcome {
            let code = match hindrance {
                Hindrance::NotThere => Code::NotFound,
                _ => Code::Conflict,
            };
            return Err(Problem::new(code, hindrance.in_words(Language::En)));
        }
    }
    Ok(Json(After { device, finding, state }))
}

async fn read(request: Request) -> Result<Decision, Problem> {
    let media_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        let detail = "the body must be application/json";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
    let body = body.map_err(|_| Problem::new(Code::TooLarge, "the body is too large, or ended too early"))?;
    let decision: Decision = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(Code::Malformed, format!("the body is not what it must be: {error}")))?;
    let length = decision.reason.chars().count();
    if !decision.reason.chars().any(shows) || length > LONGEST_REASON {
        let detail = format!("reason: a decision needs one, of at most {LONGEST_REASON} characters");
        return Err(Problem::new(Code::Malformed, detail));
    }
    Ok(decision)
}

/// Whether a character is more than white space, in any reading of that.
fn shows(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '\u{1c}'..='\u{1f}' | '\u{feff}')
}

//! What SCIM says beside users and groups: lists, refusals, what stands in an address and a body.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::open_api::problem::Problem;
use crate::store::StoreError;

const MEDIA_TYPE: &str = "application/scim+json";

/// The most resources in one answer.
pub(super) const MOST: usize = 200;

/// An answer.
pub(super) type Reply = (StatusCode, [(axum::http::HeaderName, &'static str); 1], String);

/// Says this.
pub(super) fn reply(said: Value) -> Reply {
    reply_with(StatusCode::OK, said)
}

/// Says this with another status.
#[expect(clippy::needless_pass_by_value, reason = "what is said is made for the answer")]
pub(super) fn reply_with(status: StatusCode, said: Value) -> Reply {
    (status, [(CONTENT_TYPE, MEDIA_TYPE)], said.to_string())
}

/// A part of a list: `start` counts from 1.
pub(super) fn list(resources: Vec<Value>, start: usize, count: Option<usize>) -> Reply {
    let total = resources.len();
    let count = count.unwrap_or(MOST).min(MOST);
    let skipped = start.max(1) - 1;
    let part: Vec<_> = resources.into_iter().skip(skipped).take(count).collect();
    reply(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": skipped + 1,
        "itemsPerPage": part.len(),
        "Resources": part,
    }))
}

/// Which resources are wanted.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Wanted {
    filter: Option<String>,
    start_index: Option<usize>,
    count: Option<usize>,
    excluded_attributes: Option<String>,
}

impl Wanted {
    /// The value that `attribute` must have, where a filter says so: `userName eq "li"`. No other filter is understood.
    pub(super) fn equal(&self, attribute: &str) -> Result<Option<String>, Refused> {
        let Some(filter) = &self.filter else { return Ok(None) };
        let refused = || {
            let detail = format!("the only filter here is: {attribute} eq \"…\"");
            Refused::new(StatusCode::BAD_REQUEST, "invalidFilter", detail)
        };
        let mut words = filter.trim().splitn(3, ' ');
        let (name, is, value) = (words.next(), words.next(), words.next());
        let fits = name.is_some_and(|name| name.eq_ignore_ascii_case(attribute))
            && is.is_some_and(|is| is.eq_ignore_ascii_case("eq"));
        let value = value.filter(|_| fits).ok_or_else(refused)?;
        serde_json::from_str(value).map(Some).map_err(|_| refused())
    }

    /// The part that is wanted.
    pub(super) fn part(&self, resources: Vec<Value>) -> Reply {
        list(resources, self.start_index.unwrap_or(1), self.count)
    }

    /// Whether members are left out.
    pub(super) fn excludes_members(&self) -> bool {
        let excluded = self.excluded_attributes.as_deref().unwrap_or_default();
        excluded
            .split(',')
            .any(|name| name.trim().eq_ignore_ascii_case("members"))
    }
}

/// A body in JSON, whatever it calls itself: directories differ in that.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| {
            let detail = "the body is too large, or ended too early";
            Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "tooMany", detail)
        })?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Refused::new(StatusCode::BAD_REQUEST, "invalidSyntax", error.to_string()))
    }
}

/// Why something is not done.
#[derive(Debug)]
pub(super) enum Refused {
    /// As SCIM says it.
    Scim(StatusCode, &'static str, String),
    /// As the rest of the API says it.
    Other(Problem),
}

impl Refused {
    /// A refusal with one of SCIM's words for it.
    pub(super) fn new(status: StatusCode, word: &'static str, detail: impl Into<String>) -> Self {
        Self::Scim(status, word, detail.into())
    }

    /// A value that cannot be.
    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidValue", detail)
    }

    /// Nothing has this id.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "", "there is nothing with this id")
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(why) => Self::new(StatusCode::CONFLICT, "", why),
            other => Self::Other(other.into()),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, word, detail) = match self {
            Self::Scim(status, word, detail) => (status, word, detail),
            Self::Other(problem) => return problem.into_response(),
        };
        let mut said = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.as_str(),
            "detail": detail,
        });
        if !word.is_empty() {
            said["scimType"] = word.into();
        }
        reply_with(status, said).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(filter: &str) -> Result<Option<String>, Refused> {
        let wanted = Wanted {
            filter: Some(filter.to_owned()),
            ..Wanted::default()
        };
        wanted.equal("userName")
    }

    #[test]
    fn a_filter_names_one_value_or_is_refused() {
        assert_eq!(filtered(r#"userName eq "li lei""#).unwrap().as_deref(), Some("li lei"));
        assert_eq!(filtered(r#"USERNAME EQ "a\"b""#).unwrap().as_deref(), Some("a\"b"));
        for bad in [
            "",
            "userName",
            "userName eq",
            "userName eq li",
            "userName co \"l\"",
            "id eq \"1\"",
            "userName eq \"a\" or 1",
        ] {
            assert!(filtered(bad).is_err(), "{bad}");
        }
    }
}

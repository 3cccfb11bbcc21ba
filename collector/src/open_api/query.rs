//! What stands in an address: understood as a whole or refused, each parameter by its name.

use std::str::FromStr;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::problem::{Code, Problem};
use crate::store::walk::Milestone;

/// The query of an address.
pub(super) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Problem::new(Code::Malformed, rejection.body_text())),
        }
    }
}

/// The ids in an address. What is no id names nothing.
pub(super) struct Named<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        match path {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(Problem::new(Code::NotFound, "what stands in the address is no id")),
        }
    }
}

/// An id in the one form that the description names.
pub(super) struct Id(pub Uuid);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id: Uuid = text.parse().map_err(D::Error::custom)?;
        let form = id.hyphenated().to_string();
        if form.eq_ignore_ascii_case(&text) {
            Ok(Self(id))
        } else {
            Err(D::Error::custom("not the usual form"))
        }
    }
}

/// From where a list goes on. Programs take it from the page before and need not know what it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor(pub Milestone);

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=18).contains(&text.len());
        let number = digits.then(|| text.parse().ok()).flatten();
        number
            .map(|number| Self(Milestone(number)))
            .ok_or_else(|| D::Error::custom("cursor: take it from \"next\" of the page before"))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.0)
    }
}

/// Reads a time of RFC 3339.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = Timestamp::from_str(&text).map_err(|_| D::Error::custom("since: write it like 2026-11-21T08:00:00Z"))?;
    Ok(Some(time))
}

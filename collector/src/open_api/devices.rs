//! `/v1/devices`: devices as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::{App, Binding, PlaceKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenApi;
use super::bearer::Bearer;
use super::page::Page;
use super::problem::Problem;
use super::query::{self, Asked, Cursor, Id, Named};
use crate::fingerprint;
use crate::store::StoreError;
use crate::store::api_tokens::Scope;
use crate::store::audit::Action;
use crate::store::devices::DeviceRow;
use crate::views::parts::OsView;

/// Which devices are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(default)]
    cursor: Cursor,
    #[serde(default, deserialize_with = "query::time")]
    since: Option<Timestamp>,
    binding: Option<Binding>,
    group: Option<String>,
}

/// A device.
#[derive(Serialize)]
pub(super) struct Device {
    id: DeviceId,
    binding: Binding,
    name: String,
    group: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
    os: OsView,
    users: Vec<String>,
    agent_version: String,
    policy_version: Option<u64>,
    places: Vec<Place>,
    open_findings: u64,
    last_seen: Timestamp,
    enrolled_at: Timestamp,
    clone_suspected_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Place {
    kind: PlaceKind,
    app: Option<App>,
    state: &'static str,
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        let seen = row.fingerprint;
        let places = row.health.as_ref().map(|health| health.places.as_slice());
        let places = places.unwrap_or_default().iter().map(|place| Place {
            kind: place.kind,
            app: place.app,
            state: fingerprint::state_word(place.state),
        });
        Self {
            id: row.id,
            binding: row.binding,
            name: row.name,
            group: row.group,
            vendor: seen.vendor,
            model: seen.model,
            os: OsView::from(seen.os),
            users: seen.users,
            agent_version: seen.agent_version,
            places: places.collect(),
            policy_version: row.health.map(|health| health.policy_version),
            open_findings: row.open_findings,
            last_seen: row.last_seen,
            enrolled_at: row.enrolled_at,
            clone_suspected_at: row.clone_suspected_at,
        }
    }
}

pub(super) async fn list(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page<Device>>, Problem> {
    bearer.must(Scope::DevicesRead)?;
    let stretch = api.store.walk_devices(filter.cursor.0, filter.since).await?;
    let page = Page::of(stretch, |row: &DeviceRow| {
        filter.binding.is_none_or(|binding| binding == row.binding)
            && (filter.group.is_none() || filter.group == row.group)
    });
    let detail = format!("{} told by the API", page.len());
    bearer
        .note(&api, Action::DeviceViewed, String::new(), detail, BTreeSet::new())
        .await?;
    Ok(Json(page))
}

pub(super) async fn one(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Named(Id(id)): Named<Id>,
) -> Result<Json<Device>, Problem> {
    bearer.must(Scope::DevicesRead)?;
    let row = api.store.device(DeviceId(id)).await?;
    let row = row.ok_or_else(|| StoreError::not_found("device", id))?;
    let subject = row.id.to_string();
    bearer
        .note(&api, Action::DeviceViewed, subject, String::new(), BTreeSet::new())
        .await?;
    Ok(Json(Device::from(row)))
}

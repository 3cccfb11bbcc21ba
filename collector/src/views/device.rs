//! A device.

use fileward_protocol::fingerprint::Security;
use fileward_protocol::health::PlaceHealth;
use fileward_protocol::ids::{DeviceId, KeyedHash};
use fileward_protocol::vocabulary::{App, Binding, PlaceKind};
use jiff::Timestamp;
use serde::Serialize;

use crate::fingerprint;
use crate::store::devices::DeviceRow;
use crate::views::parts::OsView;

/// A device as `--json` shows it.
#[derive(Serialize)]
pub(crate) struct View {
    id: DeviceId,
    binding: Binding,
    name: String,
    group: Option<String>,
    model: Option<String>,
    serial: Option<KeyedHash>,
    system_uuid: Option<KeyedHash>,
    macs: Vec<String>,
    security: Security,
    os: OsView,
    user: Option<String>,
    agent_version: String,
    policy_version: u64,
    last_seen: Timestamp,
    places: Vec<Place>,
    enrolled_at: Timestamp,
}

#[derive(Serialize)]
struct Place {
    kind: PlaceKind,
    app: Option<App>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl From<PlaceHealth> for Place {
    fn from(place: PlaceHealth) -> Self {
        Self {
            kind: place.kind,
            app: place.app,
            state: fingerprint::state_word(place.state),
            why: place.state.to_string().split_once(": ").map(|(_, why)| why.to_owned()),
        }
    }
}

impl From<DeviceRow> for View {
    fn from(row: DeviceRow) -> Self {
        let seen = row.fingerprint;
        let health = row.health;
        Self {
            id: row.id,
            binding: row.binding,
            name: row.name,
            group: row.group,
            model: seen.model,
            serial: seen.serial,
            system_uuid: seen.system_uuid,
            macs: seen.adapters.into_iter().map(|adapter| adapter.mac).collect(),
            security: seen.security,
            os: OsView::from(seen.os),
            user: (!seen.users.is_empty()).then(|| seen.users.join(", ")),
            agent_version: seen.agent_version,
            policy_version: health.as_ref().map_or(0, |health| health.policy_version),
            last_seen: row.last_seen,
            places: health.map_or_else(Vec::new, |health| health.places.into_iter().map(Place::from).collect()),
            enrolled_at: row.enrolled_at,
        }
    }
}

//! Which kinds of places a policy begins or ceases to watch, and how many there are: what the collector holds of places.

use fileward_policy::{Effective, Policy};
use fileward_protocol::vocabulary::{Binding, PlaceKind};

use crate::store::devices::DeviceRow;
use crate::store::walk::Milestone;
use crate::store::{Store, StoreError};

/// A kind of place that is watched otherwise than by the policy in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceChange {
    /// The kind.
    pub(crate) kind: PlaceKind,
    /// Places that would be left.
    pub(crate) left: u64,
    /// Devices on which it would be looked for. How many places they have nobody knows before.
    pub(crate) begun: u64,
}

/// The kinds that can be turned off.
const KINDS: [PlaceKind; 4] = [
    PlaceKind::Desktop,
    PlaceKind::Downloads,
    PlaceKind::ChatCache,
    PlaceKind::PersonalCloud,
];

/// What changes on bound devices, against what everybody has.
pub(super) async fn changes(store: &dyn Store, next: &Policy) -> Result<Vec<PlaceChange>, StoreError> {
    let row = store.policy(None).await?;
    let Some(former) = row.and_then(|row| Policy::parse_published(&row.document).ok()) else {
        return Ok(Vec::new());
    };
    let mut changes = KINDS.map(|kind| PlaceChange {
        kind,
        left: 0,
        begun: 0,
    });
    let mut from = Some(Milestone::default());
    while let Some(milestone) = from {
        let stretch = store.walk_devices(milestone, None).await?;
        from = stretch.on;
        for device in stretch.rows.iter().filter(|row| row.binding == Binding::Bound) {
            let group = device.group.as_deref();
            let (before, after) = (former.effective(group), next.effective(group));
            for change in &mut changes {
                count(change, device, &before, &after);
            }
        }
    }
    Ok(changes
        .into_iter()
        .filter(|change| change.left + change.begun > 0)
        .collect())
}

fn count(change: &mut PlaceChange, device: &DeviceRow, before: &Effective, after: &Effective) {
    match (is_watched(before, change.kind), is_watched(after, change.kind)) {
        (true, false) => {
            let places = device.health.iter().flat_map(|health| &health.places);
            change.left += places.filter(|place| place.kind == change.kind).count() as u64;
        }
        (false, true) => change.begun += 1,
        _ => {}
    }
}

fn is_watched(policy: &Effective, kind: PlaceKind) -> bool {
    let places = &policy.places;
    match kind {
        PlaceKind::Store => true,
        PlaceKind::Desktop => places.desktop.is_some(),
        PlaceKind::Downloads => places.downloads.is_some(),
        PlaceKind::ChatCache => places.chat_cache.is_some(),
        PlaceKind::PersonalCloud => places.personal_cloud.is_some(),
    }
}

//! How well each place is watched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fileward_places::Place;
use fileward_protocol::health::{Degraded, PlaceState, Unavailable};
use jiff::Timestamp;

/// A place and how well it is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceStatus {
    /// The place.
    pub(crate) place: Arc<Place>,
    /// The survey's state, or a worse one that watching it found.
    pub(crate) state: PlaceState,
    /// Since when.
    pub(crate) since: Timestamp,
}

/// What watching a place found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its root cannot be looked into.
    pub(crate) unavailable: Option<Unavailable>,
    /// The OS does not watch it, or not wholly.
    pub(crate) refused: Option<Degraded>,
    /// The last sweep could not read all of it.
    pub(crate) partly_unreadable: bool,
}

impl Found {
    /// The state of `place`: the worst of what is known.
    pub(crate) fn state(self, place: &Place) -> PlaceState {
        match (self.unavailable, self.refused) {
            _ if matches!(place.state, PlaceState::Unavailable(_)) => place.state,
            (Some(why), _) => PlaceState::Unavailable(why),
            _ if !place.events => PlaceState::Degraded(Degraded::NoEvents),
            (_, Some(why)) => PlaceState::Degraded(why),
            _ if self.partly_unreadable => PlaceState::Degraded(Degraded::PartlyUnreadable),
            _ => place.state,
        }
    }
}

/// The states of all places.
#[derive(Default)]
pub(crate) struct Statuses {
    found: BTreeMap<PathBuf, Found>,
    current: Vec<PlaceStatus>,
}

impl Statuses {
    /// What watching the place at `root` found.
    pub(crate) fn found(&mut self, root: &Path) -> &mut Found {
        self.found.entry(root.to_path_buf()).or_default()
    }

    /// Whether something may happen in the place at `root` without an event: the OS does not watch it, or not wholly, or
    /// some of it cannot be read.
    pub(crate) fn has_blind_spots(&self, root: &Path) -> bool {
        let found = self.found.get(root);
        found.is_some_and(|found| found.refused.is_some() || found.partly_unreadable)
    }

    /// The states as of the last update.
    pub(crate) fn current(&self) -> &[PlaceStatus] {
        &self.current
    }

    /// The states now; `None` when nothing changed since the last call.
    pub(crate) fn update(&mut self, places: &[Arc<Place>], now: Timestamp) -> Option<Vec<PlaceStatus>> {
        self.found
            .retain(|root, _| places.iter().any(|place| place.root == *root));
        let statuses: Vec<PlaceStatus> = places
            .iter()
            .map(|place| {
                let state = self.found(&place.root).state(place);
                let before = self.current.iter().find(|before| before.place.root == place.root);
                PlaceStatus {
                    place: Arc::clone(place),
                    state,
                    since: before
                        .filter(|before| before.state == state)
                        .map_or(now, |before| before.since),
                }
            })
            .collect();
        if statuses == self.current {
            return None;
        }
        self.current.clone_from(&statuses);
        Some(statuses)
    }
}

#[cfg(test)]
mod tests {
    use fileward_places::Found as FoundBy;
    use fileward_protocol::vocabulary::PlaceKind;

    use super::*;

    fn place(root: &str, state: PlaceState, events: bool) -> Arc<Place> {
        Arc::new(Place {
            kind: PlaceKind::Desktop,
            app: None,
            owner: None,
            root: root.into(),
            account: None,
            found: FoundBy {
                by: "test".to_owned(),
                grade: None,
            },
            state,
            events,
            store: None,
        })
    }

    #[test]
    fn a_place_is_as_well_as_the_worst_that_is_known() {
        let limit = Some(Degraded::WatchLimit);
        let missing = Some(Unavailable::Missing);
        let found = |unavailable, refused, partly_unreadable| Found {
            unavailable,
            refused,
            partly_unreadable,
        };
        let degraded = PlaceState::Degraded;
        let ok = PlaceState::Ok;
        let outside = PlaceState::Unavailable(Unavailable::OutsideUser);
        for (surveyed, events, found, state) in [
            (ok, true, Found::default(), ok),
            (ok, true, found(None, None, true), degraded(Degraded::PartlyUnreadable)),
            (ok, true, found(None, limit, true), degraded(Degraded::WatchLimit)),
            (
                ok,
                true,
                found(missing, limit, true),
                PlaceState::Unavailable(Unavailable::Missing),
            ),
            (ok, false, Found::default(), degraded(Degraded::NoEvents)),
            (
                ok,
                false,
                found(missing, None, false),
                PlaceState::Unavailable(Unavailable::Missing),
            ),
            (outside, true, found(missing, limit, true), outside),
            (
                degraded(Degraded::PartlyUnreadable),
                true,
                Found::default(),
                degraded(Degraded::PartlyUnreadable),
            ),
        ] {
            assert_eq!(found.state(&place("/a", surveyed, events)), state, "{found:?}");
        }
    }

    #[test]
    fn only_a_change_is_told_and_it_keeps_the_time_of_what_did_not_change() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let places = [place("/a", PlaceState::Ok, true), place("/b", PlaceState::Ok, true)];
        let mut statuses = Statuses::default();
        assert!(statuses.update(&places, at(1)).is_some());
        assert_eq!(statuses.update(&places, at(2)), None);
        statuses.found(Path::new("/b")).refused = Some(Degraded::WatchLimit);
        let told = statuses.update(&places, at(3)).unwrap();
        assert_eq!((told[0].since, told[1].since), (at(1), at(3)));
        assert!(statuses.update(&places[..1], at(4)).is_some());
        assert!(!statuses.has_blind_spots(Path::new("/b")));
        statuses.found(Path::new("/a")).partly_unreadable = true;
        assert!(statuses.has_blind_spots(Path::new("/a")));
    }
}

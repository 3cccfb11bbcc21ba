//! Files with a finding that are gone, or whose path another file has taken. A move shows first as a disappearance: a
//! finding ends only after its file had time to show up elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::Resolution;

/// Under a load that never ends, nothing is held back longer than this.
const LONGEST: Duration = Duration::from_mins(1);

pub(super) struct Limbo {
    patience: Duration,
    held: BTreeMap<FindingId, Held>,
}

struct Held {
    since: Instant,
    /// How the finding ends if its file does not show up.
    why: Resolution,
}

impl Limbo {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            held: BTreeMap::new(),
        }
    }

    /// Holds a finding whose file is gone; `why` is how it ends if the file does not show up.
    pub(super) fn hold(&mut self, id: FindingId, why: Resolution, now: Instant) {
        let held = self.held.entry(id).or_insert(Held { since: now, why });
        held.why = why;
    }

    /// Lets a finding go: its file showed up.
    pub(super) fn release(&mut self, id: FindingId) {
        self.held.remove(&id);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn holds(&self, id: FindingId) -> bool {
        self.held.contains_key(&id)
    }

    /// Takes the findings whose file had its time. `drained`: every sighting that was under way has been worked on.
    pub(super) fn expired(&mut self, now: Instant, drained: bool) -> Vec<(FindingId, Resolution)> {
        let patience = if drained {
            self.patience
        } else {
            self.patience + LONGEST
        };
        let expired = self
            .held
            .extract_if(.., |_, held| now.duration_since(held.since) >= patience);
        expired.map(|(id, held)| (id, held.why)).collect()
    }

    /// When the next one has had its time.
    pub(super) fn next(&self) -> Option<Instant> {
        self.held.values().map(|held| held.since + self.patience).min()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_finding_is_held_until_its_time_is_over_and_all_sightings_are_handled() {
        let id = FindingId(Uuid::from_u128(1));
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        let mut limbo = Limbo::new(Duration::from_secs(2));
        limbo.hold(id, Resolution::NoLongerApplies, begin);
        limbo.hold(id, Resolution::Deleted, after(1));
        assert!(limbo.expired(after(1), true).is_empty());
        assert!(limbo.expired(after(3), false).is_empty());
        assert_eq!(limbo.next(), Some(after(2)));
        assert_eq!(
            limbo.expired(after(3), true),
            [(id, Resolution::Deleted)],
            "as was last known"
        );
        assert!(!limbo.holds(id));
        limbo.hold(id, Resolution::Deleted, begin);
        assert_eq!(limbo.expired(after(62), false).len(), 1, "not even under endless load");
    }
}

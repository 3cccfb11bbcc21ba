//! How the service is, for the collector: counts and states, nothing that names a file or a user.

use std::collections::HashSet;

use anyhow::Result;
use fileward_protocol::health::{Health, PlaceHealth};
use fileward_protocol::report::Word;

use super::Shared;

impl Shared {
    /// How the service is just now.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) fn measure(&self) -> Result<Health> {
        let (queue, noticed, uninspectable) = self
            .ledger
            .read(|reader| Ok((reader.queue()?, reader.noticed()?, reader.uninspectable()?)))?;
        let force = self.force();
        let unknown = force.policy.unknown_detectors();
        Ok(Health {
            policy_version: force.version,
            queue_waiting: queue.waiting,
            queue_bytes: queue.bytes,
            noticed,
            uninspectable,
            unknown_detectors: unknown.into_iter().filter_map(|name| Word::new(name).ok()).collect(),
            clock_offset_ms: self.contact().map_or(0, |contact| contact.clock_offset_ms),
            started_at: self.started_at,
            swept: self.is_swept(),
            places: self.place_health(),
        })
    }

    /// Each place, without saying whose: two users' equal places are told once.
    fn place_health(&self) -> Vec<PlaceHealth> {
        let mut told = HashSet::new();
        let statuses = self.statuses();
        let places = statuses.iter().map(|status| PlaceHealth {
            kind: status.place.kind,
            app: status.place.app,
            state: status.state,
        });
        places.filter(|place| told.insert(place.clone())).collect()
    }
}

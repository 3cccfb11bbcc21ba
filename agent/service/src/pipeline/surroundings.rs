//! What happens around the files: places come and go, stores lose their protection, sweeps end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use fileward_places::{Place, Store, Survey};
use fileward_policy::judge_store;
use fileward_policy::subject::Protection;
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::{PlaceKind, Resolution};

use super::record::{gone, place_of};
use super::{Force, Pipeline};
use crate::ledger::{Entry, Offence, Record};
use crate::watch::{Event, Outcome, PlaceStatus};

impl Pipeline {
    pub(super) fn surroundings(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Sighting(sighting) => self.look(vec![sighting]),
            Event::Look(path) => self.look_again(&[path]),
            Event::Orphaned(path) => {
                let limbo = &mut self.limbo;
                let enter = |entry: &mut Entry<'_>| gone(entry, limbo, &path);
                let (question, _) = self.shared.ledger.enter(self.shared.now(), enter)?;
                self.shared.publish(&[], question);
                Ok(())
            }
            Event::Swept { root, outcome } => {
                if matches!(outcome, Outcome::Whole | Outcome::Partly) {
                    let whole = outcome == Outcome::Whole;
                    self.shared
                        .ledger
                        .enter(self.shared.now(), |entry| entry.swept(&root, whole))?;
                }
                self.shared.swept(&root);
                self.shared.wake.notify_one();
                Ok(())
            }
            Event::FirstSweepDone => {
                self.shared.set_swept();
                self.shared.bell.ring();
                let count = |name| self.shared.ledger.read(|reader| reader.counter(name));
                let (inspecting, opening) = (count("inspect_errors")?, count("open_errors")?);
                tracing::info!(inspecting, opening, "the first sweep is done; files that failed so far");
                Ok(())
            }
            Event::Places(survey, statuses) => self.places(survey, statuses),
            // The service manager starts a new service; this one would be blind.
            Event::Failed(why) => bail!("the watch ended: {why}"),
        }
    }

    fn places(&mut self, survey: Arc<Survey>, statuses: Vec<PlaceStatus>) -> Result<()> {
        let force = self.shared.force();
        let vanished = self.vanished_roots(&survey)?;
        let (gone, transitions) = self.shared.ledger.enter(self.shared.now(), |entry| {
            for status in &statuses {
                let place = &status.place;
                entry.place_state(&place.root, place_of(place), status.state, status.since)?;
                if is_known(status) {
                    judge_protection(entry, &force, place)?;
                }
            }
            leave_places(entry, &force, &survey, &vanished)
        })?;
        for record in gone {
            self.limbo.hold(record.finding.id, Resolution::Deleted, Instant::now());
        }
        let count = survey.places.len();
        self.shared.set_surroundings(survey, statuses);
        self.shared.publish(&transitions, false);
        self.shared.ready(count);
        tracing::info!(places = count, "places are watched");
        Ok(())
    }

    /// The roots of findings that are no places any more because they are gone, while the folder above them is there.
    fn vanished_roots(&self, survey: &Survey) -> Result<BTreeSet<PathBuf>> {
        let roots = self.shared.ledger.read(|reader| reader.active_roots())?;
        let mut roots = BTreeSet::from_iter(roots);
        for place in &survey.places {
            roots.remove(&place.root);
        }
        roots.retain(|root| is_absent(root) && root.parent().is_some_and(Path::exists));
        Ok(roots)
    }
}

/// Whether a store's protection is known. That of one which only its user may enter is, once it is encrypted.
fn is_known(status: &PlaceStatus) -> bool {
    let encrypted = |store: &Store| matches!(store.protection, Protection::Encrypted(_));
    match &status.place.store {
        Some(store) => encrypted(store) || !matches!(status.state, PlaceState::Unavailable(_)),
        None => false,
    }
}

fn judge_protection(entry: &mut Entry<'_>, force: &Force, place: &Place) -> Result<()> {
    let Some(store) = &place.store else { return Ok(()) };
    if let Some(violation) = judge_store(&force.policy, store.require_encryption, &store.protection) {
        return entry.offends(&Offence {
            path: place.root.clone(),
            root: place.root.clone(),
            owner: place.owner.as_ref().map(|user| user.id),
            id: None,
            place: place_of(place),
            violations: vec![violation],
            file: None,
            evidence: Vec::new(),
            policy_version: force.version,
        });
    }
    match entry.reader().finding_of_store(&place.root)? {
        Some(record) => entry.fits(&record, Resolution::StoreProtected),
        None => Ok(()),
    }
}

/// Ends the findings of places that the policy does not name any more; gives back those whose place itself is gone.
fn leave_places(
    entry: &mut Entry<'_>,
    force: &Force,
    survey: &Survey,
    vanished: &BTreeSet<PathBuf>,
) -> Result<Vec<Record>> {
    let mut gone = Vec::new();
    let mut roots = entry.reader().active_roots()?;
    roots.retain(|root| survey.places.iter().all(|place| place.root != *root));
    let left = roots.iter().map(|root| entry.reader().active_below(root));
    for record in left.collect::<Result<Vec<_>>>()?.into_iter().flatten() {
        if !names(force, &record) {
            entry.fits(&record, Resolution::NoLongerApplies)?;
        } else if vanished.contains(&record.root) {
            gone.push(record);
        }
    }
    Ok(gone)
}

/// Whether nothing is at `path`, as against that it cannot be told.
fn is_absent(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}

/// Whether the policy names the kind of place a finding lies in.
fn names(force: &Force, record: &Record) -> bool {
    let places = &force.policy.places;
    let (kind, app) = (record.finding.place.kind, record.finding.place.app);
    let named = match kind {
        PlaceKind::Desktop => &places.desktop,
        PlaceKind::Downloads => &places.downloads,
        PlaceKind::ChatCache => &places.chat_cache,
        PlaceKind::PersonalCloud => &places.personal_cloud,
        // Stores are named one by one: one that is not found any more is none.
        PlaceKind::Store => return false,
    };
    named
        .as_ref()
        .is_some_and(|named| named.apps.is_empty() || app.is_none_or(|app| named.apps.contains(&app)))
}

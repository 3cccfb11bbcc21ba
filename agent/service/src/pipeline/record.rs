//! Writes what follows from sightings: judges each file and moves its finding on.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use fileward_places::Place;
use fileward_policy::verdict::State;
use fileward_policy::{Facts, Subject, Verdict, judge};
use fileward_protocol::ids::{CompanyKey, FileName, Pseudonym};
use fileward_protocol::report;
use fileward_protocol::vocabulary::{PlaceKind, Resolution};
use jiff::{SignedDuration, Timestamp};

use super::limbo::Limbo;
use super::prepare::{Prepared, What};
use super::presence::Presence;
use super::{Force, InForce};
use crate::ledger::{Entry, Offence, Record};
use crate::watch::{FileId, Stat};

/// One entry of the ledger being written.
pub(super) struct Recording<'a, 'e> {
    entry: &'a mut Entry<'e>,
    force: &'a InForce,
    presence: &'a Presence,
    limbo: &'a mut Limbo,
    effects: Effects,
}

/// What else must happen once the entry is written.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) questions_changed: bool,
    /// Files whose verdict may change because their content is in a store.
    pub(super) look_again: Vec<PathBuf>,
}

impl<'a, 'e> Recording<'a, 'e> {
    pub(super) fn new(
        entry: &'a mut Entry<'e>,
        force: &'a InForce,
        presence: &'a Presence,
        limbo: &'a mut Limbo,
    ) -> Self {
        Self {
            entry,
            force,
            presence,
            limbo,
            effects: Effects::default(),
        }
    }

    pub(super) fn effects(self) -> Effects {
        self.effects
    }

    pub(super) fn record(&mut self, prepared: &Prepared) -> Result<()> {
        let Prepared { place, path, what, .. } = prepared;
        match what {
            What::Gone => {
                let gone = gone(self.entry, self.limbo, path)?;
                self.effects.questions_changed |= gone;
                return Ok(());
            }
            What::File(stat, facts) if place.kind == PlaceKind::Store => self.stored(place, path, stat, facts)?,
            What::File(stat, facts) => self.judged(place, path, stat, facts)?,
            What::Small(stat) => {
                self.unask(Some(stat.id), path)?;
                self.right(place, path, stat.id, Resolution::NoLongerApplies)?;
            }
            // Nothing is known that could change a finding.
            What::Opaque(stat) => self.entry.also_at(stat.id, path)?,
        }
        let (What::File(stat, _) | What::Small(stat) | What::Opaque(stat)) = what else {
            return Ok(());
        };
        // A crash while a replaced file may still show up must not forget it: until then this path is not judged.
        if !self.replaced_is_held(path, stat.id)? {
            self.entry.judged(path, stat, self.force.epoch)?;
        }
        Ok(())
    }

    /// A file in a store: what it was charged with elsewhere is put right.
    fn stored(&mut self, place: &Place, path: &Path, stat: &Stat, facts: &Facts) -> Result<()> {
        self.entry.takes(stat.id, path)?;
        self.entry.remember(stat, path, facts, self.force.finder, None)?;
        self.unask(Some(stat.id), path)?;
        if self.entry.stored(path, facts.content)? {
            self.effects.look_again.extend(self.elsewhere(facts)?);
        }
        let reader = self.entry.reader();
        let moved = reader.finding_of(stat.id)?;
        let mut copied = reader.active_with_content(facts.content)?;
        copied.retain(|record| record.file != Some(stat.id));
        if let Some(record) = moved.filter(|record| !self.lies_there_too(record, path, stat.id)) {
            self.moved_to_store(&record.at(path, &place.root, stat.id))?;
        }
        for record in copied {
            if record
                .file
                .is_some_and(|file| !self.presence.is_there(&record.path, file))
            {
                self.moved_to_store(&record)?;
            }
        }
        Ok(())
    }

    /// The file of a finding lies in a store now. If it has another name outside, the finding goes on there.
    fn moved_to_store(&mut self, record: &Record) -> Result<()> {
        if record.finding.state.is_active() {
            let mut others = other_names(self.entry, self.presence, record)?;
            others.retain(|path| self.is_outside_stores(path));
            if let Some(other) = others.pop() {
                self.effects.look_again.push(other);
                return Ok(());
            }
        }
        self.resolve(record, Resolution::MovedToStore)
    }

    fn judged(&mut self, place: &Place, path: &Path, stat: &Stat, facts: &Facts) -> Result<()> {
        let owner = place.owner.as_ref().map(|user| user.id);
        let recalled = self.entry.reader().recall(stat.id, path, facts.content, owner)?;
        if recalled.is_known && self.goes_on_elsewhere(path, stat.id)? {
            return Ok(());
        }
        let key = self.entry.key().clone();
        let names = relative(place, path);
        let verdict = judge(
            &self.force.policy,
            &Subject {
                store_copy: recalled.store_copy,
                answer: recalled.answer,
                ..subject(&key, self.force, place, &names, stat, facts, self.entry.now())
            },
        );
        let judge_at = self.judge_at(place, stat);
        if recalled.is_known {
            self.entry.takes(stat.id, path)?;
            self.entry.harmless(stat.id)?;
        }
        self.entry.remember(stat, path, facts, self.force.finder, judge_at)?;
        if verdict.state == State::Violation {
            self.entry
                .offends(&offence(self.force, place, path, stat, facts, &verdict))?;
            if let Some(record) = self.entry.reader().finding_of(stat.id)? {
                self.limbo.release(record.finding.id);
            }
        } else if recalled.is_known {
            let why = if facts.encryption.protects() {
                Resolution::Encrypted
            } else {
                Resolution::NoLongerApplies
            };
            self.right(place, path, stat.id, why)?;
        }
        if verdict.ask && recalled.answer.is_none() {
            self.effects.questions_changed |= self.entry.ask(stat.id, path, owner, place_of(place), facts.content)?;
        } else if recalled.is_known {
            self.unask(Some(stat.id), path)?;
        }
        Ok(())
    }

    /// Whether this is another name of a file with a finding, which stays where it is. If not, a finding that the file comes
    /// upon here waits for its own file to show up.
    fn goes_on_elsewhere(&mut self, path: &Path, id: FileId) -> Result<bool> {
        let Some(known) = self.entry.reader().finding_of(id)? else {
            return Ok(false);
        };
        if self.lies_there_too(&known, path, id) {
            self.entry.also_at(id, path)?;
            return Ok(true);
        }
        if let Some(overwritten) = self.entry.reader().finding_at(path)?
            && overwritten.file != Some(id)
        {
            self.limbo
                .hold(overwritten.finding.id, Resolution::Deleted, Instant::now());
        }
        Ok(false)
    }

    /// Nothing is wrong with a file: its finding is resolved, and that of the file it replaced unless that one shows up.
    fn right(&mut self, place: &Place, path: &Path, id: FileId, why: Resolution) -> Result<()> {
        let reader = self.entry.reader();
        if let Some(known) = reader.finding_of(id)? {
            if self.lies_there_too(&known, path, id) {
                return self.entry.also_at(id, path);
            }
            let why = reason(&known, why);
            return self.resolve(&known.at(path, &place.root, id), why);
        }
        if let Some(replaced) = reader.finding_at(path)?
            && replaced.finding.state.is_active()
        {
            let why = reason(&replaced, why);
            self.limbo.hold(replaced.finding.id, why, Instant::now());
        }
        Ok(())
    }

    /// Whether the finding at this path is that of another file, which may still show up elsewhere.
    fn replaced_is_held(&self, path: &Path, id: FileId) -> Result<bool> {
        if self.limbo.is_empty() {
            return Ok(false);
        }
        let found = self.entry.reader().finding_at(path)?;
        Ok(found.is_some_and(|record| record.file != Some(id) && self.limbo.holds(record.finding.id)))
    }

    fn resolve(&mut self, record: &Record, why: Resolution) -> Result<()> {
        self.limbo.release(record.finding.id);
        if record.finding.state.is_active() {
            self.entry.fits(record, why)
        } else {
            self.entry.follow(record)
        }
    }

    fn unask(&mut self, id: Option<FileId>, path: &Path) -> Result<()> {
        self.effects.questions_changed |= self.entry.no_question(id, path)?;
        Ok(())
    }

    /// Files outside the stores with the same content.
    fn elsewhere(&self, facts: &Facts) -> Result<Vec<PathBuf>> {
        let mut paths = self.entry.reader().paths_with_content(facts.content)?;
        paths.retain(|path| self.is_outside_stores(path));
        Ok(paths)
    }

    fn is_outside_stores(&self, path: &Path) -> bool {
        let place = self.presence.survey().place_of(path);
        place.is_some_and(|place| place.kind != PlaceKind::Store)
    }

    fn lies_there_too(&self, record: &Record, path: &Path, id: FileId) -> bool {
        record.finding.state.is_active() && record.path != path && self.presence.is_there(&record.path, id)
    }

    /// When the verdict on a file may change by time alone: when it becomes stale.
    fn judge_at(&self, place: &Place, stat: &Stat) -> Option<Timestamp> {
        let stale = self.force.policy.rules.stale_chat_cache.as_ref()?;
        if place.kind != PlaceKind::ChatCache {
            return None;
        }
        // One second later, so that rounding to milliseconds does not ask too early.
        let after = SignedDuration::try_from(stale.after).ok()? + SignedDuration::from_secs(1);
        let at = modified(stat).checked_add(after).ok()?;
        (at > self.entry.now()).then_some(at)
    }
}

/// Why a finding ends: what was encrypted before does not end by being so.
fn reason(record: &Record, why: Resolution) -> Resolution {
    match (&record.finding.file, why) {
        (Some(file), Resolution::Encrypted) if file.encryption.protects() => Resolution::NoLongerApplies,
        (_, why) => why,
    }
}

/// Forgets a file that is gone, or holds its finding until it is clear where it went; says whether a question went too.
pub(super) fn gone(entry: &mut Entry<'_>, limbo: &mut Limbo, path: &Path) -> Result<bool> {
    if let Some(record) = entry.reader().finding_at(path)?
        && record.finding.state.is_active()
    {
        // The baseline keeps the file, so that a crash meanwhile does not forget that it is gone.
        limbo.hold(record.finding.id, Resolution::Deleted, Instant::now());
        return Ok(false);
    }
    entry.left_store(path)?;
    entry.forget(path)?;
    entry.no_question(None, path)
}

/// Other names of a finding's file that were seen and are still there.
pub(super) fn other_names(entry: &Entry<'_>, presence: &Presence, record: &Record) -> Result<Vec<PathBuf>> {
    let Some(file) = record.file else {
        return Ok(Vec::new());
    };
    let mut names = entry.reader().names(file)?;
    names.retain(|name| *name != record.path && presence.is_there(name, file));
    Ok(names)
}

/// What is judged; whether its content is in a store, and what the employee answered, is added where a ledger is open.
pub(crate) fn subject<'a>(
    key: &CompanyKey,
    force: &'a Force,
    place: &Place,
    relative_path: &'a str,
    stat: &Stat,
    facts: &'a Facts,
    now: Timestamp,
) -> Subject<'a> {
    Subject {
        place: place_of(place),
        account: place
            .app
            .zip(place.account.as_deref())
            .map(|(app, account)| Pseudonym::of(key, app, account)),
        relative_path,
        facts,
        store_copy: false,
        registered: force.documents.holds(facts.content),
        answer: None,
        modified: modified(stat),
        registers: force.registers.as_ref(),
        now,
    }
}

/// A path within its place, with `/` between components.
pub(crate) fn relative(place: &Place, path: &Path) -> String {
    let inner = path.strip_prefix(&place.root).unwrap_or(path);
    let names: Vec<_> = inner.iter().map(|name| name.to_string_lossy()).collect();
    names.join("/")
}

fn modified(stat: &Stat) -> Timestamp {
    Timestamp::from_nanosecond(stat.modified.into()).unwrap_or(Timestamp::MAX)
}

pub(super) fn place_of(place: &Place) -> report::Place {
    report::Place {
        kind: place.kind,
        app: place.app,
    }
}

fn offence(force: &Force, place: &Place, path: &Path, stat: &Stat, facts: &Facts, verdict: &Verdict) -> Offence {
    Offence {
        path: path.to_owned(),
        root: place.root.clone(),
        owner: place.owner.as_ref().map(|user| user.id),
        id: Some(stat.id),
        place: place_of(place),
        violations: verdict.violations.clone(),
        file: Some(report::File {
            name: path.file_name().map(|name| FileName::new(&name.to_string_lossy())),
            name_hash: None,
            kind: facts.kind.clone(),
            family: facts.family,
            size: stat.size,
            encryption: facts.encryption,
            sensitivity: verdict.sensitivity,
            detections: facts.detections.clone(),
            content: Some(facts.content),
        }),
        evidence: verdict.work_file.evidence.clone(),
        policy_version: force.version,
    }
}

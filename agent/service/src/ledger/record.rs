//! Records what happened to a finding: its new state, its history, its report and its notice, together.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use fileward_places::UserId;
use fileward_policy::effective::DuringGrace;
use fileward_policy::verdict::Violation;
use fileward_protocol::ids::{FindingId, Purpose};
use fileward_protocol::report::{self, Body, Justification, Place};
use fileward_protocol::vocabulary::{Evidence, FindingState, Resolution};
use jiff::Timestamp;
use uuid::Uuid;

use super::transition::{self, Input, Next, Tell};
use super::{Answer, Entry, Record};
use crate::watch::FileId;

/// A verdict against a file or a store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offence {
    /// The file, or the store itself.
    pub(crate) path: PathBuf,
    /// The place's folder.
    pub(crate) root: PathBuf,
    /// The user the place belongs to.
    pub(crate) owner: Option<UserId>,
    /// The file's identity; `None` for a store.
    pub(crate) id: Option<FileId>,
    /// Kind and app of the place.
    pub(crate) place: Place,
    /// What is wrong, the worst first; never empty.
    pub(crate) violations: Vec<Violation>,
    /// The file, with its name in clear; `None` for a store.
    pub(crate) file: Option<report::File>,
    /// Why it counts as a work file.
    pub(crate) evidence: Vec<Evidence>,
    /// The policy version it was judged by.
    pub(crate) policy_version: u64,
}

/// What became of a finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transition {
    /// When.
    pub(crate) at: Timestamp,
    /// The state's word, or `changed`.
    pub(crate) what: &'static str,
    /// The finding afterwards.
    pub(crate) record: Record,
    /// What happened to it, oldest first.
    pub(crate) history: Vec<(Timestamp, String)>,
}

impl Entry<'_> {
    /// Records a verdict against a file or a store.
    pub(crate) fn offends(&mut self, offence: &Offence) -> Result<()> {
        let Some(worst) = offence.violations.first() else {
            return Ok(());
        };
        let known = self.known(offence)?;
        // The first rule whose grace is over opens the finding.
        let grace = offence.violations.iter().map(|violation| violation.grace).min();
        let grace = grace.unwrap_or(Duration::ZERO);
        let mut record = match &known {
            Some(record) => record.clone(),
            None => self.new_record(offence, worst)?,
        };
        update(&mut record, offence, worst);
        let charge = record.charge();
        let life = known.as_ref().map(Record::life);
        let full = self.reporting.during_grace == DuringGrace::Full;
        let mut next = transition::step(life.as_ref(), Input::Offends { charge: &charge, grace }, self.now, full);
        if let (None, Some(begun)) = (&known, &next)
            && let Some(what) = self.decided_before(record.finding.id)?
        {
            let input = Input::Decided { what, charge: &charge };
            next = transition::step(Some(&begun.life), input, self.now, full).or(next);
        }
        match next {
            Some(next) => self.keep(known.as_ref(), record, next),
            // What was accepted stays accepted; only where it lies is followed.
            None => match known {
                Some(mut known) => {
                    (known.path, known.root, known.file) = (record.path, record.root, record.file);
                    self.save(&known, false)
                }
                None => Ok(()),
            },
        }
    }

    /// Records that nothing is wrong any more.
    pub(crate) fn fits(&mut self, record: &Record, why: Resolution) -> Result<()> {
        self.happened(record.clone(), |_| Input::Fits(why))
    }

    /// Follows the file of an ended finding to another path.
    pub(crate) fn follow(&self, record: &Record) -> Result<()> {
        self.save(record, false)
    }

    /// Opens a finding whose grace is over.
    pub(crate) fn clock(&mut self, record: &Record) -> Result<()> {
        self.happened(record.clone(), |_| Input::Clock)
    }

    /// Records an employee's answer; says whether it still mattered.
    pub(crate) fn answered(&mut self, id: FindingId, answer: Answer, why: Option<Justification>) -> Result<bool> {
        let Some(mut record) = self.reader().finding(id)? else {
            return Ok(false);
        };
        if !record.finding.state.is_active() {
            return Ok(false);
        }
        let charge = record.charge();
        record.finding.justification = why;
        self.happened(record, |_| Input::Answered {
            answer,
            charge: &charge,
        })?;
        Ok(true)
    }

    /// The finding this offence goes on with: of the same file, or of the file that lay at its path.
    fn known(&self, offence: &Offence) -> Result<Option<Record>> {
        let Some(file) = offence.id else {
            return self.reader().finding_of_store(&offence.root);
        };
        match self.reader().finding_of(file)? {
            Some(record) => Ok(Some(record)),
            None => self.reader().finding_at(&offence.path),
        }
    }

    fn new_record(&self, offence: &Offence, worst: &Violation) -> Result<Record> {
        Ok(Record {
            finding: report::Finding {
                id: self.free_id(offence)?,
                state: FindingState::Noticed,
                rule: worst.rule,
                also: Vec::new(),
                severity: worst.severity,
                place: offence.place,
                file: None,
                evidence: Vec::new(),
                first_seen: self.now,
                due: self.now,
                ended: None,
                resolution: None,
                justification: None,
                before: Vec::new(),
                policy_version: offence.policy_version,
            },
            path: offence.path.clone(),
            root: offence.root.clone(),
            owner: offence.owner,
            file: offence.id,
            since: self.now,
            told: false,
            settled: None,
        })
    }

    /// An id that no other finding has. A finding that went on with another file keeps its id, and the first file
    /// may come back.
    fn free_id(&self, offence: &Offence) -> Result<FindingId> {
        let mut salt = 0;
        loop {
            let id = self.derive(&offence.root, offence.id, salt);
            if self.reader().finding(id)?.is_none() {
                return Ok(id);
            }
            salt += 1;
        }
    }

    fn derive(&self, root: &Path, file: Option<FileId>, salt: u32) -> FindingId {
        let mut text = match file {
            Some(id) => format!("{}:{}:{}", id.device, id.inode, id.born).into_bytes(),
            None => [b"store:", super::columns::path(root)].concat(),
        };
        if salt > 0 {
            text.extend_from_slice(format!("#{salt}").as_bytes());
        }
        let hash = self.owner.key.hash(Purpose::Finding, &text);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.0[..16]);
        FindingId(Uuid::new_v8(bytes))
    }

    pub(super) fn happened<'i>(&mut self, record: Record, input: impl FnOnce(&Record) -> Input<'i>) -> Result<()> {
        let full = self.reporting.during_grace == DuringGrace::Full;
        let input = input(&record);
        match transition::step(Some(&record.life()), input, self.now, full) {
            Some(next) => self.keep(Some(&record.clone()), record, next),
            None => Ok(()),
        }
    }

    /// Writes what follows, and tells whom it concerns.
    fn keep(&mut self, before: Option<&Record>, mut record: Record, next: Next) -> Result<()> {
        let began = before.is_none_or(|before| {
            before.finding.state != next.life.state || before.finding.ended.is_some() && next.life.ended.is_none()
        });
        let active = next.life.state.is_active();
        record.set_life(next.life);
        self.save(&record, began && active)?;
        let changed = before.is_none_or(|before| essence(before) != essence(&record));
        if !began && !changed && before.is_some_and(|before| before.path == record.path) {
            return Ok(());
        }
        let what = if began {
            super::findings::what(record.finding.state)
        } else {
            "changed"
        };
        self.add_history(record.finding.id, what)?;
        match next.tell {
            Tell::Nobody => {}
            Tell::IfChanged if !changed => {}
            Tell::IfChanged | Tell::Company => self.report_finding(&record)?,
            Tell::Count => self.report_put_right(&record)?,
        }
        self.transitions.push(Transition {
            at: self.now,
            what,
            history: self.reader().history(record.finding.id)?,
            record,
        });
        Ok(())
    }

    fn report_finding(&self, record: &Record) -> Result<()> {
        self.report(&Body::Finding(Box::new(self.seen(record))))
    }

    /// Reports a finding that ended in time, without anything about its file.
    fn report_put_right(&self, record: &Record) -> Result<()> {
        self.report(&Body::PutRight(report::PutRight {
            rule: record.finding.rule,
            place: record.finding.place,
            count: 1,
        }))
    }

    /// What the company sees of a finding.
    fn seen(&self, record: &Record) -> report::Finding {
        let mut finding = record.finding.clone();
        if let (false, Some(file)) = (self.reporting.send_file_name, &mut finding.file) {
            let name = file.name.take();
            file.name_hash = name.map(|name| self.owner.key.hash(Purpose::FileName, name.as_str().as_bytes()));
        }
        finding
    }
}

/// What must change before an open finding is reported again: not each save of the file, nor a new policy that
/// says the same.
fn essence(record: &Record) -> report::Finding {
    let mut finding = record.finding.clone();
    finding.policy_version = 0;
    if let Some(file) = &mut finding.file {
        file.size = 0;
        file.content = None;
    }
    finding
}

fn update(record: &mut Record, offence: &Offence, worst: &Violation) {
    record.path.clone_from(&offence.path);
    record.root.clone_from(&offence.root);
    record.owner = offence.owner;
    record.file = offence.id;
    let finding = &mut record.finding;
    let others = offence.violations.iter().skip(1);
    let mut also: Vec<_> = others.map(|violation| violation.rule).collect();
    also.sort_unstable();
    also.dedup();
    finding.rule = worst.rule;
    finding.also = also;
    finding.severity = worst.severity;
    finding.place = offence.place;
    finding.file.clone_from(&offence.file);
    finding.evidence.clone_from(&offence.evidence);
    finding.policy_version = offence.policy_version;
}

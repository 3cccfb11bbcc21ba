//! Keeping reports: many rows a statement, so that a delivery costs a few round trips however much it tells.

use std::collections::{HashMap, HashSet};

use fileward_protocol::chain::Head;
use fileward_protocol::report::{Body, Finding, Report};
use fileward_protocol::vocabulary::{FindingState, Resolution};
use jiff::Timestamp;
use uuid::Uuid;

use super::Standing;
use crate::ingest::{Chained, Delivery};
use crate::store::StoreError;
use crate::store::postgres::session::Session;
use crate::store::postgres::signed;
use crate::store::postgres::value::{At, Hash, Id, Json, Word, clean};

/// Stores reports that are new and gives the head after them.
pub(super) fn store(
    session: &mut Session<'_>,
    device: &Standing,
    fresh: &[Chained],
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Head, StoreError> {
    let (Some(first), Some(last)) = (fresh.first(), fresh.last()) else {
        return Ok(device.head);
    };
    session.execute(
        "INSERT INTO delivery (device, first_seq, last_seq, before_hash, ledger, received_at, reports) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &device.key,
            &signed(first.head.seq),
            &signed(last.head.seq),
            &Hash(device.head.hash.0),
            &Id(delivery.ledger.0),
            &At(now),
            &json_array(fresh),
        ],
    )?;
    let mut batch = Batch::default();
    for Chained { report, .. } in fresh {
        match &report.body {
            Body::Finding(finding) => {
                // One statement changes a row once.
                if !batch.ids.insert(finding.id.0) {
                    batch.keep(session, device.key)?;
                    batch.ids.insert(finding.id.0);
                }
                batch.findings.push((report, finding));
            }
            Body::LedgerRebuilt { .. } => {
                batch.keep(session, device.key)?;
                end_active(session, device.key, report)?;
                keep_event(session, device.key, report)?;
            }
            Body::PutRight(_) | Body::Coverage(_) | Body::GivenUp(_) => keep_event(session, device.key, report)?,
        }
    }
    batch.keep(session, device.key)?;
    Ok(last.head)
}

/// The reports as one JSON array in which each keeps its exact bytes.
fn json_array(reports: &[Chained]) -> String {
    let size = reports.iter().map(|chained| chained.raw.len() + 1).sum::<usize>() + 1;
    let mut text = String::with_capacity(size);
    for chained in reports {
        text.push(if text.is_empty() { '[' } else { ',' });
        text.push_str(&chained.raw);
    }
    text.push(']');
    text
}

fn keep_event(session: &mut Session<'_>, device: i64, report: &Report) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO event (device, seq, at, body) VALUES ($1, $2, $3, $4)",
        &[&device, &signed(report.seq), &At(report.at), &Json(&report.body)],
    )?;
    Ok(())
}

/// Ends every active finding of a device whose ledger was lost.
fn end_active(session: &mut Session<'_>, device: i64, report: &Report) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO step (finding, seq, number, at, state) SELECT key, $2, 0, $3, $4 FROM finding \
         WHERE device = $1 AND state IN ('noticed', 'open')",
        &[
            &device,
            &signed(report.seq),
            &At(report.at),
            &Word(FindingState::Resolved),
        ],
    )?;
    session.execute(
        "UPDATE finding SET state = $3, resolution = $4, ended = $2, changed_at = $2 \
         WHERE device = $1 AND state IN ('noticed', 'open')",
        &[
            &device,
            &At(report.at),
            &Word(FindingState::Resolved),
            &Word(Resolution::LedgerRebuilt),
        ],
    )?;
    Ok(())
}

/// Findings that are written together, each of them once.
#[derive(Default)]
struct Batch<'a> {
    findings: Vec<(&'a Report, &'a Finding)>,
    ids: HashSet<Uuid>,
}

/// A finding that was there before: its number, and its state.
type Known = HashMap<Uuid, (i64, FindingState)>;

impl Batch<'_> {
    /// Writes what has gathered and begins again.
    fn keep(&mut self, session: &mut Session<'_>, device: i64) -> Result<(), StoreError> {
        if self.findings.is_empty() {
            return Ok(());
        }
        let known = self.known(session, device)?;
        let keys = self.keep_rows(session, device, &known)?;
        self.keep_bodies(session, &keys)?;
        self.keep_steps(session, &keys, &known)?;
        self.move_on(session, &known)?;
        self.findings.clear();
        self.ids.clear();
        Ok(())
    }

    fn known(&self, session: &mut Session<'_>, device: i64) -> Result<Known, StoreError> {
        let ids: Vec<Id> = self.findings.iter().map(|(_, finding)| Id(finding.id.0)).collect();
        let rows = session.query(
            "SELECT id, key, state FROM finding WHERE device = $1 AND id = ANY($2)",
            &[&device, &ids],
            |row| {
                let state: FindingState = row.get::<Word<_>>(2)?.0;
                Ok((row.get::<Id>(0)?.0, (row.get(1)?, state)))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    /// Writes the rows and gives the number of each.
    fn keep_rows(
        &self,
        session: &mut Session<'_>,
        device: i64,
        known: &Known,
    ) -> Result<HashMap<Uuid, i64>, StoreError> {
        let (mut fresh, mut again) = (Columns::default(), Columns::default());
        for (report, finding) in &self.findings {
            match known.get(&finding.id.0) {
                None => fresh.push(report, finding, 0, true),
                Some((key, before)) => again.push(report, finding, *key, is_step(finding, Some(*before))),
            }
        }
        let mut keys: HashMap<Uuid, i64> = known.iter().map(|(id, (key, _))| (*id, *key)).collect();
        if !fresh.ids.is_empty() {
            keys.extend(fresh.insert(session, device)?);
        }
        if !again.ids.is_empty() {
            again.update(session)?;
        }
        Ok(keys)
    }

    fn keep_bodies(&self, session: &mut Session<'_>, keys: &HashMap<Uuid, i64>) -> Result<(), StoreError> {
        let mut bodies = Vec::with_capacity(self.findings.len());
        for (_, finding) in &self.findings {
            bodies.push(body(finding)?);
        }
        session.execute(
            "INSERT INTO finding_body (finding, body) SELECT * FROM unnest($1::bigint[], $2::text[]) \
             ON CONFLICT (finding) DO UPDATE SET body = excluded.body",
            &[&self.keys(keys), &bodies],
        )?;
        Ok(())
    }

    /// The numbers of the findings, in order.
    fn keys(&self, keys: &HashMap<Uuid, i64>) -> Vec<Option<i64>> {
        let key = |(_, finding): &(_, &Finding)| keys.get(&finding.id.0).copied();
        self.findings.iter().map(key).collect()
    }

    /// Keeps the transitions that the reports tell.
    fn keep_steps(
        &self,
        session: &mut Session<'_>,
        keys: &HashMap<Uuid, i64>,
        known: &Known,
    ) -> Result<(), StoreError> {
        let (mut findings, mut seqs, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut times, mut states) = (Vec::new(), Vec::new());
        for (report, finding) in &self.findings {
            let before = known.get(&finding.id.0).map(|(_, state)| *state);
            if !is_step(finding, before) {
                continue;
            }
            let last = (report.at, finding.state);
            let steps = finding.before.iter().map(|step| (step.at, step.state)).chain([last]);
            for (number, (at, state)) in (0_i64..).zip(steps) {
                findings.push(keys.get(&finding.id.0).copied());
                seqs.push(signed(report.seq));
                numbers.push(number);
                times.push(At(at));
                states.push(Word(state));
            }
        }
        if findings.is_empty() {
            return Ok(());
        }
        session.execute(
            "INSERT INTO step (finding, seq, number, at, state) \
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])",
            &[&findings, &seqs, &numbers, &times, &states],
        )?;
        Ok(())
    }

    /// Forgets what does not hold for findings that their device moved on: whoever answers again is to be judged again,
    /// and what offends again is to be seen to again.
    fn move_on(&self, session: &mut Session<'_>, known: &Known) -> Result<(), StoreError> {
        let (mut answered, mut active) = (Vec::new(), Vec::new());
        for (_, finding) in &self.findings {
            let Some((key, before)) = known.get(&finding.id.0) else {
                continue;
            };
            if !is_step(finding, Some(*before)) {
                continue;
            }
            match (before.is_active(), finding.state) {
                (_, FindingState::Justified | FindingState::Dismissed) => answered.push(*key),
                (false, FindingState::Noticed | FindingState::Open) => active.push(*key),
                _ => {}
            }
        }
        if !answered.is_empty() {
            session.execute(
                "UPDATE finding SET judged = NULL, answer = NULL WHERE key = ANY($1)",
                &[&answered],
            )?;
        }
        if !active.is_empty() {
            session.execute(
                "UPDATE finding SET acknowledged_at = NULL, judged = nullif(judged, 'accepted') WHERE key = ANY($1)",
                &[&active],
            )?;
        }
        Ok(())
    }
}

/// Whether a report tells a transition: one of an unchanged state, such as after a rename, is none.
fn is_step(finding: &Finding, before: Option<FindingState>) -> bool {
    before != Some(finding.state) || !finding.before.is_empty()
}

/// The finding as it is kept: its steps stand for themselves.
fn body(finding: &Finding) -> Result<String, StoreError> {
    let text = if finding.before.is_empty() {
        serde_json::to_string(finding)
    } else {
        serde_json::to_string(&Finding {
            before: Vec::new(),
            ..finding.clone()
        })
    };
    text.map_err(|error| StoreError::Database(error.into()))
}

/// Rows of `finding`, column by column.
#[derive(Default)]
struct Columns {
    keys: Vec<i64>,
    ids: Vec<Id>,
    states: Vec<String>,
    rules: Vec<String>,
    severities: Vec<String>,
    kinds: Vec<String>,
    apps: Vec<Option<String>>,
    searches: Vec<String>,
    first_seen: Vec<At>,
    reported: Vec<At>,
    ended: Vec<Option<At>>,
    resolutions: Vec<Option<String>>,
    sensitivities: Vec<Option<String>>,
    steps: Vec<bool>,
}

impl Columns {
    fn push(&mut self, report: &Report, finding: &Finding, key: i64, is_step: bool) {
        let file = finding.file.as_ref();
        let name = file.and_then(|file| file.name.as_ref());
        let search = name.map(|name| name.as_str().to_lowercase()).unwrap_or_default();
        self.keys.push(key);
        self.ids.push(Id(finding.id.0));
        self.states.push(finding.state.to_string());
        self.rules.push(finding.rule.to_string());
        self.severities.push(finding.severity.to_string());
        self.kinds.push(finding.place.kind.to_string());
        self.apps.push(finding.place.app.map(|app| app.to_string()));
        self.searches.push(clean(search));
        self.first_seen.push(At(finding.first_seen));
        self.reported.push(At(report.at));
        self.ended.push(finding.ended.map(At));
        self.resolutions.push(finding.resolution.map(|word| word.to_string()));
        self.sensitivities.push(file.map(|file| file.sensitivity.to_string()));
        self.steps.push(is_step);
    }

    fn insert(&self, session: &mut Session<'_>, device: i64) -> Result<Vec<(Uuid, i64)>, StoreError> {
        session.query(
            "INSERT INTO finding (device, id, state, rule, severity, kind, app, search, first_seen, changed_at, ended, \
             resolution, sensitivity) SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], \
             $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[]) \
             RETURNING id, key",
            &[
                &device,
                &self.ids,
                &self.states,
                &self.rules,
                &self.severities,
                &self.kinds,
                &self.apps,
                &self.searches,
                &self.first_seen,
                &self.reported,
                &self.ended,
                &self.resolutions,
                &self.sensitivities,
            ],
            |row| Ok((row.get::<Id>(0)?.0, row.get(1)?)),
        )
    }

    fn update(&self, session: &mut Session<'_>) -> Result<(), StoreError> {
        session.execute(
            "UPDATE finding f SET state = n.state, rule = n.rule, severity = n.severity, kind = n.kind, app = n.app, \
             search = n.search, first_seen = n.first_seen, ended = n.ended, resolution = n.resolution, \
             changed_at = CASE WHEN n.is_step THEN n.reported ELSE f.changed_at END, sensitivity = n.sensitivity \
             FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
             $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::boolean[]) \
             AS n (key, state, rule, severity, kind, app, search, first_seen, reported, ended, resolution, sensitivity, \
             is_step) WHERE f.key = n.key",
            &[
                &self.keys,
                &self.states,
                &self.rules,
                &self.severities,
                &self.kinds,
                &self.apps,
                &self.searches,
                &self.first_seen,
                &self.reported,
                &self.ended,
                &self.resolutions,
                &self.sensitivities,
                &self.steps,
            ],
        )?;
        Ok(())
    }
}

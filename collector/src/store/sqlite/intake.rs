//! Taking reports.

use std::ops::Range;

use fileward_protocol::chain::Head;
use fileward_protocol::ids::{DeviceId, FindingId, KeyedHash};
use fileward_protocol::report::{Body, Decision, Finding, Report};
use fileward_protocol::vocabulary::{Binding, FindingState, Resolution};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::value::{At, Id, Json, Word};
use super::{Sqlite, audit, devices, disclosures, roots, signed, unsigned, work};
use crate::ingest::{self, Chained, CloneSign, Delivery, Refusal, Reports};
use crate::store::audit::Action;
use crate::store::intake::{Intake, Taken};
use crate::store::{Actor, By, Reply, StoreError};

/// The most decisions in one answer.
const DECISIONS: u32 = 100;

/// Former boots that are remembered; a clone shows itself long before.
const FORMER_BOOTS: u32 = 16;

/// How often a suspected clone is written into the audit trail.
const CLONE_NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

impl Intake for Sqlite {
    fn take(&self, device: DeviceId, delivery: Delivery, now: Timestamp) -> Reply<Result<Taken, Refusal>> {
        self.write(move |connection| take(connection, device, &delivery, now))
    }
}

/// What must be known of a device to take its delivery.
struct Standing {
    key: i64,
    binding: Binding,
    ledger: Option<Uuid>,
    boot: Option<Uuid>,
    head: Head,
    bundle_serial: u64,
    knows_fingerprint: bool,
    clone_suspected_at: Option<Timestamp>,
}

fn take(
    connection: &Connection,
    id: DeviceId,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Result<Taken, Refusal>, StoreError> {
    let Some(device) = standing(connection, id)? else {
        return Ok(Err(Refusal::UnknownDevice));
    };
    let mut head = device.head;
    match device.binding {
        Binding::Retired => return Ok(Err(Refusal::Revoked)),
        Binding::Pending | Binding::Suspended => {}
        Binding::Bound => match place(connection, &device, delivery)? {
            Ok(fresh) => {
                follow(connection, &device, delivery, now)?;
                if let (Some(reports), Some(fresh)) = (&delivery.reports, fresh) {
                    head = store(connection, &device, reports, fresh, delivery, now)?;
                }
                if let Some(health) = &delivery.health {
                    devices::keep_health(connection, device.key, health, now)?;
                }
            }
            Err(Refusal::Clone(sign)) => {
                note_clone(connection, id, &device, sign, now)?;
                return Ok(Err(Refusal::Clone(sign)));
            }
            Err(refusal) => return Ok(Err(refusal)),
        },
    }
    if let Some(fingerprint) = &delivery.fingerprint {
        devices::keep_fingerprint(connection, device.key, fingerprint, now)?;
    }
    connection
        .prepare_cached("UPDATE device SET last_seen = ? WHERE key = ?")?
        .execute(params![At(now), device.key])?;
    let bound = device.binding == Binding::Bound;
    Ok(Ok(Taken {
        ack: head,
        binding: device.binding,
        bundle_serial: device.bundle_serial,
        roots_serial: roots::serial(connection)?,
        want_fingerprint: !device.knows_fingerprint && delivery.fingerprint.is_none(),
        decisions: if bound {
            decisions(connection, device.key, delivery.decisions_after)?
        } else {
            Vec::new()
        },
        disclosures: match delivery.disclosures_after.filter(|_| bound) {
            Some(after) => disclosures::after(connection, device.key, after, now)?,
            None => Vec::new(),
        },
    }))
}

fn standing(connection: &Connection, id: DeviceId) -> Result<Option<Standing>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT d.key, d.binding, d.ledger, d.boot, d.head_seq, d.head_hash, \
             max(d.group_serial, c.document_serial), \
             json_extract(d.fingerprint, '$.agent_version') <> '', d.clone_suspected_at \
             FROM device d, collector c WHERE d.id = ?",
        )?
        .query_row([Id(id.0)], |row| {
            Ok(Standing {
                key: row.get(0)?,
                binding: row.get::<_, Word<_>>(1)?.0,
                ledger: row.get::<_, Option<Id>>(2)?.map(|id| id.0),
                boot: row.get::<_, Option<Id>>(3)?.map(|id| id.0),
                head: Head {
                    seq: unsigned(row.get(4)?),
                    hash: KeyedHash(row.get(5)?),
                },
                bundle_serial: unsigned(row.get(6)?),
                knows_fingerprint: row.get(7)?,
                clone_suspected_at: row.get::<_, Option<At>>(8)?.map(|at| at.0),
            })
        })
        .optional()?;
    Ok(row)
}

/// Holds a delivery against what is known, without storing anything: which of its reports are new.
fn place(
    connection: &Connection,
    device: &Standing,
    delivery: &Delivery,
) -> Result<Result<Option<Range<usize>>, Refusal>, StoreError> {
    if is_former(connection, device.key, "ledger", delivery.ledger.0)? {
        return Ok(Err(Refusal::Clone(CloneSign::Ledger)));
    }
    if is_former(connection, device.key, "boot", delivery.boot)? {
        return Ok(Err(Refusal::Clone(CloneSign::Boot)));
    }
    let Some(reports) = &delivery.reports else {
        return Ok(Ok(None));
    };
    let fresh = ingest::fresh(device.head, reports, |seq| stored_head(connection, device.key, seq))?;
    Ok(fresh.map(Some))
}

fn is_former(connection: &Connection, device: i64, kind: &str, id: Uuid) -> Result<bool, StoreError> {
    let former = connection
        .prepare_cached("SELECT 1 FROM former_use WHERE device = ? AND kind = ? AND id = ?")?
        .exists(params![device, kind, Id(id)])?;
    Ok(former)
}

/// Goes on with the ledger and the boot of this delivery; those before become former ones.
fn follow(connection: &Connection, device: &Standing, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
    let uses = [
        ("ledger", device.ledger, delivery.ledger.0),
        ("boot", device.boot, delivery.boot),
    ];
    if uses.iter().all(|(_, known, current)| *known == Some(*current)) {
        return Ok(());
    }
    for (kind, known, current) in uses {
        if let Some(former) = known.filter(|known| *known != current) {
            connection
                .prepare_cached("INSERT INTO former_use (device, kind, id, at) VALUES (?, ?, ?, ?)")?
                .execute(params![device.key, kind, Id(former), At(now)])?;
        }
    }
    connection
        .prepare_cached("UPDATE device SET ledger = ?, boot = ? WHERE key = ?")?
        .execute(params![Id(delivery.ledger.0), Id(delivery.boot), device.key])?;
    connection
        .prepare_cached(
            "DELETE FROM former_use WHERE device = ?1 AND kind = 'boot' AND at < \
             (SELECT at FROM former_use WHERE device = ?1 AND kind = 'boot' ORDER BY at DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![device.key, FORMER_BOOTS - 1])?;
    Ok(())
}

/// The head after report `seq`, worked out from the delivery that holds it; none if that is kept no more.
fn stored_head(connection: &Connection, device: i64, seq: u64) -> Result<Option<Head>, StoreError> {
    let delivery = connection
        .prepare_cached(
            "SELECT first_seq, before_hash, reports FROM delivery WHERE device = ? AND last_seq >= ? \
             ORDER BY last_seq LIMIT 1",
        )?
        .query_row(params![device, signed(seq)], |row| {
            let reports: Vec<Box<RawValue>> = row.get::<_, Json<_>>(2)?.0;
            let before = Head {
                seq: unsigned(row.get(0)?) - 1,
                hash: KeyedHash(row.get(1)?),
            };
            Ok((before, reports))
        })
        .optional()?;
    let Some((before, reports)) = delivery.filter(|(before, _)| before.seq <= seq) else {
        return Ok(None);
    };
    let until = usize::try_from(seq - before.seq).unwrap_or(usize::MAX);
    let head = reports
        .iter()
        .take(until)
        .fold(before, |head, raw| head.after(raw.get().as_bytes()));
    Ok((head.seq == seq).then_some(head))
}

fn note_clone(
    connection: &Connection,
    id: DeviceId,
    device: &Standing,
    sign: CloneSign,
    now: Timestamp,
) -> Result<(), StoreError> {
    let noted = device.clone_suspected_at;
    if noted.is_some_and(|at| now.duration_since(at) < CLONE_NOTED_EVERY) {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE device SET clone_suspected_at = ? WHERE key = ?")?
        .execute(params![At(now), device.key])?;
    let by = By {
        actor: Actor::Collector,
        at: now,
    };
    audit::append(connection, &by, Action::CloneSuspected, id, sign.as_str())
}

/// Stores the new ones of `reports` and gives the head after them.
fn store(
    connection: &Connection,
    device: &Standing,
    reports: &Reports,
    fresh: Range<usize>,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Head, StoreError> {
    let fresh = &reports.list[fresh];
    let (Some(first), Some(last)) = (fresh.first(), fresh.last()) else {
        return Ok(device.head);
    };
    connection
        .prepare_cached(
            "INSERT INTO delivery (device, first_seq, last_seq, before_hash, ledger, received_at, reports) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            device.key,
            signed(first.head.seq),
            signed(last.head.seq),
            device.head.hash.0,
            Id(delivery.ledger.0),
            At(now),
            json_array(fresh)
        ])?;
    for Chained { report, .. } in fresh {
        match &report.body {
            Body::Finding(finding) => keep_finding(connection, device.key, report, finding)?,
            Body::LedgerRebuilt { .. } => {
                end_active(connection, device.key, report)?;
                keep_event(connection, device.key, report)?;
            }
            Body::PutRight(_) | Body::Coverage(_) | Body::GivenUp(_) => keep_event(connection, device.key, report)?,
        }
    }
    connection
        .prepare_cached("UPDATE device SET head_seq = ?, head_hash = ? WHERE key = ?")?
        .execute(params![signed(last.head.seq), last.head.hash.0, device.key])?;
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

fn keep_event(connection: &Connection, device: i64, report: &Report) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO event (device, seq, at, body) VALUES (?, ?, ?, ?)")?
        .execute(params![device, signed(report.seq), At(report.at), Json(&report.body)])?;
    Ok(())
}

fn keep_finding(connection: &Connection, device: i64, report: &Report, finding: &Finding) -> Result<(), StoreError> {
    let before = state(connection, device, finding.id)?;
    // A report of an unchanged state, such as after a rename, is no transition.
    let is_step = before != Some(finding.state) || !finding.before.is_empty();
    let name = finding.file.as_ref().and_then(|file| file.name.as_ref());
    let key: i64 = connection
        .prepare_cached(
            "INSERT INTO finding (device, id, state, rule, severity, kind, app, search, first_seen, changed_at, ended, \
             resolution, sensitivity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?14) \
             ON CONFLICT (device, id) DO UPDATE SET state = ?3, rule = ?4, severity = ?5, kind = ?6, app = ?7, \
             search = ?8, first_seen = ?9, changed_at = iif(?13, ?10, changed_at), ended = ?11, resolution = ?12, \
             sensitivity = ?14 \
             RETURNING key",
        )?
        .query_row(
            params![
                device,
                Id(finding.id.0),
                Word(finding.state),
                Word(finding.rule),
                Word(finding.severity),
                Word(finding.place.kind),
                finding.place.app.map(Word),
                name.map(|name| name.as_str().to_lowercase()).unwrap_or_default(),
                At(finding.first_seen),
                At(report.at),
                finding.ended.map(At),
                finding.resolution.map(Word),
                is_step,
                finding.file.as_ref().map(|file| Word(file.sensitivity))
            ],
            |row| row.get(0),
        )?;
    let body = Finding {
        before: Vec::new(),
        ..finding.clone()
    };
    connection
        .prepare_cached("INSERT OR REPLACE INTO finding_body (finding, body) VALUES (?, ?)")?
        .execute(params![key, Json(&body)])?;
    if is_step && let Some(before) = before {
        work::moved_on(connection, key, before, finding.state)?;
    }
    if is_step {
        keep_steps(connection, key, report, finding)?;
    }
    Ok(())
}

fn state(connection: &Connection, device: i64, id: FindingId) -> Result<Option<FindingState>, StoreError> {
    let state = connection
        .prepare_cached("SELECT state FROM finding WHERE device = ? AND id = ?")?
        .query_row(params![device, Id(id.0)], |row| Ok(row.get::<_, Word<_>>(0)?.0))
        .optional()?;
    Ok(state)
}

/// Keeps the transitions a report tells.
fn keep_steps(connection: &Connection, key: i64, report: &Report, finding: &Finding) -> Result<(), StoreError> {
    let last = (report.at, finding.state);
    let steps = finding.before.iter().map(|step| (step.at, step.state)).chain([last]);
    let mut insert =
        connection.prepare_cached("INSERT INTO step (finding, seq, number, at, state) VALUES (?, ?, ?, ?, ?)")?;
    for (number, (at, state)) in (0_i64..).zip(steps) {
        insert.execute(params![key, signed(report.seq), number, At(at), Word(state)])?;
    }
    Ok(())
}

/// Ends every active finding of a device whose ledger was lost.
fn end_active(connection: &Connection, device: i64, report: &Report) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO step (finding, seq, number, at, state) SELECT key, ?2, 0, ?3, ?4 FROM finding \
             WHERE device = ?1 AND state IN ('noticed', 'open')",
        )?
        .execute(params![
            device,
            signed(report.seq),
            At(report.at),
            Word(FindingState::Resolved)
        ])?;
    connection
        .prepare_cached(
            "UPDATE finding SET state = ?3, resolution = ?4, ended = ?2, changed_at = ?2 \
             WHERE device = ?1 AND state IN ('noticed', 'open')",
        )?
        .execute(params![
            device,
            At(report.at),
            Word(FindingState::Resolved),
            Word(Resolution::LedgerRebuilt)
        ])?;
    Ok(())
}

fn decisions(connection: &Connection, device: i64, after: u64) -> Result<Vec<Decision>, StoreError> {
    let decisions = connection
        .prepare_cached(
            "SELECT x.id, f.id, x.what, x.reason, x.at, x.role FROM decision x JOIN finding f ON f.key = x.finding \
             WHERE x.device = ? AND x.id > ? ORDER BY x.id LIMIT ?",
        )?
        .query_map(params![device, signed(after), DECISIONS], |row| {
            Ok(Decision {
                id: unsigned(row.get(0)?),
                finding: FindingId(row.get::<_, Id>(1)?.0),
                what: row.get::<_, Word<_>>(2)?.0,
                reason: row.get(3)?,
                at: Some(row.get::<_, At>(4)?.0),
                role: row.get::<_, Option<Word<_>>>(5)?.map(|role| role.0),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(decisions)
}

/// Checks every device's stored deliveries: each follows the one before, and the last leads to the device's head.
pub(super) fn verify(connection: &Connection, faults: &mut Vec<String>) -> Result<(u64, u64), StoreError> {
    let mut devices = connection.prepare("SELECT key, id, head_seq, head_hash FROM device ORDER BY key")?;
    let mut deliveries = connection
        .prepare("SELECT first_seq, before_hash, reports FROM delivery WHERE device = ? ORDER BY last_seq")?;
    let (mut device_count, mut report_count) = (0, 0);
    let mut rows = devices.query([])?;
    while let Some(row) = rows.next()? {
        device_count += 1;
        let id = row.get::<_, Id>(1)?.0;
        let stored = Head {
            seq: unsigned(row.get(2)?),
            hash: KeyedHash(row.get(3)?),
        };
        let mut head: Option<Head> = None;
        let mut parts = deliveries.query([row.get::<_, i64>(0)?])?;
        while let Some(part) = parts.next()? {
            let before = Head {
                seq: unsigned(part.get(0)?).saturating_sub(1),
                hash: KeyedHash(part.get(1)?),
            };
            if head.is_some_and(|head| head != before) {
                faults.push(format!(
                    "device {id}: reports before number {} are missing or changed",
                    before.seq + 1
                ));
            }
            let reports: Vec<Box<RawValue>> = part.get::<_, Json<_>>(2)?.0;
            report_count += reports.len() as u64;
            head = Some(
                reports
                    .iter()
                    .fold(before, |head, raw| head.after(raw.get().as_bytes())),
            );
        }
        if head.is_some_and(|head| head != stored) {
            faults.push(format!(
                "device {id}: its reports do not lead to its last number {}",
                stored.seq
            ));
        }
    }
    Ok((device_count, report_count))
}

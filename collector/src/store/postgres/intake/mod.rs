//! Taking reports.

mod keep;
mod verify;

use std::ops::Range;

use fileward_protocol::chain::Head;
use fileward_protocol::ids::{DeviceId, FindingId, KeyedHash};
use fileward_protocol::report::Decision;
use fileward_protocol::vocabulary::Binding;
use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::session::{Row, Session};
use super::value::{At, Hash, Id, Json, Word};
use super::{Postgres, audit, devices, disclosures, signed, unsigned};
use crate::ingest::{self, CloneSign, Delivery, Refusal};
use crate::store::audit::Action;
use crate::store::intake::{Intake, Taken};
use crate::store::{Actor, By, Reply, StoreError};

pub(super) use verify::verify;

/// The most decisions in one answer.
const DECISIONS: i64 = 100;

/// Former boots that are remembered; a clone shows itself long before.
const FORMER_BOOTS: i64 = 16;

/// How often a suspected clone is written into the audit trail.
const CLONE_NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

impl Intake for Postgres {
    fn take(&self, device: DeviceId, delivery: Delivery, now: Timestamp) -> Reply<Result<Taken, Refusal>> {
        self.report(move |session| take(session, device, &delivery, now))
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
    roots_serial: u64,
    /// Whether the delivery's ledger and boot are such as were followed by others.
    former: (bool, bool),
    /// Whether there may be decisions, and disclosures, that it does not know.
    to_tell: (bool, bool),
}

fn take(
    session: &mut Session<'_>,
    id: DeviceId,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Result<Taken, Refusal>, StoreError> {
    lock(session, id)?;
    let Some(device) = standing(session, id, delivery)? else {
        return Ok(Err(Refusal::UnknownDevice));
    };
    let mut head = device.head;
    match device.binding {
        Binding::Retired => return Ok(Err(Refusal::Revoked)),
        Binding::Pending | Binding::Suspended => {}
        Binding::Bound => match place(session, &device, delivery)? {
            Ok(fresh) => {
                follow(session, &device, delivery, now)?;
                if let (Some(reports), Some(fresh)) = (&delivery.reports, fresh) {
                    head = keep::store(session, &device, &reports.list[fresh], delivery, now)?;
                }
                if let Some(health) = &delivery.health {
                    devices::keep_health(session, device.key, health, now)?;
                }
            }
            Err(Refusal::Clone(sign)) => {
                note_clone(session, id, &device, sign, now)?;
                return Ok(Err(Refusal::Clone(sign)));
            }
            Err(refusal) => return Ok(Err(refusal)),
        },
    }
    if let Some(fingerprint) = &delivery.fingerprint {
        devices::keep_fingerprint(session, device.key, fingerprint, now)?;
    }
    session.execute(
        "UPDATE device SET last_seen = $1, head_seq = $2, head_hash = $3 WHERE key = $4",
        &[&At(now), &signed(head.seq), &Hash(head.hash.0), &device.key],
    )?;
    answer(session, &device, head, delivery, now).map(Ok)
}

fn answer(
    session: &mut Session<'_>,
    device: &Standing,
    head: Head,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let bound = device.binding == Binding::Bound;
    Ok(Taken {
        ack: head,
        binding: device.binding,
        bundle_serial: device.bundle_serial,
        roots_serial: device.roots_serial,
        want_fingerprint: !device.knows_fingerprint && delivery.fingerprint.is_none(),
        decisions: if bound && device.to_tell.0 {
            decisions(session, device.key, delivery.decisions_after)?
        } else {
            Vec::new()
        },
        disclosures: match delivery.disclosures_after.filter(|_| bound && device.to_tell.1) {
            Some(after) => disclosures::after(session, device.key, after, now)?,
            None => Vec::new(),
        },
    })
}

/// Locks the device's row until the delivery is taken: what is read from here on stays true.
fn lock(session: &mut Session<'_>, id: DeviceId) -> Result<(), StoreError> {
    session.exists("SELECT 1 FROM device WHERE id = $1 FOR UPDATE", &[&Id(id.0)])?;
    Ok(())
}

/// All that is known of the device, in one round trip.
fn standing(session: &mut Session<'_>, id: DeviceId, delivery: &Delivery) -> Result<Option<Standing>, StoreError> {
    session.query_opt(
        "SELECT d.key, d.binding, d.ledger, d.boot, d.head_seq, d.head_hash, \
         greatest(d.group_serial, c.document_serial), d.agent_version <> '', d.clone_suspected_at, c.roots_serial, \
         EXISTS (SELECT 1 FROM former_use u WHERE u.device = d.key AND u.kind = 'ledger' AND u.id = $2), \
         EXISTS (SELECT 1 FROM former_use u WHERE u.device = d.key AND u.kind = 'boot' AND u.id = $3), \
         EXISTS (SELECT 1 FROM decision x WHERE x.device = d.key AND x.id > $4), \
         EXISTS (SELECT 1 FROM disclosure x WHERE x.device = d.key AND x.id > $5) \
         OR EXISTS (SELECT 1 FROM disclosure_count n WHERE n.device = d.key) \
         FROM device d, collector c WHERE d.id = $1",
        &[
            &Id(id.0),
            &Id(delivery.ledger.0),
            &Id(delivery.boot),
            &signed(delivery.decisions_after),
            &signed(delivery.disclosures_after.unwrap_or_default()),
        ],
        read_standing,
    )
}

fn read_standing(row: &Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        key: row.get(0)?,
        binding: row.get::<Word<_>>(1)?.0,
        ledger: row.get::<Option<Id>>(2)?.map(|id| id.0),
        boot: row.get::<Option<Id>>(3)?.map(|id| id.0),
        head: Head {
            seq: unsigned(row.get(4)?),
            hash: KeyedHash(row.get::<Hash>(5)?.0),
        },
        bundle_serial: unsigned(row.get(6)?),
        knows_fingerprint: row.get(7)?,
        clone_suspected_at: row.get::<Option<At>>(8)?.map(|at| at.0),
        roots_serial: unsigned(row.get(9)?),
        former: (row.get(10)?, row.get(11)?),
        to_tell: (row.get(12)?, row.get(13)?),
    })
}

/// Holds a delivery against what is known, without storing anything: which of its reports are new.
fn place(
    session: &mut Session<'_>,
    device: &Standing,
    delivery: &Delivery,
) -> Result<Result<Option<Range<usize>>, Refusal>, StoreError> {
    if device.former.0 {
        return Ok(Err(Refusal::Clone(CloneSign::Ledger)));
    }
    if device.former.1 {
        return Ok(Err(Refusal::Clone(CloneSign::Boot)));
    }
    let Some(reports) = &delivery.reports else {
        return Ok(Ok(None));
    };
    let fresh = ingest::fresh(device.head, reports, |seq| stored_head(session, device.key, seq))?;
    Ok(fresh.map(Some))
}

/// Goes on with the ledger and the boot of this delivery; those before become former ones.
fn follow(session: &mut Session<'_>, device: &Standing, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
    let uses = [
        ("ledger", device.ledger, delivery.ledger.0),
        ("boot", device.boot, delivery.boot),
    ];
    if uses.iter().all(|(_, known, current)| *known == Some(*current)) {
        return Ok(());
    }
    for (kind, known, current) in uses {
        if let Some(former) = known.filter(|known| *known != current) {
            session.execute(
                "INSERT INTO former_use (device, kind, id, at) VALUES ($1, $2, $3, $4)",
                &[&device.key, &kind, &Id(former), &At(now)],
            )?;
        }
    }
    session.execute(
        "UPDATE device SET ledger = $1, boot = $2 WHERE key = $3",
        &[&Id(delivery.ledger.0), &Id(delivery.boot), &device.key],
    )?;
    session.execute(
        "DELETE FROM former_use WHERE device = $1 AND kind = 'boot' AND at < \
         (SELECT at FROM former_use WHERE device = $1 AND kind = 'boot' ORDER BY at DESC LIMIT 1 OFFSET $2)",
        &[&device.key, &(FORMER_BOOTS - 1)],
    )?;
    Ok(())
}

/// The head after report `seq`, worked out from the delivery that holds it; none if that is kept no more.
fn stored_head(session: &mut Session<'_>, device: i64, seq: u64) -> Result<Option<Head>, StoreError> {
    let delivery = session.query_opt(
        "SELECT first_seq, before_hash, reports FROM delivery WHERE device = $1 AND last_seq >= $2 \
         ORDER BY last_seq LIMIT 1",
        &[&device, &signed(seq)],
        |row| {
            let reports: Vec<Box<RawValue>> = row.get::<Json<_>>(2)?.0;
            let before = Head {
                seq: unsigned(row.get(0)?).saturating_sub(1),
                hash: KeyedHash(row.get::<Hash>(1)?.0),
            };
            Ok((before, reports))
        },
    )?;
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
    session: &mut Session<'_>,
    id: DeviceId,
    device: &Standing,
    sign: CloneSign,
    now: Timestamp,
) -> Result<(), StoreError> {
    let noted = device.clone_suspected_at;
    if noted.is_some_and(|at| now.duration_since(at) < CLONE_NOTED_EVERY) {
        return Ok(());
    }
    session.execute(
        "UPDATE device SET clone_suspected_at = $1 WHERE key = $2",
        &[&At(now), &device.key],
    )?;
    let by = By {
        actor: Actor::Collector,
        at: now,
    };
    audit::append(session, &by, Action::CloneSuspected, id, sign.as_str())
}

fn decisions(session: &mut Session<'_>, device: i64, after: u64) -> Result<Vec<Decision>, StoreError> {
    session.query(
        "SELECT x.id, f.id, x.what, x.reason, x.at, x.role FROM decision x JOIN finding f ON f.key = x.finding \
         WHERE x.device = $1 AND x.id > $2 ORDER BY x.id LIMIT $3",
        &[&device, &signed(after), &DECISIONS],
        |row| {
            Ok(Decision {
                id: unsigned(row.get(0)?),
                finding: FindingId(row.get::<Id>(1)?.0),
                what: row.get::<Word<_>>(2)?.0,
                reason: row.get(3)?,
                at: Some(row.get::<At>(4)?.0),
                role: row.get::<Option<Word<_>>>(5)?.map(|role| role.0),
            })
        },
    )
}

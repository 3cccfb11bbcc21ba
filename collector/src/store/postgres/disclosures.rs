//! What the employees at a device are told: written with the audit trail's line, read for the device.

use std::collections::BTreeSet;

use fileward_protocol::disclosure::{Disclosed, Disclosure, Office, StepName};
use fileward_protocol::ids::{DeviceId, FindingId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::session::{Row, Session};
use super::value::{At, Id, Word};
use super::{Postgres, audit, devices, signed, unsigned};
use crate::store::audit::{Action, AuditEntry};
use crate::store::disclosures::{Disclosures, Viewed};
use crate::store::looks::{LOOK_LASTS, Look};
use crate::store::{Actor, By, Reply, StoreError};

/// The most disclosures in one answer to a device.
const AT_ONCE: i64 = 100;

impl Disclosures for Postgres {
    fn looked(&self, viewed: Viewed, by: By) -> Reply<()> {
        self.write(move |session| looked(session, &viewed, &by))
    }

    fn exported(&self, entry: AuditEntry, devices: BTreeSet<DeviceId>) -> Reply<()> {
        self.write(move |session| {
            let AuditEntry {
                by,
                action,
                subject,
                detail,
            } = &entry;
            audit::append(session, by, *action, subject, detail)?;
            count(session, &devices, Disclosed::Exported, by)
        })
    }
}

fn looked(session: &mut Session<'_>, viewed: &Viewed, by: &By) -> Result<(), StoreError> {
    match viewed {
        Viewed::Finding(which, look) => {
            let detail = look.to_string();
            audit::append(session, by, Action::FindingViewed, which.finding, &detail)?;
            look_at(session, which.device, Some(which.finding), look, by)
        }
        Viewed::OfDevice(device, look, detail) => {
            audit::append(session, by, Action::FindingsListed, device, detail)?;
            look_at(session, *device, None, look, by)
        }
        Viewed::OfMany(devices, detail) => {
            audit::append(session, by, Action::FindingsListed, "", detail)?;
            count(session, devices, Disclosed::Listed, by)
        }
    }
}

/// What is told of one thing.
pub(super) struct Telling<'a> {
    /// The device's key.
    pub device: i64,
    pub finding: Option<FindingId>,
    pub what: Disclosed,
    pub look: Option<&'a Look>,
    /// The number of the ladder's step.
    pub step: Option<i64>,
}

/// Tells the employees at a device of something.
pub(super) fn tell(session: &mut Session<'_>, telling: &Telling<'_>, by: &By) -> Result<(), StoreError> {
    let note = telling.look.map(|look| look.note.as_str());
    let role = role(session, by)?;
    session.execute(
        "INSERT INTO disclosure (device, finding, what, at, by, role, purpose, text, step) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &telling.device,
            &telling.finding.map(|finding| Id(finding.0)),
            &Word(telling.what),
            &At(by.at),
            &by.actor.to_string(),
            &role,
            &telling.look.map(|look| Word(look.purpose)),
            &note.filter(|note| !note.is_empty()),
            &telling.step,
        ],
    )?;
    Ok(())
}

/// In which role somebody acts: a word of [`Office`], or of a role that a device may not know yet.
pub(super) fn role(session: &mut Session<'_>, by: &By) -> Result<Option<String>, StoreError> {
    Ok(match &by.actor {
        Actor::User(name) => session.query_opt("SELECT role FROM person WHERE name = $1", &[name], |row| row.get(0))?,
        Actor::CommandLine => Some(Office::CommandLine.to_string()),
        Actor::Collector => Some(Office::Collector.to_string()),
        Actor::ApiToken(_) => Some(Office::Program.to_string()),
        Actor::Device(_) | Actor::Applicant => None,
    })
}

/// Tells of a look; whoever looks again while their purpose holds has looked once.
fn look_at(
    session: &mut Session<'_>,
    device: DeviceId,
    finding: Option<FindingId>,
    look: &Look,
    by: &By,
) -> Result<(), StoreError> {
    let device = devices::key(session, device)?;
    let again = session.exists("SELECT 1 FROM disclosure WHERE device = $1 AND finding IS NOT DISTINCT FROM $2 AND what = $3 AND by = $4 AND purpose = $5 \
             AND coalesce(text, '') = $6 AND at > $7", &[&device, &finding.map(|finding| Id(finding.0)), &Word(Disclosed::Looked), &by.actor.to_string(), &Word(look.purpose), &look.note, &At(by.at - LOOK_LASTS)])?;
    if again {
        return Ok(());
    }
    let telling = Telling {
        device,
        finding,
        what: Disclosed::Looked,
        look: Some(look),
        step: None,
    };
    tell(session, &telling, by)
}

/// Counts one more for each device, to be told when the day is over.
fn count(session: &mut Session<'_>, devices: &BTreeSet<DeviceId>, what: Disclosed, by: &By) -> Result<(), StoreError> {
    let role = role(session, by)?.unwrap_or_default();
    let devices: Vec<Id> = devices.iter().map(|device| Id(device.0)).collect();
    session.execute(
        "INSERT INTO disclosure_count AS c (device, day, what, role, at, count) \
         SELECT key, $2, $3, $4, $5, 1 FROM device WHERE id = ANY($1) \
         ON CONFLICT (device, day, what, role) DO UPDATE SET at = excluded.at, count = c.count + 1",
        &[&devices, &day(by.at), &Word(what), &role, &At(by.at)],
    )?;
    Ok(())
}

/// The day at the collector, so that days follow one another as text.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).date().to_string()
}

/// What a device is to be told after this number.
pub(super) fn after(
    session: &mut Session<'_>,
    device: i64,
    after: u64,
    now: Timestamp,
) -> Result<Vec<Disclosure>, StoreError> {
    close_days(session, device, now)?;
    told(session, device, after)
}

/// What was numbered for a device after this number.
pub(super) fn told(session: &mut Session<'_>, device: i64, after: u64) -> Result<Vec<Disclosure>, StoreError> {
    let told = session.query(
        "SELECT x.id, x.at, x.what, x.role, x.finding, x.purpose, x.text, s.zh_cn, s.en, x.count \
             FROM disclosure x LEFT JOIN ladder_step s ON s.id = x.step WHERE x.device = $1 AND x.id > $2 \
             ORDER BY x.id LIMIT $3",
        &[&device, &signed(after), &AT_ONCE],
        read,
    )?;
    Ok(told)
}

fn read(row: &Row) -> Result<Disclosure, StoreError> {
    let step: Option<String> = row.get(7)?;
    Ok(Disclosure {
        id: unsigned(row.get(0)?),
        at: row.get::<At>(1)?.0,
        what: row.get::<Word<_>>(2)?.0,
        role: row.get::<Option<Word<_>>>(3)?.map(|role| role.0),
        finding: row.get::<Option<Id>>(4)?.map(|id| FindingId(id.0)),
        purpose: row.get::<Option<Word<_>>>(5)?.map(|purpose| purpose.0),
        text: row.get(6)?,
        step: match step {
            Some(zh_cn) => Some(StepName { zh_cn, en: row.get(8)? }),
            None => None,
        },
        count: row.get::<Option<i64>>(9)?.map(unsigned),
    })
}

/// Numbers what was counted on days that are over.
fn close_days(session: &mut Session<'_>, device: i64, now: Timestamp) -> Result<(), StoreError> {
    let today = day(now);
    let waits = session.exists(
        "SELECT 1 FROM disclosure_count WHERE device = $1 AND day < $2",
        &[&device, &today],
    )?;
    if !waits {
        return Ok(());
    }
    // They are numbered beside what others do: a device must not be told a number and then miss one before it.
    session.must_change()?;
    session.execute(
        "INSERT INTO disclosure (device, what, at, by, role, count) \
             SELECT device, what, at, '', nullif(role, ''), count FROM disclosure_count WHERE device = $1 AND day < $2 \
             ORDER BY day, what, role",
        &[&device, &today],
    )?;
    session.execute(
        "DELETE FROM disclosure_count WHERE device = $1 AND day < $2",
        &[&device, &today],
    )?;
    Ok(())
}

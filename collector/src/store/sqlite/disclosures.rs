//! What the employees at a device are told: written with the audit trail's line, read for the device.

use std::collections::BTreeSet;

use fileward_protocol::disclosure::{Disclosed, Disclosure, Office, StepName};
use fileward_protocol::ids::{DeviceId, FindingId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{At, Id, Word};
use super::{Sqlite, audit, devices, signed, unsigned};
use crate::store::audit::{Action, AuditEntry};
use crate::store::disclosures::{Disclosures, Viewed};
use crate::store::looks::{LOOK_LASTS, Look};
use crate::store::{Actor, By, Reply, StoreError};

/// The most disclosures in one answer to a device.
const AT_ONCE: u32 = 100;

impl Disclosures for Sqlite {
    fn looked(&self, viewed: Viewed, by: By) -> Reply<()> {
        self.write(move |connection| looked(connection, &viewed, &by))
    }

    fn exported(&self, entry: AuditEntry, devices: BTreeSet<DeviceId>) -> Reply<()> {
        self.write(move |connection| {
            let AuditEntry {
                by,
                action,
                subject,
                detail,
            } = entry;
            audit::append(connection, &by, action, subject, &detail)?;
            count(connection, &devices, Disclosed::Exported, &by)
        })
    }
}

fn looked(connection: &Connection, viewed: &Viewed, by: &By) -> Result<(), StoreError> {
    match viewed {
        Viewed::Finding(which, look) => {
            let detail = look.to_string();
            audit::append(connection, by, Action::FindingViewed, which.finding, &detail)?;
            look_at(connection, which.device, Some(which.finding), look, by)
        }
        Viewed::OfDevice(device, look, detail) => {
            audit::append(connection, by, Action::FindingsListed, device, detail)?;
            look_at(connection, *device, None, look, by)
        }
        Viewed::OfMany(devices, detail) => {
            audit::append(connection, by, Action::FindingsListed, "", detail)?;
            count(connection, devices, Disclosed::Listed, by)
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
pub(super) fn tell(connection: &Connection, telling: &Telling<'_>, by: &By) -> Result<(), StoreError> {
    let note = telling.look.map(|look| look.note.as_str());
    connection
        .prepare_cached(
            "INSERT INTO disclosure (device, finding, what, at, by, role, purpose, text, step) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            telling.device,
            telling.finding.map(|finding| Id(finding.0)),
            Word(telling.what),
            At(by.at),
            by.actor.to_string(),
            role(connection, by)?,
            telling.look.map(|look| Word(look.purpose)),
            note.filter(|note| !note.is_empty()),
            telling.step,
        ])?;
    Ok(())
}

/// In which role somebody acts: a word of [`Office`], or of a role that a device may not know yet.
pub(super) fn role(connection: &Connection, by: &By) -> Result<Option<String>, StoreError> {
    let of_user = |name: &str| {
        connection
            .prepare_cached("SELECT role FROM user WHERE name = ?")?
            .query_row([name], |row| row.get(0))
            .optional()
    };
    Ok(match &by.actor {
        Actor::User(name) => of_user(name)?,
        Actor::CommandLine => Some(Office::CommandLine.to_string()),
        Actor::Collector => Some(Office::Collector.to_string()),
        Actor::ApiToken(_) => Some(Office::Program.to_string()),
        Actor::Device(_) | Actor::Applicant => None,
    })
}

/// Tells of a look; whoever looks again while their purpose holds has looked once.
fn look_at(
    connection: &Connection,
    device: DeviceId,
    finding: Option<FindingId>,
    look: &Look,
    by: &By,
) -> Result<(), StoreError> {
    let device = devices::key(connection, device)?;
    let again = connection
        .prepare_cached(
            "SELECT 1 FROM disclosure WHERE device = ? AND finding IS ? AND what = ? AND by = ? AND purpose = ? \
             AND coalesce(text, '') = ? AND at > ?",
        )?
        .exists(params![
            device,
            finding.map(|finding| Id(finding.0)),
            Word(Disclosed::Looked),
            by.actor.to_string(),
            Word(look.purpose),
            look.note,
            At(by.at - LOOK_LASTS)
        ])?;
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
    tell(connection, &telling, by)
}

/// Counts one more for each device, to be told when the day is over.
fn count(connection: &Connection, devices: &BTreeSet<DeviceId>, what: Disclosed, by: &By) -> Result<(), StoreError> {
    let role = role(connection, by)?.unwrap_or_default();
    let mut insert = connection.prepare_cached(
        "INSERT INTO disclosure_count (device, day, what, role, at, count) SELECT key, ?2, ?3, ?4, ?5, 1 FROM device \
         WHERE id = ?1 ON CONFLICT DO UPDATE SET at = ?5, count = count + 1",
    )?;
    for device in devices {
        insert.execute(params![Id(device.0), day(by.at), Word(what), role, At(by.at)])?;
    }
    Ok(())
}

/// The day at the collector, so that days follow one another as text.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).date().to_string()
}

/// What a device is to be told after this number.
pub(super) fn after(
    connection: &Connection,
    device: i64,
    after: u64,
    now: Timestamp,
) -> Result<Vec<Disclosure>, StoreError> {
    close_days(connection, device, now)?;
    told(connection, device, after)
}

/// What was numbered for a device after this number.
pub(super) fn told(connection: &Connection, device: i64, after: u64) -> Result<Vec<Disclosure>, StoreError> {
    let told = connection
        .prepare_cached(
            "SELECT x.id, x.at, x.what, x.role, x.finding, x.purpose, x.text, s.zh_cn, s.en, x.count \
             FROM disclosure x LEFT JOIN ladder_step s ON s.id = x.step WHERE x.device = ? AND x.id > ? \
             ORDER BY x.id LIMIT ?",
        )?
        .query_map(params![device, signed(after), AT_ONCE], read)?
        .collect::<Result<_, _>>()?;
    Ok(told)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Disclosure> {
    let step: Option<String> = row.get(7)?;
    Ok(Disclosure {
        id: unsigned(row.get(0)?),
        at: row.get::<_, At>(1)?.0,
        what: row.get::<_, Word<_>>(2)?.0,
        role: row.get::<_, Option<Word<_>>>(3)?.map(|role| role.0),
        finding: row.get::<_, Option<Id>>(4)?.map(|id| FindingId(id.0)),
        purpose: row.get::<_, Option<Word<_>>>(5)?.map(|purpose| purpose.0),
        text: row.get(6)?,
        step: match step {
            Some(zh_cn) => Some(StepName { zh_cn, en: row.get(8)? }),
            None => None,
        },
        count: row.get::<_, Option<i64>>(9)?.map(unsigned),
    })
}

/// Numbers what was counted on days that are over.
fn close_days(connection: &Connection, device: i64, now: Timestamp) -> Result<(), StoreError> {
    let today = day(now);
    let waits = connection
        .prepare_cached("SELECT 1 FROM disclosure_count WHERE device = ? AND day < ?")?
        .exists(params![device, today])?;
    if !waits {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO disclosure (device, what, at, by, role, count) \
             SELECT device, what, at, '', nullif(role, ''), count FROM disclosure_count WHERE device = ? AND day < ? \
             ORDER BY day, what, role",
        )?
        .execute(params![device, today])?;
    connection
        .prepare_cached("DELETE FROM disclosure_count WHERE device = ? AND day < ?")?
        .execute(params![device, today])?;
    Ok(())
}

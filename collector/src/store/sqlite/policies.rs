//! Policy documents and the serials of bundles.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{At, Id, Json};
use super::{Sqlite, audit, registers, signed, unsigned};
use crate::store::audit::Action;
use crate::store::people::UserId;
use crate::store::policies::{
    BundleParts, Draft, MOST_GROUPS, Policies, PolicyRow, Publication, Reach, WHY_LIMIT, is_within,
};
use crate::store::{By, Reply, StoreError};

impl Policies for Sqlite {
    fn publish_policy(&self, publication: Publication, by: By) -> Reply<u64> {
        self.write(move |connection| publish(connection, &publication, &by))
    }

    fn publish_first_policy(&self, document: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            if one(connection, None)?.is_none() {
                let first = Publication {
                    document,
                    why: FIRST.to_owned(),
                    groups: Vec::new(),
                };
                publish(connection, &first, &by)?;
            }
            Ok(())
        })
    }

    fn withdraw_trial(&self, version: u64, why: String, by: By) -> Reply<()> {
        self.write(move |connection| withdraw(connection, version, &why, &by))
    }

    fn policy(&self, version: Option<u64>) -> Reply<Option<PolicyRow>> {
        self.read(move |connection| one(connection, version))
    }

    fn policies(&self) -> Reply<Vec<PolicyRow>> {
        self.read(|connection| {
            let rows = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM policy ORDER BY version DESC"))?
                .query_map([], read)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn device_groups(&self) -> Reply<Vec<String>> {
        self.read(|connection| Ok(device_groups(connection)?))
    }

    fn draft(&self, user: UserId) -> Reply<Option<Draft>> {
        self.read(move |connection| {
            let draft = connection
                .prepare_cached("SELECT document, saved_at FROM policy_draft WHERE user = ?")?
                .query_row([user.0], |row| {
                    Ok(Draft {
                        document: row.get(0)?,
                        saved_at: row.get::<_, At>(1)?.0,
                    })
                })
                .optional()?;
            Ok(draft)
        })
    }

    fn keep_draft(&self, user: UserId, draft: Option<Draft>) -> Reply<()> {
        self.write(move |connection| {
            let Some(draft) = draft else {
                connection.execute("DELETE FROM policy_draft WHERE user = ?", [user.0])?;
                return Ok(());
            };
            connection.execute(
                "INSERT INTO policy_draft (user, document, saved_at) VALUES (?, ?, ?) \
                 ON CONFLICT (user) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at",
                params![user.0, draft.document, At(draft.saved_at)],
            )?;
            Ok(())
        })
    }

    fn bundle_parts(&self, device: DeviceId) -> Reply<BundleParts> {
        self.read(move |connection| {
            let (serial, group) = standing(connection, device)?;
            Ok(BundleParts {
                serial,
                policy: of_group(connection, group.as_deref())?
                    .ok_or_else(|| StoreError::not_found("policy", "in force"))?,
                group,
                filed: registers::filed(connection)?,
            })
        })
    }
}

/// Why the first policy is published.
const FIRST: &str = "The collector's first policy";

/// The groups of a trial come as a JSON array; an empty one says that there are none.
const COLUMNS: &str = "version, document, published_at, published_by, why, ended_at, \
     (SELECT json_group_array(grp) FROM policy_trial t WHERE t.version = policy.version)";

/// Versions that were published to everybody.
const FOR_EVERYBODY: &str = "version NOT IN (SELECT version FROM policy_trial)";

fn read(row: &Row<'_>) -> rusqlite::Result<PolicyRow> {
    let groups: Vec<String> = row.get::<_, Json<_>>(6)?.0;
    let ended = row.get::<_, Option<At>>(5)?.map(|at| at.0);
    Ok(PolicyRow {
        version: unsigned(row.get(0)?),
        document: row.get(1)?,
        published_at: row.get::<_, At>(2)?.0,
        published_by: row.get(3)?,
        why: row.get(4)?,
        reach: if groups.is_empty() {
            Reach::Everybody
        } else {
            Reach::Trial { groups, ended }
        },
    })
}

fn one(connection: &Connection, version: Option<u64>) -> Result<Option<PolicyRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM policy WHERE version = ?1 OR (?1 IS NULL AND {FOR_EVERYBODY}) \
             ORDER BY version DESC LIMIT 1"
        ))?
        .query_row([version.map(signed)], read)
        .optional()?;
    Ok(row)
}

/// The newest version that reaches a group.
fn of_group(connection: &Connection, group: Option<&str>) -> Result<Option<PolicyRow>, StoreError> {
    for trial in trials(connection)? {
        if trial.reach.holds_for(group) {
            return Ok(Some(trial));
        }
    }
    one(connection, None)
}

/// Trials that last, newest first. All are newer than what everybody has, for that ends them.
fn trials(connection: &Connection) -> Result<Vec<PolicyRow>, StoreError> {
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM policy WHERE ended_at IS NULL AND NOT {FOR_EVERYBODY} ORDER BY version DESC"
        ))?
        .query_map([], read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn publish(connection: &Connection, publication: &Publication, by: &By) -> Result<u64, StoreError> {
    let why = reason(&publication.why)?;
    let groups = known_groups(connection, &publication.groups)?;
    if groups.is_empty() {
        connection.execute(
            "UPDATE policy SET ended_at = ? WHERE ended_at IS NULL AND version IN (SELECT version FROM policy_trial)",
            [At(by.at)],
        )?;
    }
    connection.execute(
        "INSERT INTO policy (document, published_at, published_by, why) VALUES (?, ?, ?, ?)",
        params![publication.document, At(by.at), by.actor.to_string(), why],
    )?;
    let version = unsigned(connection.last_insert_rowid());
    for group in &groups {
        connection.execute(
            "INSERT INTO policy_trial (version, grp) VALUES (?, ?)",
            params![signed(version), group],
        )?;
    }
    document_changed(connection, by.at)?;
    let (action, detail) = if groups.is_empty() {
        (Action::PolicyPublished, why.to_owned())
    } else {
        (Action::PolicyTried, format!("{}: {why}", groups.join(", ")))
    };
    audit::append(connection, by, action, version, &detail)?;
    Ok(version)
}

fn withdraw(connection: &Connection, version: u64, why: &str, by: &By) -> Result<(), StoreError> {
    let why = reason(why)?;
    let row = one(connection, Some(version))?.ok_or_else(|| StoreError::not_found("policy version", version))?;
    if !row.reach.is_on_trial() {
        return Err(StoreError::Conflict(format!("Version {version} is not on trial")));
    }
    connection.execute(
        "UPDATE policy SET ended_at = ? WHERE version = ?",
        params![At(by.at), signed(version)],
    )?;
    document_changed(connection, by.at)?;
    audit::append(connection, by, Action::TrialWithdrawn, version, why)
}

/// A reason as it is kept.
fn reason(why: &str) -> Result<&str, StoreError> {
    let why = why.trim();
    match why.chars().count() {
        0 => Err(StoreError::Conflict("Say in a sentence why".to_owned())),
        1..=WHY_LIMIT => Ok(why),
        _ => Err(StoreError::Conflict(format!(
            "Say why in at most {WHY_LIMIT} characters"
        ))),
    }
}

/// The groups of a trial, each once. One that reaches nobody is a slip.
fn known_groups(connection: &Connection, groups: &[String]) -> Result<Vec<String>, StoreError> {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() > MOST_GROUPS {
        return Err(StoreError::Conflict(format!(
            "A trial is for at most {MOST_GROUPS} groups; publish it to everybody"
        )));
    }
    let known = device_groups(connection)?;
    let strange = |group: &&String| !known.iter().any(|inner| is_within(inner, group));
    match groups.iter().find(strange) {
        Some(group) => Err(StoreError::Conflict(format!("No device is in the group \"{group}\""))),
        None => Ok(groups),
    }
}

fn device_groups(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT DISTINCT grp FROM device WHERE grp IS NOT NULL AND binding <> 'retired' ORDER BY grp")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Gives every device's bundle a new serial.
pub(super) fn document_changed(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let serial = next_serial(connection, now)?;
    connection.execute("UPDATE collector SET document_serial = ?", [signed(serial)])?;
    Ok(())
}

/// The next serial. It is at least the time in seconds, so that a database restored from a backup, which has forgotten
/// its last serials, does not give out any that devices would refuse as old.
pub(super) fn next_serial(connection: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let serial: i64 = connection
        .prepare_cached("UPDATE collector SET last_serial = max(last_serial + 1, ?) RETURNING last_serial")?
        .query_row([now.as_second()], |row| row.get(0))?;
    Ok(unsigned(serial))
}

/// A device's bundle serial and group.
fn standing(connection: &Connection, device: DeviceId) -> Result<(u64, Option<String>), StoreError> {
    connection
        .prepare_cached(
            "SELECT max(d.group_serial, c.document_serial), d.grp FROM device d, collector c WHERE d.id = ?",
        )?
        .query_row([Id(device.0)], |row| Ok((unsigned(row.get(0)?), row.get(1)?)))
        .optional()?
        .ok_or_else(|| StoreError::not_found("device", device))
}

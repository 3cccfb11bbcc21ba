//! Policy documents and the serials of bundles.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{At, Id};
use super::{Sqlite, audit, registers, signed, unsigned};
use crate::store::audit::Action;
use crate::store::policies::{BundleParts, Policies, PolicyRow};
use crate::store::{By, Reply, StoreError};

impl Policies for Sqlite {
    fn publish_policy(&self, document: String, by: By) -> Reply<u64> {
        self.write(move |connection| publish(connection, &document, &by))
    }

    fn publish_first_policy(&self, document: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            if one(connection, None)?.is_none() {
                publish(connection, &document, &by)?;
            }
            Ok(())
        })
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

    fn bundle_parts(&self, device: DeviceId) -> Reply<BundleParts> {
        self.read(move |connection| {
            let (serial, group) = standing(connection, device)?;
            Ok(BundleParts {
                serial,
                group,
                policy: one(connection, None)?.ok_or_else(|| StoreError::not_found("policy", "in force"))?,
                filed: registers::filed(connection)?,
            })
        })
    }
}

const COLUMNS: &str = "version, document, published_at, published_by";

fn read(row: &Row<'_>) -> rusqlite::Result<PolicyRow> {
    Ok(PolicyRow {
        version: unsigned(row.get(0)?),
        document: row.get(1)?,
        published_at: row.get::<_, At>(2)?.0,
        published_by: row.get(3)?,
    })
}

fn one(connection: &Connection, version: Option<u64>) -> Result<Option<PolicyRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM policy WHERE ?1 IS NULL OR version = ?1 ORDER BY version DESC LIMIT 1"
        ))?
        .query_row([version.map(signed)], read)
        .optional()?;
    Ok(row)
}

fn publish(connection: &Connection, document: &str, by: &By) -> Result<u64, StoreError> {
    connection.execute(
        "INSERT INTO policy (document, published_at, published_by) VALUES (?, ?, ?)",
        params![document, At(by.at), by.actor.to_string()],
    )?;
    let version = unsigned(connection.last_insert_rowid());
    document_changed(connection, by.at)?;
    audit::append(connection, by, Action::PolicyPublished, version, "")?;
    Ok(version)
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

//! Legal holds.

use fileward_protocol::ids::DeviceId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{At, Id};
use super::{Sqlite, audit, devices, signed, unsigned};
use crate::store::audit::Action;
use crate::store::holds::{Held, HoldRow, Holds};
use crate::store::{By, Reply, StoreError};

/// The devices whose reports are held.
pub(super) const DEVICES: &str = "SELECT d.key FROM device d JOIN hold h \
    ON h.device = d.key OR h.grp = d.grp OR (h.device IS NULL AND h.grp IS NULL)";

/// Whether an application's group is held.
pub(super) const APPLICATIONS: &str = "EXISTS (SELECT 1 FROM hold h \
    WHERE h.grp = application.grp OR (h.device IS NULL AND h.grp IS NULL))";

/// The case for which a device is held.
pub(super) fn of_device(connection: &Connection, key: i64) -> Result<Option<String>, StoreError> {
    let case = connection
        .prepare_cached(
            "SELECT h.name FROM hold h JOIN device d ON d.key = ? \
             WHERE h.device = d.key OR h.grp = d.grp OR (h.device IS NULL AND h.grp IS NULL) ORDER BY h.id LIMIT 1",
        )?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(case)
}

/// The case for which a user is held, by their number.
pub(super) fn of_user(connection: &Connection, user: i64) -> Result<Option<String>, StoreError> {
    let case = connection
        .prepare_cached(
            "SELECT name FROM hold WHERE device IS NULL \
             AND (grp IS NULL OR grp IN (SELECT grp FROM user_group WHERE user = ?)) ORDER BY id LIMIT 1",
        )?
        .query_row([user], |row| row.get(0))
        .optional()?;
    Ok(case)
}

/// Whether everything is held.
pub(super) const EVERYTHING: &str = "EXISTS (SELECT 1 FROM hold h WHERE h.device IS NULL AND h.grp IS NULL)";

impl Holds for Sqlite {
    fn holds(&self) -> Reply<Vec<HoldRow>> {
        self.read(|connection| {
            let rows = connection
                .prepare_cached(
                    "SELECT h.id, h.name, d.id, h.grp, h.since, h.by FROM hold h \
                     LEFT JOIN device d ON d.key = h.device ORDER BY h.id",
                )?
                .query_map([], read)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn hold(&self, name: String, held: Held, by: By) -> Reply<u64> {
        self.write(move |connection| hold(connection, &name, &held, &by))
    }

    fn end_hold(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |connection| {
            if connection.execute("DELETE FROM hold WHERE id = ?", [signed(id)])? == 0 {
                return Err(StoreError::not_found("hold", id));
            }
            audit::append(connection, &by, Action::HoldEnded, id, "")
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<HoldRow> {
    let device: Option<Id> = row.get(2)?;
    let group: Option<String> = row.get(3)?;
    let held = match (device, group) {
        (Some(id), _) => Held::Device(DeviceId(id.0)),
        (None, Some(group)) => Held::Group(group),
        (None, None) => Held::Everything,
    };
    Ok(HoldRow {
        id: unsigned(row.get(0)?),
        name: row.get(1)?,
        held,
        since: row.get::<_, At>(4)?.0,
        by: row.get(5)?,
    })
}

fn hold(connection: &Connection, name: &str, held: &Held, by: &By) -> Result<u64, StoreError> {
    let (device, group, what) = match held {
        Held::Everything => (None, None, "everything".to_owned()),
        Held::Group(group) => (None, Some(group), format!("group {group}")),
        Held::Device(id) => (Some(devices::key(connection, *id)?), None, format!("device {id}")),
    };
    connection.execute(
        "INSERT INTO hold (name, device, grp, since, by) VALUES (?, ?, ?, ?, ?)",
        params![name, device, group, At(by.at), by.actor.to_string()],
    )?;
    let id = unsigned(connection.last_insert_rowid());
    audit::append(connection, by, Action::HoldBegun, id, &format!("{name}: {what}"))?;
    Ok(id)
}

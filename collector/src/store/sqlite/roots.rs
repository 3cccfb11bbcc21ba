//! The CA's roots.

use rusqlite::{Connection, OptionalExtension, params};

use super::value::{At, Word};
use super::{Sqlite, audit, unsigned};
use crate::store::audit::Action;
use crate::store::roots::{RootRow, RootSet, RootState, Roots};
use crate::store::{By, Reply, StoreError};

impl Roots for Sqlite {
    fn roots(&self) -> Reply<RootSet> {
        self.read(all)
    }

    fn add_root(&self, id: u32, certificate: String, by: By) -> Reply<()> {
        self.write(move |connection| add(connection, id, &certificate, &by))
    }

    fn activate_root(&self, id: u32, by: By) -> Reply<()> {
        self.write(move |connection| {
            match state(connection, id)? {
                RootState::Active => return Err(StoreError::Conflict(format!("Root {id} is active already"))),
                RootState::Retired => return Err(StoreError::Conflict(format!("Root {id} is retired"))),
                RootState::Standby | RootState::Former => {}
            }
            connection.execute("UPDATE root SET state = 'former' WHERE state = 'active'", [])?;
            set_state(connection, id, RootState::Active)?;
            audit::append(connection, &by, Action::RootActivated, id, "")
        })
    }

    fn retire_root(&self, id: u32, by: By) -> Reply<()> {
        self.write(move |connection| {
            match state(connection, id)? {
                RootState::Active => {
                    let why = format!("Root {id} is the one that signs; activate another one first");
                    return Err(StoreError::Conflict(why));
                }
                RootState::Retired => return Err(StoreError::Conflict(format!("Root {id} is retired already"))),
                RootState::Standby | RootState::Former => {}
            }
            set_state(connection, id, RootState::Retired)?;
            audit::append(connection, &by, Action::RootRetired, id, "")
        })
    }

    fn next_root(&self) -> Reply<u32> {
        self.read(|connection| Ok(next(connection)?))
    }

    fn devices_without_roots(&self) -> Reply<u64> {
        self.read(|connection| {
            let count = connection.query_row(
                "SELECT count(*) FROM device d, collector c WHERE d.binding <> 'retired' \
                 AND d.roots_serial < c.roots_serial",
                [],
                |row| row.get(0),
            )?;
            Ok(unsigned(count))
        })
    }
}

fn next(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM root", [], |row| row.get(0))
}

fn all(connection: &Connection) -> Result<RootSet, StoreError> {
    let roots = connection
        .prepare_cached("SELECT id, state, certificate, created_at FROM root WHERE state <> 'retired' ORDER BY id")?
        .query_map([], |row| {
            Ok(RootRow {
                id: row.get(0)?,
                state: row.get::<_, Word<_>>(1)?.0,
                certificate: row.get(2)?,
                created_at: row.get::<_, At>(3)?.0,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(RootSet {
        serial: serial(connection)?,
        roots,
    })
}

/// The serial of the roots as they stand.
pub(super) fn serial(connection: &Connection) -> Result<u64, StoreError> {
    let serial = connection
        .prepare_cached("SELECT roots_serial FROM collector")?
        .query_row([], |row| row.get(0))?;
    Ok(unsigned(serial))
}

fn add(connection: &Connection, id: u32, certificate: &str, by: &By) -> Result<(), StoreError> {
    if id != next(connection)? {
        return Err(StoreError::Conflict(format!("Another root {id} was added meanwhile")));
    }
    let state = if id == 1 { RootState::Active } else { RootState::Standby };
    connection.execute(
        "INSERT INTO root (id, state, certificate, created_at) VALUES (?, ?, ?, ?)",
        params![id, Word(state), certificate, At(by.at)],
    )?;
    connection.execute("UPDATE collector SET roots_serial = roots_serial + 1", [])?;
    audit::append(connection, by, Action::RootAdded, id, "")
}

fn state(connection: &Connection, id: u32) -> Result<RootState, StoreError> {
    connection
        .query_row("SELECT state FROM root WHERE id = ?", [id], |row| {
            Ok(row.get::<_, Word<_>>(0)?.0)
        })
        .optional()?
        .ok_or_else(|| StoreError::not_found("CA root", id))
}

fn set_state(connection: &Connection, id: u32, state: RootState) -> Result<(), StoreError> {
    connection.execute("UPDATE root SET state = ? WHERE id = ?", params![Word(state), id])?;
    connection.execute("UPDATE collector SET roots_serial = roots_serial + 1", [])?;
    Ok(())
}

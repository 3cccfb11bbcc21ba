//! The CA's roots.

use super::session::Row;
use super::value::{At, Word};
use super::{Postgres, Session, audit, unsigned};
use crate::store::audit::Action;
use crate::store::roots::{RootRow, RootSet, RootState, Roots};
use crate::store::{By, Reply, StoreError};

impl Roots for Postgres {
    fn roots(&self) -> Reply<RootSet> {
        self.read(all)
    }

    fn add_root(&self, id: u32, certificate: String, by: By) -> Reply<()> {
        self.write(move |session| add(session, id, &certificate, &by))
    }

    fn activate_root(&self, id: u32, by: By) -> Reply<()> {
        self.write(move |session| {
            match state(session, id)? {
                RootState::Active => return Err(StoreError::Conflict(format!("Root {id} is active already"))),
                RootState::Retired => return Err(StoreError::Conflict(format!("Root {id} is retired"))),
                RootState::Standby | RootState::Former => {}
            }
            session.execute("UPDATE root SET state = 'former' WHERE state = 'active'", &[])?;
            set_state(session, id, RootState::Active)?;
            session.execute(
                "UPDATE root SET activated_at = $1 WHERE id = $2",
                &[&At(by.at), &i64::from(id)],
            )?;
            audit::append(session, &by, Action::RootActivated, id, "")
        })
    }

    fn retire_root(&self, id: u32, by: By) -> Reply<()> {
        self.write(move |session| {
            match state(session, id)? {
                RootState::Active => {
                    let why = format!("Root {id} is the one that signs; activate another one first");
                    return Err(StoreError::Conflict(why));
                }
                RootState::Retired => return Err(StoreError::Conflict(format!("Root {id} is retired already"))),
                RootState::Standby | RootState::Former => {}
            }
            set_state(session, id, RootState::Retired)?;
            audit::append(session, &by, Action::RootRetired, id, "")
        })
    }

    fn next_root(&self) -> Reply<u32> {
        self.read(next)
    }

    fn devices_without_roots(&self) -> Reply<u64> {
        self.read(|session| {
            session.query_one(
                "SELECT count(*) FROM device d, collector c WHERE d.binding <> 'retired' \
                 AND d.roots_serial < c.roots_serial",
                &[],
                |row| row.get(0).map(unsigned),
            )
        })
    }
}

fn next(session: &mut Session<'_>) -> Result<u32, StoreError> {
    session.query_one("SELECT coalesce(max(id), 0) + 1 FROM root", &[], number)
}

/// A root's number, the first column of a row.
fn number(row: &Row) -> Result<u32, StoreError> {
    let number = u32::try_from(row.get::<i64>(0)?);
    number.map_err(|_| StoreError::Unreadable {
        what: "the number of a root".to_owned(),
    })
}

fn all(session: &mut Session<'_>) -> Result<RootSet, StoreError> {
    let roots = session.query(
        "SELECT id, state, certificate, created_at, activated_at FROM root WHERE state <> 'retired' ORDER BY id",
        &[],
        |row| {
            Ok(RootRow {
                id: number(row)?,
                state: row.get::<Word<_>>(1)?.0,
                certificate: row.get(2)?,
                created_at: row.get::<At>(3)?.0,
                activated_at: row.get::<Option<At>>(4)?.map(|at| at.0),
            })
        },
    )?;
    Ok(RootSet {
        serial: serial(session)?,
        roots,
    })
}

/// The serial of the roots as they stand.
pub(super) fn serial(session: &mut Session<'_>) -> Result<u64, StoreError> {
    session.query_one("SELECT roots_serial FROM collector", &[], |row| {
        row.get(0).map(unsigned)
    })
}

fn add(session: &mut Session<'_>, id: u32, certificate: &str, by: &By) -> Result<(), StoreError> {
    if id != next(session)? {
        return Err(StoreError::Conflict(format!("Another root {id} was added meanwhile")));
    }
    let state = if id == 1 { RootState::Active } else { RootState::Standby };
    session.execute(
        "INSERT INTO root (id, state, certificate, created_at) VALUES ($1, $2, $3, $4)",
        &[&i64::from(id), &Word(state), &certificate, &At(by.at)],
    )?;
    session.execute("UPDATE collector SET roots_serial = roots_serial + 1", &[])?;
    audit::append(session, by, Action::RootAdded, id, "")
}

fn state(session: &mut Session<'_>, id: u32) -> Result<RootState, StoreError> {
    let state = session.query_opt("SELECT state FROM root WHERE id = $1", &[&i64::from(id)], |row| {
        Ok(row.get::<Word<_>>(0)?.0)
    })?;
    state.ok_or_else(|| StoreError::not_found("CA root", id))
}

fn set_state(session: &mut Session<'_>, id: u32, state: RootState) -> Result<(), StoreError> {
    session.execute(
        "UPDATE root SET state = $1 WHERE id = $2",
        &[&Word(state), &i64::from(id)],
    )?;
    session.execute("UPDATE collector SET roots_serial = roots_serial + 1", &[])?;
    Ok(())
}

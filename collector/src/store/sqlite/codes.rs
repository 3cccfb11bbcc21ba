//! The second step of a log-in.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Sqlite, audit, people, signed};
use crate::store::audit::Action;
use crate::store::codes::{CodeRow, Codes};
use crate::store::people::UserId;
use crate::store::{By, Reply, StoreError};

impl Codes for Sqlite {
    fn begin_code(&self, id: UserId, sealed: Vec<u8>) -> Reply<()> {
        self.write(move |connection| {
            let kept = connection.execute(
                "INSERT INTO second_step (user, secret, confirmed, used) VALUES (?, ?, 0, 0) \
                 ON CONFLICT (user) DO UPDATE SET secret = excluded.secret WHERE NOT confirmed",
                params![id.0, sealed],
            )?;
            if kept == 0 {
                return Err(StoreError::Conflict("Codes are in use already".to_owned()));
            }
            Ok(())
        })
    }

    fn code(&self, id: UserId) -> Reply<Option<CodeRow>> {
        self.read(move |connection| code(connection, id))
    }

    fn confirm_code(&self, id: UserId, step: u64, recovery: Vec<[u8; 32]>, by: By) -> Reply<()> {
        self.write(move |connection| confirm(connection, id, step, &recovery, &by))
    }

    fn take_code(&self, id: UserId, step: u64) -> Reply<bool> {
        self.write(move |connection| {
            let taken = connection.execute(
                "UPDATE second_step SET used = ?1 WHERE user = ?2 AND confirmed AND used < ?1",
                params![signed(step), id.0],
            )?;
            Ok(taken > 0)
        })
    }

    fn take_recovery_code(&self, id: UserId, hash: [u8; 32], by: By) -> Reply<bool> {
        self.write(move |connection| {
            let user = people::by_id(connection, id)?;
            let taken = connection.execute(
                "DELETE FROM recovery_code WHERE user = ? AND hash = ?",
                params![id.0, hash],
            )?;
            if taken > 0 {
                let left: i64 =
                    connection.query_row("SELECT count(*) FROM recovery_code WHERE user = ?", [id.0], |row| {
                        row.get(0)
                    })?;
                audit::append(
                    connection,
                    &by,
                    Action::RecoveryCodeUsed,
                    user.name,
                    &format!("{left} left"),
                )?;
            }
            Ok(taken > 0)
        })
    }

    fn forget_code(&self, id: UserId, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = people::by_id(connection, id)?;
            let known = connection.execute("DELETE FROM second_step WHERE user = ?", [id.0])?;
            connection.execute("DELETE FROM recovery_code WHERE user = ?", [id.0])?;
            if known > 0 {
                audit::append(connection, &by, Action::CodeRemoved, user.name, "")?;
            }
            Ok(())
        })
    }
}

fn code(connection: &Connection, id: UserId) -> Result<Option<CodeRow>, StoreError> {
    let row = connection
        .prepare_cached("SELECT secret, confirmed FROM second_step WHERE user = ?")?
        .query_row([id.0], |row| {
            Ok(CodeRow {
                sealed: row.get(0)?,
                confirmed: row.get(1)?,
            })
        })
        .optional()?;
    Ok(row)
}

fn confirm(connection: &Connection, id: UserId, step: u64, recovery: &[[u8; 32]], by: &By) -> Result<(), StoreError> {
    let user = people::by_id(connection, id)?;
    let confirmed = connection.execute(
        "UPDATE second_step SET confirmed = 1, used = ? WHERE user = ? AND NOT confirmed",
        params![signed(step), id.0],
    )?;
    if confirmed == 0 {
        return Err(StoreError::Conflict(
            "There is nothing to confirm; begin again".to_owned(),
        ));
    }
    connection.execute("DELETE FROM recovery_code WHERE user = ?", [id.0])?;
    let mut insert = connection.prepare_cached("INSERT INTO recovery_code (user, hash) VALUES (?, ?)")?;
    for hash in recovery {
        insert.execute(params![id.0, hash])?;
    }
    audit::append(connection, by, Action::CodeSet, user.name, "")
}

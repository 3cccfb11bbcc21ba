//! Sessions and failed log-ins.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::value::{At, Word};
use super::{Sqlite, audit, people};
use crate::store::audit::Action;
use crate::store::people::{UserId, UserRow};
use crate::store::sessions::{IDLE, SessionRow, Sessions, Stage};
use crate::store::{Actor, By, Reply, StoreError};

impl Sessions for Sqlite {
    fn log_in_failed(&self, id: Option<UserId>, locked_until: Option<Timestamp>, now: Timestamp) -> Reply<()> {
        self.write(move |connection| failed(connection, id, locked_until, now))
    }

    fn begin_session(&self, session: SessionRow) -> Reply<()> {
        self.write(move |connection| begin_session(connection, &session))
    }

    fn session(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<(SessionRow, UserRow)>> {
        let found = self.read(move |connection| session(connection, secret_hash, now));
        // Written at most once a minute, so that looking at pages does not keep the disk busy.
        let touch = self.write(move |connection| {
            connection
                .prepare_cached("UPDATE session SET used_at = ? WHERE secret_hash = ?")?
                .execute(params![At(now), secret_hash])?;
            Ok(())
        });
        Box::pin(async move {
            let found = found.await?;
            if let Some((session, _)) = &found
                && now.duration_since(session.used_at).as_secs() >= 60
            {
                touch.await?;
            }
            Ok(found)
        })
    }

    fn end_session(&self, secret_hash: [u8; 32], by: By) -> Reply<()> {
        self.write(move |connection| {
            let ended: Option<Stage> = connection
                .prepare_cached("DELETE FROM session WHERE secret_hash = ? RETURNING stage")?
                .query_row([secret_hash], |row| Ok(row.get::<_, Word<_>>(0)?.0))
                .optional()?;
            if ended.is_some_and(|stage| stage != Stage::Code) {
                audit::append(connection, &by, Action::LoggedOut, "", "")?;
            }
            Ok(())
        })
    }

    fn end_sessions(&self, id: UserId, by: By) -> Reply<u64> {
        self.write(move |connection| {
            let user = people::by_id(connection, id)?;
            let ended = end_sessions(connection, id)?;
            audit::append(connection, &by, Action::SessionsEnded, user.name, &ended.to_string())?;
            Ok(ended)
        })
    }
}

/// Ends every session of a user.
pub(super) fn end_sessions(connection: &Connection, user: UserId) -> Result<u64, StoreError> {
    let ended = connection.execute("DELETE FROM session WHERE user = ?", [user.0])?;
    Ok(ended as u64)
}

fn failed(
    connection: &Connection,
    id: Option<UserId>,
    locked_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(id) = id else {
        // What was typed as a name may have been a password.
        let by = By {
            actor: Actor::Collector,
            at: now,
        };
        return audit::append(connection, &by, Action::LogInFailed, "", "nobody has this name");
    };
    let user = people::by_id(connection, id)?;
    connection.execute(
        "UPDATE user SET failed_log_ins = failed_log_ins + 1, locked_until = ? WHERE id = ?",
        params![locked_until.map(At), id.0],
    )?;
    let actor = Actor::User(user.name.clone());
    audit::append(connection, &By { actor, at: now }, Action::LogInFailed, user.name, "")
}

fn begin_session(connection: &Connection, session: &SessionRow) -> Result<(), StoreError> {
    let user = people::by_id(connection, session.user)?;
    connection.execute(
        "INSERT INTO session (secret_hash, user, created_at, used_at, until, stage) VALUES (?, ?, ?, ?, ?, ?)",
        params![
            session.secret_hash,
            session.user.0,
            At(session.created_at),
            At(session.used_at),
            At(session.until),
            Word(session.stage)
        ],
    )?;
    if session.stage == Stage::Code {
        return Ok(());
    }
    connection.execute(
        "UPDATE user SET failed_log_ins = 0, locked_until = NULL, last_log_in = ? WHERE id = ?",
        params![At(session.created_at), session.user.0],
    )?;
    let how = match session.stage {
        Stage::Provider => "by the company's log-in",
        Stage::Whole | Stage::Code => "",
    };
    let by = By {
        actor: Actor::User(user.name.clone()),
        at: session.created_at,
    };
    audit::append(connection, &by, Action::LoggedIn, user.name, how)
}

fn session(
    connection: &Connection,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
    let found = connection
        .prepare_cached(&format!(
            "SELECT {}, s.created_at, s.used_at, s.until, s.stage FROM session s JOIN user u ON u.id = s.user \
             WHERE s.secret_hash = ? AND s.until > ? AND s.used_at > ? AND NOT u.disabled",
            people::COLUMNS
        ))?
        .query_row(params![hash, At(now), At(now - IDLE)], |row| {
            let user = people::read(row)?;
            let session = SessionRow {
                secret_hash: hash,
                user: user.id,
                stage: row.get::<_, Word<_>>(14)?.0,
                created_at: row.get::<_, At>(11)?.0,
                used_at: row.get::<_, At>(12)?.0,
                until: row.get::<_, At>(13)?.0,
            };
            Ok((session, user))
        })
        .optional()?;
    Ok(found)
}

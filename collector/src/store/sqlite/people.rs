//! Users and sessions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{At, Word};
use super::{Sqlite, audit};
use crate::store::audit::Action;
use crate::store::people::{Entry, Link, NewUser, People, SessionRow, UserId, UserRow};
use crate::store::{Actor, By, Reply, StoreError};

impl People for Sqlite {
    fn add_user(&self, user: NewUser, by: By) -> Reply<UserId> {
        self.write(move |connection| add(connection, &user, &by))
    }

    fn users(&self) -> Reply<Vec<UserRow>> {
        self.read(|connection| {
            let users = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM user u ORDER BY u.folded_name"))?
                .query_map([], read)?
                .collect::<Result<_, _>>()?;
            Ok(users)
        })
    }

    fn user(&self, name: String) -> Reply<Option<UserRow>> {
        self.read(move |connection| one(connection, "u.folded_name = ?", params![folded(&name)]))
    }

    fn set_disabled(&self, id: UserId, disabled: bool, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            connection.execute("UPDATE user SET disabled = ? WHERE id = ?", params![disabled, id.0])?;
            if disabled {
                end_sessions(connection, id)?;
            }
            let action = if disabled {
                Action::UserDisabled
            } else {
                Action::UserEnabled
            };
            audit::append(connection, &by, action, user.name, "")
        })
    }

    fn set_link(&self, id: UserId, link: Link, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            connection.execute(
                "UPDATE user SET link_hash = ?, link_until = ? WHERE id = ?",
                params![link.secret_hash, At(link.until), id.0],
            )?;
            audit::append(connection, &by, Action::PasswordLink, user.name, "")
        })
    }

    fn user_of_link(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<UserRow>> {
        self.read(move |connection| of_link(connection, secret_hash, now))
    }

    fn redeem_link(&self, secret_hash: [u8; 32], password_hash: String, now: Timestamp) -> Reply<bool> {
        self.write(move |connection| {
            let Some(user) = of_link(connection, secret_hash, now)? else {
                return Ok(false);
            };
            let actor = Actor::User(user.name.clone());
            set_password(connection, &user, &password_hash, &By { actor, at: now })?;
            Ok(true)
        })
    }

    fn log_in_failed(&self, id: UserId, locked_until: Option<Timestamp>, now: Timestamp) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            connection.execute(
                "UPDATE user SET failed_log_ins = failed_log_ins + 1, locked_until = ? WHERE id = ?",
                params![locked_until.map(At), id.0],
            )?;
            let actor = Actor::User(user.name.clone());
            audit::append(connection, &By { actor, at: now }, Action::LogInFailed, user.name, "")
        })
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
            let ended = connection.execute("DELETE FROM session WHERE secret_hash = ?", [secret_hash])?;
            if ended > 0 {
                audit::append(connection, &by, Action::LoggedOut, "", "")?;
            }
            Ok(())
        })
    }
}

const COLUMNS: &str = "u.id, u.name, u.role, u.password_hash, u.disabled, u.failed_log_ins, u.locked_until, \
    u.last_log_in, u.created_at";

fn read(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: UserId(row.get(0)?),
        name: row.get(1)?,
        role: row.get::<_, Word<_>>(2)?.0,
        password_hash: row.get(3)?,
        disabled: row.get(4)?,
        failed_log_ins: row.get(5)?,
        locked_until: row.get::<_, Option<At>>(6)?.map(|at| at.0),
        last_log_in: row.get::<_, Option<At>>(7)?.map(|at| at.0),
        created_at: row.get::<_, At>(8)?.0,
    })
}

/// Letters' case does not tell two names apart.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn one(
    connection: &Connection,
    condition: &'static str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Option<UserRow>, StoreError> {
    let user = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM user u WHERE {condition}"))?
        .query_row(values, read)
        .optional()?;
    Ok(user)
}

fn by_id(connection: &Connection, id: UserId) -> Result<UserRow, StoreError> {
    one(connection, "u.id = ?", params![id.0])?.ok_or_else(|| StoreError::not_found("user", id.0))
}

fn of_link(connection: &Connection, hash: [u8; 32], now: Timestamp) -> Result<Option<UserRow>, StoreError> {
    one(
        connection,
        "u.link_hash = ? AND u.link_until > ? AND NOT u.disabled",
        params![hash, At(now)],
    )
}

fn add(connection: &Connection, user: &NewUser, by: &By) -> Result<UserId, StoreError> {
    if one(connection, "u.folded_name = ?", params![folded(&user.name)])?.is_some() {
        return Err(StoreError::Conflict(format!("There is a user {} already", user.name)));
    }
    let (password, link) = match &user.entry {
        Entry::Password(hash) => (Some(hash), None),
        Entry::Link(link) => (None, Some(link)),
    };
    connection.execute(
        "INSERT INTO user (name, folded_name, role, password_hash, link_hash, link_until, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            user.name,
            folded(&user.name),
            Word(user.role),
            password,
            link.map(|link| link.secret_hash),
            link.map(|link| At(link.until)),
            At(by.at)
        ],
    )?;
    let id = UserId(connection.last_insert_rowid());
    audit::append(connection, by, Action::UserAdded, &user.name, user.role.as_str())?;
    Ok(id)
}

fn set_password(connection: &Connection, user: &UserRow, hash: &str, by: &By) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE user SET password_hash = ?, link_hash = NULL, link_until = NULL, failed_log_ins = 0, \
         locked_until = NULL WHERE id = ?",
        params![hash, user.id.0],
    )?;
    end_sessions(connection, user.id)?;
    audit::append(connection, by, Action::PasswordSet, &user.name, "")
}

fn end_sessions(connection: &Connection, user: UserId) -> Result<(), StoreError> {
    connection.execute("DELETE FROM session WHERE user = ?", [user.0])?;
    Ok(())
}

fn begin_session(connection: &Connection, session: &SessionRow) -> Result<(), StoreError> {
    let user = by_id(connection, session.user)?;
    connection.execute(
        "INSERT INTO session (secret_hash, user, created_at, used_at, until) VALUES (?, ?, ?, ?, ?)",
        params![
            session.secret_hash,
            session.user.0,
            At(session.created_at),
            At(session.used_at),
            At(session.until)
        ],
    )?;
    connection.execute(
        "UPDATE user SET failed_log_ins = 0, locked_until = NULL, last_log_in = ? WHERE id = ?",
        params![At(session.created_at), session.user.0],
    )?;
    let by = By {
        actor: Actor::User(user.name.clone()),
        at: session.created_at,
    };
    audit::append(connection, &by, Action::LoggedIn, user.name, "")
}

fn session(
    connection: &Connection,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, s.created_at, s.used_at, s.until FROM session s JOIN user u ON u.id = s.user \
             WHERE s.secret_hash = ? AND s.until > ? AND NOT u.disabled"
        ))?
        .query_row(params![hash, At(now)], |row| {
            let user = read(row)?;
            let session = SessionRow {
                secret_hash: hash,
                user: user.id,
                created_at: row.get::<_, At>(9)?.0,
                used_at: row.get::<_, At>(10)?.0,
                until: row.get::<_, At>(11)?.0,
            };
            Ok((session, user))
        })
        .optional()?;
    Ok(found)
}

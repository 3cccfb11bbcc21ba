//! Sessions and failed log-ins.

use jiff::Timestamp;

use super::value::{At, Hash, Word};
use super::{Postgres, Session, audit, people};
use crate::store::audit::Action;
use crate::store::people::{UserId, UserRow};
use crate::store::sessions::{IDLE, SessionRow, Sessions, Stage};
use crate::store::{Actor, By, Reply, StoreError};

impl Sessions for Postgres {
    fn log_in_failed(&self, id: Option<UserId>, locked_until: Option<Timestamp>, now: Timestamp) -> Reply<()> {
        self.write(move |session| failed(session, id, locked_until, now))
    }

    fn begin_session(&self, begun: SessionRow) -> Reply<()> {
        self.write(move |session| begin_session(session, &begun))
    }

    fn session(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<(SessionRow, UserRow)>> {
        let found = self.read(move |session| session_of(session, secret_hash, now));
        // Written at most once a minute, so that looking at pages does not keep the disk busy.
        let touch = self.write(move |session| {
            session.execute(
                "UPDATE session SET used_at = $1 WHERE secret_hash = $2",
                &[&At(now), &Hash(secret_hash)],
            )?;
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
        self.write(move |session| {
            let ended = session.query_opt(
                "DELETE FROM session WHERE secret_hash = $1 RETURNING stage",
                &[&Hash(secret_hash)],
                |row| Ok(row.get::<Word<Stage>>(0)?.0),
            )?;
            if ended.is_some_and(|stage| stage != Stage::Code) {
                audit::append(session, &by, Action::LoggedOut, "", "")?;
            }
            Ok(())
        })
    }

    fn end_sessions(&self, id: UserId, by: By) -> Reply<u64> {
        self.write(move |session| {
            let user = people::by_id(session, id)?;
            let ended = end_sessions(session, id)?;
            audit::append(session, &by, Action::SessionsEnded, user.name, &ended.to_string())?;
            Ok(ended)
        })
    }
}

/// Ends every session of a user.
pub(super) fn end_sessions(session: &mut Session<'_>, user: UserId) -> Result<u64, StoreError> {
    session.execute("DELETE FROM session WHERE person = $1", &[&user.0])
}

fn failed(
    session: &mut Session<'_>,
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
        return audit::append(session, &by, Action::LogInFailed, "", "nobody has this name");
    };
    let user = people::by_id(session, id)?;
    session.execute(
        "UPDATE person SET failed_log_ins = failed_log_ins + 1, locked_until = $1 WHERE id = $2",
        &[&locked_until.map(At), &id.0],
    )?;
    let actor = Actor::User(user.name.clone());
    audit::append(session, &By { actor, at: now }, Action::LogInFailed, user.name, "")
}

fn begin_session(session: &mut Session<'_>, begun: &SessionRow) -> Result<(), StoreError> {
    let user = people::by_id(session, begun.user)?;
    session.execute(
        "INSERT INTO session (secret_hash, person, created_at, used_at, until, stage) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &Hash(begun.secret_hash),
            &begun.user.0,
            &At(begun.created_at),
            &At(begun.used_at),
            &At(begun.until),
            &Word(begun.stage),
        ],
    )?;
    if begun.stage == Stage::Code {
        return Ok(());
    }
    session.execute(
        "UPDATE person SET failed_log_ins = 0, locked_until = NULL, last_log_in = $1 WHERE id = $2",
        &[&At(begun.created_at), &begun.user.0],
    )?;
    let how = match begun.stage {
        Stage::Provider => "by the company's log-in",
        Stage::Whole | Stage::Code => "",
    };
    let by = By {
        actor: Actor::User(user.name.clone()),
        at: begun.created_at,
    };
    audit::append(session, &by, Action::LoggedIn, user.name, how)
}

fn session_of(
    session: &mut Session<'_>,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
    session.query_opt(
        &format!(
            "SELECT {}, s.created_at, s.used_at, s.until, s.stage FROM session s \
             JOIN person u ON u.id = s.person \
             WHERE s.secret_hash = $1 AND s.until > $2 AND s.used_at > $3 AND NOT u.disabled",
            people::COLUMNS
        ),
        &[&Hash(hash), &At(now), &At(now - IDLE)],
        |row| {
            let user = people::read(row)?;
            let found = SessionRow {
                secret_hash: hash,
                user: user.id,
                stage: row.get::<Word<_>>(14)?.0,
                created_at: row.get::<At>(11)?.0,
                used_at: row.get::<At>(12)?.0,
                until: row.get::<At>(13)?.0,
            };
            Ok((found, user))
        },
    )
}

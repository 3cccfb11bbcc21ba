//! The second step of a log-in.

use super::value::Hash;
use super::{Postgres, Session, audit, people, signed};
use crate::store::audit::Action;
use crate::store::codes::{CodeRow, Codes};
use crate::store::people::UserId;
use crate::store::{By, Reply, StoreError};

impl Codes for Postgres {
    fn begin_code(&self, id: UserId, sealed: Vec<u8>) -> Reply<()> {
        self.write(move |session| {
            let kept = session.execute(
                "INSERT INTO second_step AS s (person, secret, confirmed, used) VALUES ($1, $2, false, 0) \
                 ON CONFLICT (person) DO UPDATE SET secret = excluded.secret WHERE NOT s.confirmed",
                &[&id.0, &sealed],
            )?;
            if kept == 0 {
                return Err(StoreError::Conflict("Codes are in use already".to_owned()));
            }
            Ok(())
        })
    }

    fn code(&self, id: UserId) -> Reply<Option<CodeRow>> {
        self.read(move |session| {
            session.query_opt(
                "SELECT secret, confirmed FROM second_step WHERE person = $1",
                &[&id.0],
                |row| {
                    let sealed = row.get(0)?;
                    let confirmed = row.get(1)?;
                    Ok(CodeRow { sealed, confirmed })
                },
            )
        })
    }

    fn confirm_code(&self, id: UserId, step: u64, recovery: Vec<[u8; 32]>, by: By) -> Reply<()> {
        self.write(move |session| confirm(session, id, step, &recovery, &by))
    }

    fn take_code(&self, id: UserId, step: u64) -> Reply<bool> {
        self.write(move |session| {
            let taken = session.execute(
                "UPDATE second_step SET used = $1 WHERE person = $2 AND confirmed AND used < $1",
                &[&signed(step), &id.0],
            )?;
            Ok(taken > 0)
        })
    }

    fn take_recovery_code(&self, id: UserId, hash: [u8; 32], by: By) -> Reply<bool> {
        self.write(move |session| {
            let user = people::by_id(session, id)?;
            let taken = session.execute(
                "DELETE FROM recovery_code WHERE person = $1 AND hash = $2",
                &[&id.0, &Hash(hash)],
            )?;
            if taken > 0 {
                let count = "SELECT count(*) FROM recovery_code WHERE person = $1";
                let left: i64 = session.query_one(count, &[&id.0], |row| row.get(0))?;
                let detail = format!("{left} left");
                audit::append(session, &by, Action::RecoveryCodeUsed, user.name, &detail)?;
            }
            Ok(taken > 0)
        })
    }

    fn forget_code(&self, id: UserId, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = people::by_id(session, id)?;
            let known = session.execute("DELETE FROM second_step WHERE person = $1", &[&id.0])?;
            session.execute("DELETE FROM recovery_code WHERE person = $1", &[&id.0])?;
            if known > 0 {
                audit::append(session, &by, Action::CodeRemoved, user.name, "")?;
            }
            Ok(())
        })
    }
}

fn confirm(session: &mut Session<'_>, id: UserId, step: u64, recovery: &[[u8; 32]], by: &By) -> Result<(), StoreError> {
    let user = people::by_id(session, id)?;
    let confirmed = session.execute(
        "UPDATE second_step SET confirmed = true, used = $1 WHERE person = $2 AND NOT confirmed",
        &[&signed(step), &id.0],
    )?;
    if confirmed == 0 {
        return Err(StoreError::Conflict(
            "There is nothing to confirm; begin again".to_owned(),
        ));
    }
    session.execute("DELETE FROM recovery_code WHERE person = $1", &[&id.0])?;
    for hash in recovery {
        session.execute(
            "INSERT INTO recovery_code (person, hash) VALUES ($1, $2)",
            &[&id.0, &Hash(*hash)],
        )?;
    }
    audit::append(session, by, Action::CodeSet, user.name, "")
}

//! Where a person is mentioned.

use serde::Deserialize;

use super::session::Session;
use super::value::{At, Json, Word};
use super::{Postgres, applications, corrections, devices, filings, people, signed, unsigned};
use crate::store::applications::Application;
use crate::store::mentions::{
    MOST_FOUND, Mention, Mentioned, Mentions, Names, Trace, UsedDevice, Uses, mentioned, too_many,
};
use crate::store::{Actor, Reply, StoreError};

/// Lines of the audit trail at a time.
const AT_ONCE: i64 = 500;

/// The most fingerprints that are read at once.
const PRINTS: i64 = 5_000;

impl Mentioned for Postgres {
    fn mentions(&self, names: Names) -> Reply<Mentions> {
        self.read(move |session| mentions(session, &names))
    }

    fn traces(&self, user: String, after: u64) -> Reply<Vec<Trace>> {
        self.read(move |session| {
            let actor = Actor::User(user.clone()).to_string();
            session.query(
                "SELECT id, at, action, actor = $1 FROM audit WHERE id > $3 AND (actor = $1 OR subject = $2) \
                 ORDER BY id LIMIT $4",
                &[&actor, &user, &signed(after), &AT_ONCE],
                |row| {
                    Ok(Trace {
                        id: unsigned(row.get(0)?),
                        at: row.get::<At>(1)?.0,
                        action: row.get::<Word<_>>(2)?.0,
                        own: row.get(3)?,
                    })
                },
            )
        })
    }
}

fn mentions(session: &mut Session<'_>, names: &Names) -> Result<Mentions, StoreError> {
    let filings = filings::all(session)?;
    let corrections = corrections::all(session)?;
    let mut users = people::all(session)?;
    users.retain(|user| names.are(&user.name));
    Ok(Mentions {
        devices: used(session, names)?,
        filings: mentioned(filings, |row| names.in_text(&row.owner))?,
        applications: applied(session, names)?,
        corrections: mentioned(corrections, |row| names.in_text(&row.asked.person))?,
        users,
    })
}

/// What is wanted of a fingerprint. PostgreSQL does not take a part out of a JSON text with a zero character.
#[derive(Deserialize)]
struct Print {
    #[serde(default)]
    users: Vec<String>,
}

fn used(session: &mut Session<'_>, names: &Names) -> Result<Vec<UsedDevice>, StoreError> {
    let mut uses = Uses::new(names);
    let mut last = 0_i64;
    loop {
        let prints: Vec<i64> = session.query(
            "SELECT number, device, fingerprint FROM fingerprint WHERE number > $1 ORDER BY number LIMIT $2",
            &[&last, &PRINTS],
            |row| {
                uses.reported(row.get(1)?, &row.get::<Json<Print>>(2)?.0.users);
                row.get(0)
            },
        )?;
        let Some(number) = prints.last() else { break };
        last = *number;
    }
    session.query(
        "SELECT device, not_theirs, theirs FROM correction WHERE state = 'accepted' AND device IS NOT NULL \
         AND finding IS NULL ORDER BY decided_at, id",
        &[],
        |row| {
            uses.corrected(row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(())
        },
    )?;
    let mut found = Vec::new();
    for (key, others) in uses.theirs() {
        if found.len() == MOST_FOUND {
            return Err(too_many());
        }
        let row = devices::by_key(session, key)?;
        found.extend(row.map(|row| UsedDevice { row, others }));
    }
    Ok(found)
}

fn applied(session: &mut Session<'_>, names: &Names) -> Result<Vec<Mention<Application>>, StoreError> {
    let people: Vec<(u64, String)> = session.query("SELECT id, person FROM application ORDER BY id", &[], |row| {
        Ok((unsigned(row.get(0)?), row.get(1)?))
    })?;
    let mut found = Vec::new();
    for Mention {
        what: (id, _),
        likeness,
    } in mentioned(people, |(_, person)| names.in_text(person))?
    {
        let whole = applications::by_id(session, id)?;
        found.extend(whole.map(|what| Mention { what, likeness }));
    }
    Ok(found)
}

//! Where a person is mentioned.

use super::session::Session;
use super::value::{At, Json, Word};
use super::{Postgres, applications, corrections, devices, filings, people, signed, unsigned};
use crate::store::mentions::{MOST_FOUND, Mention, Mentioned, Mentions, Names, Trace, UsedDevice, Uses, too_many};
use crate::store::{Actor, Reply, StoreError};

/// Lines of the audit trail at a time.
const AT_ONCE: i64 = 500;

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
    let corrections = session.query(
        &format!(
            "SELECT {} FROM {} ORDER BY c.id",
            corrections::COLUMNS,
            corrections::FROM
        ),
        &[],
        corrections::read,
    )?;
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

/// Those rows that mention the person.
fn mentioned<T>(
    rows: Vec<T>,
    likeness: impl Fn(&T) -> Option<crate::store::mentions::Likeness>,
) -> Result<Vec<Mention<T>>, StoreError> {
    let found = rows.into_iter().filter_map(|what| {
        let likeness = likeness(&what)?;
        Some(Mention { what, likeness })
    });
    let found: Vec<_> = found.take(MOST_FOUND + 1).collect();
    if found.len() > MOST_FOUND {
        return Err(too_many());
    }
    Ok(found)
}

/// Of a fingerprint, who was signed in.
#[derive(serde::Deserialize)]
struct SignedIn {
    #[serde(default)]
    users: Vec<String>,
}

fn used(session: &mut Session<'_>, names: &Names) -> Result<Vec<UsedDevice>, StoreError> {
    let mut uses = Uses::new(names);
    let prints = session.query(
        "SELECT device, fingerprint FROM fingerprint ORDER BY number",
        &[],
        |row| Ok((row.get(0)?, row.get::<Json<SignedIn>>(1)?.0.users)),
    )?;
    for (device, signed_in) in &prints {
        uses.reported(*device, signed_in);
    }
    let accepted: Vec<(i64, String, String)> = session.query(
        "SELECT device, not_theirs, theirs FROM correction WHERE state = 'accepted' AND device IS NOT NULL \
         AND finding IS NULL ORDER BY decided_at, id",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    for (device, not_theirs, theirs) in &accepted {
        uses.corrected(*device, not_theirs, theirs);
    }
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

fn applied(
    session: &mut Session<'_>,
    names: &Names,
) -> Result<Vec<Mention<crate::store::applications::Application>>, StoreError> {
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

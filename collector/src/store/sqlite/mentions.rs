//! Where a person is mentioned.

use rusqlite::{Connection, params};

use super::value::{At, Json, Word};
use super::{Sqlite, applications, corrections, devices, filings, people, signed, unsigned};
use crate::store::mentions::{MOST_FOUND, Mention, Mentioned, Mentions, Names, Trace, UsedDevice, Uses, too_many};
use crate::store::{Actor, Reply, StoreError};

/// Lines of the audit trail at a time.
const AT_ONCE: u32 = 500;

impl Mentioned for Sqlite {
    fn mentions(&self, names: Names) -> Reply<Mentions> {
        self.read(move |connection| mentions(connection, &names))
    }

    fn traces(&self, user: String, after: u64) -> Reply<Vec<Trace>> {
        self.read(move |connection| {
            let actor = Actor::User(user.clone()).to_string();
            let rows = connection
                .prepare_cached(
                    "SELECT id, at, action, actor = ?1 FROM audit WHERE id > ?3 AND (actor = ?1 OR subject = ?2) \
                     ORDER BY id LIMIT ?4",
                )?
                .query_map(params![actor, user, signed(after), AT_ONCE], |row| {
                    Ok(Trace {
                        id: unsigned(row.get(0)?),
                        at: row.get::<_, At>(1)?.0,
                        action: row.get::<_, Word<_>>(2)?.0,
                        own: row.get(3)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }
}

fn mentions(connection: &Connection, names: &Names) -> Result<Mentions, StoreError> {
    let filings = filings::all(connection)?;
    let corrections = connection
        .prepare_cached(&format!(
            "SELECT {} FROM {} ORDER BY c.id",
            corrections::COLUMNS,
            corrections::FROM
        ))?
        .query_map([], corrections::read)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut users = people::all(connection)?;
    users.retain(|user| names.are(&user.name));
    Ok(Mentions {
        devices: used(connection, names)?,
        filings: mentioned(filings, |row| names.in_text(&row.owner))?,
        applications: applied(connection, names)?,
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

fn used(connection: &Connection, names: &Names) -> Result<Vec<UsedDevice>, StoreError> {
    let mut uses = Uses::new(names);
    let mut prints = connection.prepare_cached("SELECT device, fingerprint -> '$.users' FROM fingerprint")?;
    let mut rows = prints.query([])?;
    while let Some(row) = rows.next()? {
        let signed_in: Option<Json<Vec<String>>> = row.get(1)?;
        uses.reported(row.get(0)?, &signed_in.map_or_else(Vec::new, |names| names.0));
    }
    let mut accepted = connection.prepare_cached(
        "SELECT device, not_theirs, theirs FROM correction WHERE state = 'accepted' AND device IS NOT NULL \
         AND finding IS NULL ORDER BY decided_at, id",
    )?;
    let mut rows = accepted.query([])?;
    while let Some(row) = rows.next()? {
        uses.corrected(row.get(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?);
    }
    let mut found = Vec::new();
    for (key, others) in uses.theirs() {
        if found.len() == MOST_FOUND {
            return Err(too_many());
        }
        let row = devices::by_key(connection, key)?;
        found.extend(row.map(|row| UsedDevice { row, others }));
    }
    Ok(found)
}

fn applied(
    connection: &Connection,
    names: &Names,
) -> Result<Vec<Mention<crate::store::applications::Application>>, StoreError> {
    let mut people = connection.prepare_cached("SELECT id, person FROM application ORDER BY id")?;
    let people = people
        .query_map([], |row| Ok((unsigned(row.get(0)?), row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    for Mention {
        what: (id, _),
        likeness,
    } in mentioned(people, |(_, person)| names.in_text(person))?
    {
        let whole = applications::by_id(connection, id)?;
        found.extend(whole.map(|what| Mention { what, likeness }));
    }
    Ok(found)
}

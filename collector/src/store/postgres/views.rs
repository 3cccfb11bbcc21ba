//! Saved views.

use postgres::types::ToSql;

use super::session::{Row, Session};
use super::value::Word;
use super::{Postgres, audit, signed, unsigned};
use crate::store::audit::Action;
use crate::store::people::UserId;
use crate::store::views::{Audience, Kept, Listed, MOST_SHARED, MOST_VIEWS, NewView, ViewRow, Views};
use crate::store::{By, Reply, StoreError};

impl Views for Postgres {
    fn views(&self, user: UserId, list: Listed) -> Reply<Vec<ViewRow>> {
        self.read(move |session| {
            session.query(
                &format!(
                    "SELECT {COLUMNS} FROM saved_view WHERE list = $1 AND (person = $2 OR shared) ORDER BY name, id"
                ),
                &[&Word(list), &user.0],
                read,
            )
        })
    }

    fn view(&self, id: u64) -> Reply<Option<ViewRow>> {
        self.read(move |session| one(session, id))
    }

    fn save_view(&self, view: NewView, by: By) -> Reply<Kept> {
        self.write(move |session| save(session, &view, &by))
    }

    fn share_view(&self, id: u64, audience: Audience, by: By) -> Reply<Kept> {
        self.write(move |session| share(session, id, audience, &by))
    }

    fn delete_view(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |session| {
            let view = existing(session, id)?;
            session.execute("DELETE FROM saved_view WHERE id = $1", &[&signed(id)])?;
            audit::append(session, &by, Action::ViewDeleted, view.name, "")
        })
    }
}

const COLUMNS: &str = "id, person, list, name, query, shared";

fn read(row: &Row) -> Result<ViewRow, StoreError> {
    let shared: bool = row.get(5)?;
    Ok(ViewRow {
        id: unsigned(row.get(0)?),
        owner: UserId(row.get(1)?),
        list: row.get::<Word<_>>(2)?.0,
        name: row.get(3)?,
        query: row.get(4)?,
        audience: if shared { Audience::Everybody } else { Audience::Owner },
    })
}

fn one(session: &mut Session<'_>, id: u64) -> Result<Option<ViewRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {COLUMNS} FROM saved_view WHERE id = $1"),
        &[&signed(id)],
        read,
    )
}

fn existing(session: &mut Session<'_>, id: u64) -> Result<ViewRow, StoreError> {
    one(session, id)?.ok_or_else(|| StoreError::not_found("view", id))
}

fn count(
    session: &mut Session<'_>,
    condition: &'static str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<u64, StoreError> {
    session.query_one(
        &format!("SELECT count(*) FROM saved_view WHERE {condition}"),
        values,
        |row| row.get(0).map(unsigned),
    )
}

fn save(session: &mut Session<'_>, view: &NewView, by: &By) -> Result<Kept, StoreError> {
    let others = count(
        session,
        "person = $1 AND NOT (list = $2 AND name = $3)",
        &[&view.owner.0, &Word(view.list), &view.name],
    )?;
    if others >= MOST_VIEWS {
        return Ok(Kept::TooMany);
    }
    session.execute(
        "INSERT INTO saved_view (person, list, name, query) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (person, list, name) DO UPDATE SET query = excluded.query",
        &[&view.owner.0, &Word(view.list), &view.name, &view.query],
    )?;
    audit::append(session, by, Action::ViewSaved, &view.name, view.list.as_str())?;
    Ok(Kept::Yes)
}

fn share(session: &mut Session<'_>, id: u64, audience: Audience, by: &By) -> Result<Kept, StoreError> {
    let view = existing(session, id)?;
    if audience == view.audience {
        return Ok(Kept::Yes);
    }
    if audience == Audience::Everybody && count(session, "shared", &[])? >= MOST_SHARED {
        return Ok(Kept::TooMany);
    }
    session.execute(
        "UPDATE saved_view SET shared = $1 WHERE id = $2",
        &[&(audience == Audience::Everybody), &signed(id)],
    )?;
    let detail = match audience {
        Audience::Everybody => "with everybody",
        Audience::Owner => "with nobody",
    };
    audit::append(session, by, Action::ViewShared, view.name, detail)?;
    Ok(Kept::Yes)
}

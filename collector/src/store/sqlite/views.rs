//! Saved views.

use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::value::Word;
use super::{Sqlite, audit, signed, unsigned};
use crate::store::audit::Action;
use crate::store::people::UserId;
use crate::store::views::{Audience, Kept, Listed, MOST_SHARED, MOST_VIEWS, NewView, ViewRow, Views};
use crate::store::{By, Reply, StoreError};

impl Views for Sqlite {
    fn views(&self, user: UserId, list: Listed) -> Reply<Vec<ViewRow>> {
        self.read(move |connection| {
            let rows = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM saved_view WHERE list = ? AND (user = ? OR shared) ORDER BY name, id"
                ))?
                .query_map(params![Word(list), user.0], read)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn view(&self, id: u64) -> Reply<Option<ViewRow>> {
        self.read(move |connection| one(connection, id))
    }

    fn save_view(&self, view: NewView, by: By) -> Reply<Kept> {
        self.write(move |connection| save(connection, &view, &by))
    }

    fn share_view(&self, id: u64, audience: Audience, by: By) -> Reply<Kept> {
        self.write(move |connection| share(connection, id, audience, &by))
    }

    fn delete_view(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |connection| {
            let view = existing(connection, id)?;
            connection.execute("DELETE FROM saved_view WHERE id = ?", [signed(id)])?;
            audit::append(connection, &by, Action::ViewDeleted, view.name, "")
        })
    }
}

const COLUMNS: &str = "id, user, list, name, query, shared";

fn read(row: &Row<'_>) -> rusqlite::Result<ViewRow> {
    let shared: bool = row.get(5)?;
    Ok(ViewRow {
        id: unsigned(row.get(0)?),
        owner: UserId(row.get(1)?),
        list: row.get::<_, Word<_>>(2)?.0,
        name: row.get(3)?,
        query: row.get(4)?,
        audience: if shared { Audience::Everybody } else { Audience::Owner },
    })
}

fn one(connection: &Connection, id: u64) -> Result<Option<ViewRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM saved_view WHERE id = ?"))?
        .query_row([signed(id)], read)
        .optional()?;
    Ok(row)
}

fn existing(connection: &Connection, id: u64) -> Result<ViewRow, StoreError> {
    one(connection, id)?.ok_or_else(|| StoreError::not_found("view", id))
}

fn count(connection: &Connection, condition: &'static str, values: impl Params) -> Result<u64, StoreError> {
    let number = connection
        .prepare_cached(&format!("SELECT count(*) FROM saved_view WHERE {condition}"))?
        .query_row(values, |row| row.get(0))?;
    Ok(unsigned(number))
}

fn save(connection: &Connection, view: &NewView, by: &By) -> Result<Kept, StoreError> {
    let other = params![view.owner.0, Word(view.list), view.name];
    let others = count(connection, "user = ? AND NOT (list = ? AND name = ?)", other)?;
    if others >= MOST_VIEWS {
        return Ok(Kept::TooMany);
    }
    connection.execute(
        "INSERT INTO saved_view (user, list, name, query) VALUES (?, ?, ?, ?) \
         ON CONFLICT (user, list, name) DO UPDATE SET query = excluded.query",
        params![view.owner.0, Word(view.list), view.name, view.query],
    )?;
    audit::append(connection, by, Action::ViewSaved, &view.name, view.list.as_str())?;
    Ok(Kept::Yes)
}

fn share(connection: &Connection, id: u64, audience: Audience, by: &By) -> Result<Kept, StoreError> {
    let view = existing(connection, id)?;
    if audience == view.audience {
        return Ok(Kept::Yes);
    }
    if audience == Audience::Everybody && count(connection, "shared", [])? >= MOST_SHARED {
        return Ok(Kept::TooMany);
    }
    connection.execute(
        "UPDATE saved_view SET shared = ? WHERE id = ?",
        params![audience == Audience::Everybody, signed(id)],
    )?;
    let detail = match audience {
        Audience::Everybody => "with everybody",
        Audience::Owner => "with nobody",
    };
    audit::append(connection, by, Action::ViewShared, view.name, detail)?;
    Ok(Kept::Yes)
}

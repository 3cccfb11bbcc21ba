//! Users.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sessions::end_sessions;
use super::value::{At, Json, Word};
use super::{Sqlite, audit};
use crate::store::audit::Action;
use crate::store::directory::{self, Imported, Person};
use crate::store::people::{Entry, Link, NewUser, People, Role, UserId, UserRow, folded};
use crate::store::{Actor, By, Reply, StoreError};

impl People for Sqlite {
    fn add_user(&self, user: NewUser, by: By) -> Reply<UserId> {
        self.write(move |connection| add(connection, &user, &by))
    }

    fn users(&self) -> Reply<Vec<UserRow>> {
        self.read(all)
    }

    fn user(&self, name: String) -> Reply<Option<UserRow>> {
        self.read(move |connection| one(connection, "u.folded_name = ?", params![folded(&name)]))
    }

    fn user_by_id(&self, id: UserId) -> Reply<Option<UserRow>> {
        self.read(move |connection| one(connection, "u.id = ?", params![id.0]))
    }

    fn set_role(&self, id: UserId, role: Role, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            if user.role == Role::Administrator && role != user.role {
                must_not_be_the_last(connection, &user)?;
            }
            set_role(connection, &user, role, &by)
        })
    }

    fn set_groups(&self, id: UserId, groups: Vec<String>, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            set_groups(connection, &user, &groups, &by)
        })
    }

    fn set_disabled(&self, id: UserId, disabled: bool, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            if disabled && user.role == Role::Administrator {
                must_not_be_the_last(connection, &user)?;
            }
            set_disabled(connection, &user, disabled, &by)
        })
    }

    fn unlock(&self, id: UserId, by: By) -> Reply<()> {
        self.write(move |connection| {
            let user = by_id(connection, id)?;
            connection.execute(
                "UPDATE user SET failed_log_ins = 0, locked_until = NULL WHERE id = ?",
                [id.0],
            )?;
            audit::append(connection, &by, Action::UserUnlocked, user.name, "")
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

    fn import(&self, people: Vec<Person>, disable_missing: bool, by: By) -> Reply<Imported> {
        self.write(move |connection| import(connection, &people, disable_missing, &by))
    }
}

pub(super) const COLUMNS: &str = "u.id, u.name, u.role, u.password_hash, u.disabled, u.failed_log_ins, u.locked_until, \
    u.last_log_in, u.created_at, \
    (SELECT json_group_array(g.grp) FROM (SELECT grp FROM user_group WHERE user = u.id ORDER BY grp) g), \
    EXISTS (SELECT 1 FROM second_step c WHERE c.user = u.id AND c.confirmed)";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<UserRow> {
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
        groups: row.get::<_, Json<_>>(9)?.0,
        has_code: row.get(10)?,
    })
}

pub(super) fn all(connection: &Connection) -> Result<Vec<UserRow>, StoreError> {
    let users = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM user u ORDER BY u.folded_name"))?
        .query_map([], read)?
        .collect::<Result<_, _>>()?;
    Ok(users)
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

pub(super) fn by_id(connection: &Connection, id: UserId) -> Result<UserRow, StoreError> {
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
        Entry::Later => (None, None),
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
    if !user.groups.is_empty() {
        set_groups(connection, &by_id(connection, id)?, &user.groups, by)?;
    }
    Ok(id)
}

/// Refuses when nobody but this user could run the collector.
fn must_not_be_the_last(connection: &Connection, user: &UserRow) -> Result<(), StoreError> {
    let others: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM user WHERE role = ? AND NOT disabled AND id <> ?)")?
        .query_row(params![Word(Role::Administrator), user.id.0], |row| row.get(0))?;
    if others || user.disabled {
        return Ok(());
    }
    let why = format!(
        "{} is the last administrator who may log in; name another one first",
        user.name
    );
    Err(StoreError::Conflict(why))
}

fn set_role(connection: &Connection, user: &UserRow, role: Role, by: &By) -> Result<(), StoreError> {
    if user.role == role {
        return Ok(());
    }
    connection.execute("UPDATE user SET role = ? WHERE id = ?", params![Word(role), user.id.0])?;
    let detail = format!("{} → {role}", user.role);
    audit::append(connection, by, Action::UserRole, &user.name, &detail)
}

fn set_groups(connection: &Connection, user: &UserRow, groups: &[String], by: &By) -> Result<(), StoreError> {
    if user.groups == groups {
        return Ok(());
    }
    connection.execute("DELETE FROM user_group WHERE user = ?", [user.id.0])?;
    let mut insert = connection.prepare_cached("INSERT INTO user_group (user, grp) VALUES (?, ?)")?;
    for group in groups {
        insert.execute(params![user.id.0, group])?;
    }
    audit::append(connection, by, Action::UserGroups, &user.name, &groups.join("; "))
}

fn set_disabled(connection: &Connection, user: &UserRow, disabled: bool, by: &By) -> Result<(), StoreError> {
    if user.disabled == disabled {
        return Ok(());
    }
    connection.execute(
        "UPDATE user SET disabled = ? WHERE id = ?",
        params![disabled, user.id.0],
    )?;
    if disabled {
        end_sessions(connection, user.id)?;
    }
    let action = if disabled {
        Action::UserDisabled
    } else {
        Action::UserEnabled
    };
    audit::append(connection, by, action, &user.name, "")
}

fn import(connection: &Connection, people: &[Person], disable_missing: bool, by: &By) -> Result<Imported, StoreError> {
    let users = all(connection)?;
    let plan = directory::plan(&users, people, disable_missing)?;
    for person in &plan.add {
        let user = NewUser {
            name: person.name.clone(),
            role: person.role,
            groups: person.groups.clone(),
            entry: Entry::Later,
        };
        let id = add(connection, &user, by)?;
        set_disabled(connection, &by_id(connection, id)?, person.disabled, by)?;
    }
    for (user, person) in &plan.change {
        set_role(connection, user, person.role, by)?;
        set_groups(connection, user, &person.groups, by)?;
        set_disabled(connection, user, person.disabled, by)?;
    }
    if disable_missing {
        for user in &plan.missing {
            set_disabled(connection, user, true, by)?;
        }
    }
    let imported = plan.told();
    let detail = format!(
        "{} added, {} changed, {} unchanged, {} missing{}",
        imported.added.len(),
        imported.changed.len(),
        imported.unchanged,
        imported.missing.len(),
        if disable_missing { " and disabled" } else { "" }
    );
    audit::append(connection, by, Action::DirectoryImported, "", &detail)?;
    Ok(imported)
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

//! Users.

use jiff::Timestamp;
use postgres::types::ToSql;

use super::session::Row;
use super::sessions::end_sessions;
use super::value::{At, Hash, Word};
use super::{Postgres, Session, audit};
use crate::store::audit::Action;
use crate::store::directory::{self, Imported, Person};
use crate::store::people::{Entry, Link, NewUser, People, Role, UserId, UserRow, folded};
use crate::store::{Actor, By, Reply, StoreError};

impl People for Postgres {
    fn add_user(&self, user: NewUser, by: By) -> Reply<UserId> {
        self.write(move |session| add(session, &user, &by))
    }

    fn users(&self) -> Reply<Vec<UserRow>> {
        self.read(all)
    }

    fn user(&self, name: String) -> Reply<Option<UserRow>> {
        self.read(move |session| one(session, "u.folded_name = $1", &[&folded(&name)]))
    }

    fn user_by_id(&self, id: UserId) -> Reply<Option<UserRow>> {
        self.read(move |session| one(session, "u.id = $1", &[&id.0]))
    }

    fn set_role(&self, id: UserId, role: Role, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = by_id(session, id)?;
            if user.role == Role::Administrator && role != user.role {
                must_not_be_the_last(session, &user)?;
            }
            set_role(session, &user, role, &by)
        })
    }

    fn set_groups(&self, id: UserId, groups: Vec<String>, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = by_id(session, id)?;
            set_groups(session, &user, &groups, &by)
        })
    }

    fn set_disabled(&self, id: UserId, disabled: bool, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = by_id(session, id)?;
            if disabled && user.role == Role::Administrator {
                must_not_be_the_last(session, &user)?;
            }
            set_disabled(session, &user, disabled, &by)
        })
    }

    fn unlock(&self, id: UserId, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = by_id(session, id)?;
            session.execute(
                "UPDATE person SET failed_log_ins = 0, locked_until = NULL WHERE id = $1",
                &[&id.0],
            )?;
            audit::append(session, &by, Action::UserUnlocked, user.name, "")
        })
    }

    fn set_link(&self, id: UserId, link: Link, by: By) -> Reply<()> {
        self.write(move |session| {
            let user = by_id(session, id)?;
            session.execute(
                "UPDATE person SET link_hash = $1, link_until = $2 WHERE id = $3",
                &[&Hash(link.secret_hash), &At(link.until), &id.0],
            )?;
            audit::append(session, &by, Action::PasswordLink, user.name, "")
        })
    }

    fn user_of_link(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<UserRow>> {
        self.read(move |session| of_link(session, secret_hash, now))
    }

    fn redeem_link(&self, secret_hash: [u8; 32], password_hash: String, now: Timestamp) -> Reply<bool> {
        self.write(move |session| {
            let Some(user) = of_link(session, secret_hash, now)? else {
                return Ok(false);
            };
            let actor = Actor::User(user.name.clone());
            set_password(session, &user, &password_hash, &By { actor, at: now })?;
            Ok(true)
        })
    }

    fn import(&self, people: Vec<Person>, disable_missing: bool, by: By) -> Reply<Imported> {
        self.write(move |session| import(session, &people, disable_missing, &by))
    }
}

pub(super) const COLUMNS: &str = "u.id, u.name, u.role, u.password_hash, u.disabled, u.failed_log_ins, u.locked_until, \
    u.last_log_in, u.created_at, \
    array(SELECT g.grp FROM person_group g WHERE g.person = u.id ORDER BY g.grp), \
    EXISTS (SELECT 1 FROM second_step c WHERE c.person = u.id AND c.confirmed)";

pub(super) fn read(row: &Row) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: UserId(row.get(0)?),
        name: row.get(1)?,
        role: row.get::<Word<_>>(2)?.0,
        password_hash: row.get(3)?,
        disabled: row.get(4)?,
        failed_log_ins: u32::try_from(row.get::<i64>(5)?).unwrap_or(u32::MAX),
        locked_until: row.get::<Option<At>>(6)?.map(|at| at.0),
        last_log_in: row.get::<Option<At>>(7)?.map(|at| at.0),
        created_at: row.get::<At>(8)?.0,
        groups: row.get(9)?,
        has_code: row.get(10)?,
    })
}

pub(super) fn all(session: &mut Session<'_>) -> Result<Vec<UserRow>, StoreError> {
    session.query(
        &format!("SELECT {COLUMNS} FROM person u ORDER BY u.folded_name"),
        &[],
        read,
    )
}

fn one(
    session: &mut Session<'_>,
    condition: &'static str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Option<UserRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {COLUMNS} FROM person u WHERE {condition}"),
        values,
        read,
    )
}

pub(super) fn by_id(session: &mut Session<'_>, id: UserId) -> Result<UserRow, StoreError> {
    one(session, "u.id = $1", &[&id.0])?.ok_or_else(|| StoreError::not_found("user", id.0))
}

fn of_link(session: &mut Session<'_>, hash: [u8; 32], now: Timestamp) -> Result<Option<UserRow>, StoreError> {
    one(
        session,
        "u.link_hash = $1 AND u.link_until > $2 AND NOT u.disabled",
        &[&Hash(hash), &At(now)],
    )
}

fn add(session: &mut Session<'_>, user: &NewUser, by: &By) -> Result<UserId, StoreError> {
    if one(session, "u.folded_name = $1", &[&folded(&user.name)])?.is_some() {
        return Err(StoreError::Conflict(format!("There is a user {} already", user.name)));
    }
    let (password, link) = match &user.entry {
        Entry::Password(hash) => (Some(hash), None),
        Entry::Link(link) => (None, Some(link)),
        Entry::Later => (None, None),
    };
    let id = session.query_one(
        "INSERT INTO person (name, folded_name, role, password_hash, link_hash, link_until, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        &[
            &user.name,
            &folded(&user.name),
            &Word(user.role),
            &password,
            &link.map(|link| Hash(link.secret_hash)),
            &link.map(|link| At(link.until)),
            &At(by.at),
        ],
        |row| row.get(0).map(UserId),
    )?;
    audit::append(session, by, Action::UserAdded, &user.name, user.role.as_str())?;
    if !user.groups.is_empty() {
        let added = by_id(session, id)?;
        set_groups(session, &added, &user.groups, by)?;
    }
    Ok(id)
}

/// Refuses when nobody but this user could run the collector.
fn must_not_be_the_last(session: &mut Session<'_>, user: &UserRow) -> Result<(), StoreError> {
    let others = session.exists(
        "SELECT 1 FROM person WHERE role = $1 AND NOT disabled AND id <> $2",
        &[&Word(Role::Administrator), &user.id.0],
    )?;
    if others || user.disabled {
        return Ok(());
    }
    let why = format!(
        "{} is the last administrator who may log in; name another one first",
        user.name
    );
    Err(StoreError::Conflict(why))
}

fn set_role(session: &mut Session<'_>, user: &UserRow, role: Role, by: &By) -> Result<(), StoreError> {
    if user.role == role {
        return Ok(());
    }
    session.execute("UPDATE person SET role = $1 WHERE id = $2", &[&Word(role), &user.id.0])?;
    let detail = format!("{} → {role}", user.role);
    audit::append(session, by, Action::UserRole, &user.name, &detail)
}

fn set_groups(session: &mut Session<'_>, user: &UserRow, groups: &[String], by: &By) -> Result<(), StoreError> {
    if user.groups == groups {
        return Ok(());
    }
    session.execute("DELETE FROM person_group WHERE person = $1", &[&user.id.0])?;
    session.execute(
        "INSERT INTO person_group (person, grp) SELECT $1, unnest($2::text[])",
        &[&user.id.0, &groups],
    )?;
    audit::append(session, by, Action::UserGroups, &user.name, &groups.join("; "))
}

fn set_disabled(session: &mut Session<'_>, user: &UserRow, disabled: bool, by: &By) -> Result<(), StoreError> {
    if user.disabled == disabled {
        return Ok(());
    }
    session.execute(
        "UPDATE person SET disabled = $1 WHERE id = $2",
        &[&disabled, &user.id.0],
    )?;
    if disabled {
        end_sessions(session, user.id)?;
    }
    let action = if disabled {
        Action::UserDisabled
    } else {
        Action::UserEnabled
    };
    audit::append(session, by, action, &user.name, "")
}

fn import(
    session: &mut Session<'_>,
    people: &[Person],
    disable_missing: bool,
    by: &By,
) -> Result<Imported, StoreError> {
    let users = all(session)?;
    let plan = directory::plan(&users, people, disable_missing)?;
    for person in &plan.add {
        let user = NewUser {
            name: person.name.clone(),
            role: person.role,
            groups: person.groups.clone(),
            entry: Entry::Later,
        };
        let id = add(session, &user, by)?;
        let added = by_id(session, id)?;
        set_disabled(session, &added, person.disabled, by)?;
    }
    for (user, person) in &plan.change {
        set_role(session, user, person.role, by)?;
        set_groups(session, user, &person.groups, by)?;
        set_disabled(session, user, person.disabled, by)?;
    }
    if disable_missing {
        for user in &plan.missing {
            set_disabled(session, user, true, by)?;
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
    audit::append(session, by, Action::DirectoryImported, "", &detail)?;
    Ok(imported)
}

fn set_password(session: &mut Session<'_>, user: &UserRow, hash: &str, by: &By) -> Result<(), StoreError> {
    session.execute(
        "UPDATE person SET password_hash = $1, link_hash = NULL, link_until = NULL, failed_log_ins = 0, \
         locked_until = NULL WHERE id = $2",
        &[&hash, &user.id.0],
    )?;
    end_sessions(session, user.id)?;
    audit::append(session, by, Action::PasswordSet, &user.name, "")
}

//! `/scim/v2/Users`.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::message::{Body, Refused, Reply, Wanted, reply, reply_with};
use super::patch::{self, Patch, Verb};
use super::{group, import, person, users};
use crate::open_api::OpenApi;
use crate::open_api::bearer::Bearer;
use crate::store::directory::Person;
use crate::store::people::{Role, UserRow, check_name, folded};

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The role of those whose directory says none: without a group it sees nothing.
const LEAST: Role = Role::HeadOfDepartment;

fn show(user: &UserRow) -> Value {
    let groups = user
        .groups
        .iter()
        .map(|name| json!({ "value": group::id(name), "display": name }));
    json!({
        "schemas": [SCHEMA],
        "id": user.id.0.to_string(),
        "userName": user.name,
        "active": !user.disabled,
        "roles": [{ "value": user.role, "primary": true }],
        "groups": groups.collect::<Vec<_>>(),
        "meta": {
            "resourceType": "User",
            "created": user.created_at,
            "location": format!("/scim/v2/Users/{}", user.id.0),
        },
    })
}

/// The user with this id.
pub(super) fn find<'a>(users: &'a [UserRow], id: &str) -> Option<&'a UserRow> {
    users.iter().find(|user| user.id.0.to_string() == id)
}

fn named<'a>(users: &'a [UserRow], name: &str) -> Option<&'a UserRow> {
    users.iter().find(|user| folded(&user.name) == folded(name))
}

pub(super) async fn list(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Refused> {
    let users = users(&api, &bearer).await?;
    let name = wanted.equal("userName")?;
    let fits = |user: &&UserRow| name.as_ref().is_none_or(|name| folded(name) == folded(&user.name));
    Ok(wanted.part(users.iter().filter(fits).map(show).collect()))
}

pub(super) async fn one(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
) -> Result<Reply, Refused> {
    let users = users(&api, &bearer).await?;
    find(&users, &id)
        .map(|user| reply(show(user)))
        .ok_or_else(Refused::not_found)
}

/// A user as the directory sends them. What the collector does not keep, such as addresses, is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    user_name: String,
    active: Option<Value>,
    roles: Option<Value>,
}

impl Sent {
    /// The person, who keeps what is not said.
    fn person(&self, before: Option<&UserRow>) -> Result<Person, Refused> {
        let mut person = match before {
            Some(user) => self::person(user),
            None => Person {
                name: check_name(&self.user_name).map_err(|why| Refused::value(why.to_string()))?,
                role: LEAST,
                groups: Vec::new(),
                disabled: false,
            },
        };
        if let Some(active) = &self.active {
            person.disabled = !patch::truth(active)?;
        }
        if let Some(roles) = &self.roles {
            person.role = role(roles)?.unwrap_or(person.role);
        }
        Ok(person)
    }
}

/// The one role that is named, if there is one.
fn role(value: &Value) -> Result<Option<Role>, Refused> {
    match patch::values(value).as_slice() {
        [] => Ok(None),
        [word] => match word.parse() {
            Ok(role) => Ok(Some(role)),
            Err(_) => Err(Refused::value(format!("roles: one of {}", Role::WORDS.join(", ")))),
        },
        _ => Err(Refused::value("roles: everybody has one")),
    }
}

pub(super) async fn add(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Body(sent): Body<Sent>,
) -> Result<Reply, Refused> {
    let _turn = api.directory.lock().await;
    let before = users(&api, &bearer).await?;
    let person = sent.person(None)?;
    if named(&before, &person.name).is_some() {
        let detail = "there is a user of this name already";
        return Err(Refused::new(StatusCode::CONFLICT, "uniqueness", detail));
    }
    must_not_rise(LEAST, person.role)?;
    let name = person.name.clone();
    import(&api, &bearer, vec![person]).await?;
    let after = users(&api, &bearer).await?;
    let added = named(&after, &name).ok_or_else(Refused::not_found)?;
    Ok(reply_with(StatusCode::CREATED, show(added)))
}

/// Changes one user, and shows them as they are then.
async fn change(
    api: &OpenApi,
    bearer: &Bearer,
    id: &str,
    how: impl FnOnce(&UserRow) -> Result<Person, Refused>,
) -> Result<Reply, Refused> {
    let _turn = api.directory.lock().await;
    let before = users(api, bearer).await?;
    let user = find(&before, id).ok_or_else(Refused::not_found)?;
    let person = how(user)?;
    if person != self::person(user) {
        must_not_rise(user.role, person.role)?;
        import(api, bearer, vec![person]).await?;
    }
    let after = users(api, bearer).await?;
    find(&after, id)
        .map(|user| reply(show(user)))
        .ok_or_else(Refused::not_found)
}

pub(super) async fn replace(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
    Body(sent): Body<Sent>,
) -> Result<Reply, Refused> {
    change(&api, &bearer, &id, |user| {
        must_be_the_name(user, &sent.user_name)?;
        sent.person(Some(user))
    })
    .await
}

pub(super) async fn patch(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
    Body(sent): Body<Patch>,
) -> Result<Reply, Refused> {
    let changes = sent.changes()?;
    change(&api, &bearer, &id, |user| {
        let mut person = person(user);
        for change in &changes {
            if change.is_of("userName") {
                must_be_the_name(user, change.value.as_str().unwrap_or_default())?;
            } else if change.is_of("active") {
                person.disabled = change.verb == Verb::Remove || !patch::truth(&change.value)?;
            } else if change.is_of("roles") && change.verb != Verb::Remove {
                person.role = role(&change.value)?.unwrap_or(person.role);
            }
        }
        Ok(person)
    })
    .await
}

/// Whoever holds the directory's token cannot make themselves an administrator by it.
fn must_not_rise(before: Role, after: Role) -> Result<(), Refused> {
    if after != Role::Administrator || before == after {
        return Ok(());
    }
    let detail = "roles: administrators are named at the collector alone";
    Err(Refused::new(StatusCode::FORBIDDEN, "", detail))
}

/// Names are what the audit trail knows people by.
fn must_be_the_name(user: &UserRow, name: &str) -> Result<(), Refused> {
    if folded(name.trim()) == folded(&user.name) {
        return Ok(());
    }
    let detail = "userName: a name does not change; add the new one";
    Err(Refused::new(StatusCode::BAD_REQUEST, "mutability", detail))
}

pub(super) async fn remove(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let out = |user: &UserRow| {
        Ok(Person {
            disabled: true,
            ..person(user)
        })
    };
    change(&api, &bearer, &id, out).await?;
    Ok(StatusCode::NO_CONTENT)
}

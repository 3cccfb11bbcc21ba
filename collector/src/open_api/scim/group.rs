//! `/scim/v2/Groups`: a group is the group of devices that a head of department sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::message::{Body, Refused, Reply, Wanted, reply, reply_with};
use super::patch::{self, Patch, Verb};
use super::{group_name, import, person, set_member, user, users};
use crate::open_api::OpenApi;
use crate::open_api::bearer::Bearer;
use crate::store::people::UserRow;

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The id of a group: its name, so that there is one before anybody is in it.
pub(super) fn id(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// The name that an id stands for.
fn name_of(id: &str) -> Result<String, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(id).map_err(|_| Refused::not_found())?;
    let name = String::from_utf8(bytes).map_err(|_| Refused::not_found())?;
    group_name(&name).map_err(|_| Refused::not_found())
}

fn show(name: &str, users: &[UserRow], wanted: &Wanted) -> Value {
    let mut group = json!({
        "schemas": [SCHEMA],
        "id": id(name),
        "displayName": name,
        "meta": { "resourceType": "Group", "location": format!("/scim/v2/Groups/{}", id(name)) },
    });
    if !wanted.excludes_members() {
        let members = members(name, users).map(|user| json!({ "value": user.id.0.to_string(), "display": user.name }));
        group["members"] = members.collect();
    }
    group
}

fn members<'a>(name: &'a str, users: &'a [UserRow]) -> impl Iterator<Item = &'a UserRow> {
    users
        .iter()
        .filter(move |user| user.groups.iter().any(|group| group == name))
}

pub(super) async fn list(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Refused> {
    let users = users(&api, &bearer).await?;
    let name = wanted.equal("displayName")?;
    let groups: BTreeSet<&String> = users.iter().flat_map(|user| &user.groups).collect();
    let groups = groups
        .into_iter()
        .filter(|group| name.as_ref().is_none_or(|name| name == *group));
    Ok(wanted.part(groups.map(|group| show(group, &users, &wanted)).collect()))
}

pub(super) async fn one(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Refused> {
    let users = users(&api, &bearer).await?;
    Ok(reply(show(&name_of(&id)?, &users, &wanted)))
}

/// A group as the directory sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    display_name: String,
    #[serde(default)]
    members: Value,
}

pub(super) async fn add(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Body(sent): Body<Sent>,
) -> Result<Reply, Refused> {
    let name = group_name(&sent.display_name)?;
    let wanted = patch::values(&sent.members).into_iter().collect();
    let group = set(&api, &bearer, &name, |_| Ok(wanted)).await?;
    Ok(reply_with(StatusCode::CREATED, group))
}

pub(super) async fn replace(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
    Body(sent): Body<Sent>,
) -> Result<Reply, Refused> {
    let name = name_of(&id)?;
    must_be_the_name(&name, &sent.display_name)?;
    let wanted = patch::values(&sent.members).into_iter().collect();
    Ok(reply(set(&api, &bearer, &name, |_| Ok(wanted)).await?))
}

pub(super) async fn patch(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
    Body(sent): Body<Patch>,
) -> Result<Reply, Refused> {
    let name = name_of(&id)?;
    let changes = sent.changes()?;
    let how = |mut ids: BTreeSet<String>| {
        for change in &changes {
            if change.is_of("displayName") {
                must_be_the_name(&name, change.value.as_str().unwrap_or_default())?;
            } else if change.is_of("members") {
                let mut named: BTreeSet<String> = patch::values(&change.value).into_iter().collect();
                named.extend(change.only.clone());
                match change.verb {
                    Verb::Add => ids.extend(named),
                    Verb::Remove if named.is_empty() => ids.clear(),
                    Verb::Remove => ids.retain(|id| !named.contains(id)),
                    Verb::Replace => ids = named,
                }
            }
        }
        Ok(ids)
    };
    Ok(reply(set(&api, &bearer, &name, how).await?))
}

pub(super) async fn remove(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let name = name_of(&id)?;
    set(&api, &bearer, &name, |_| Ok(BTreeSet::new())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Devices are in groups by their names.
fn must_be_the_name(name: &str, said: &str) -> Result<(), Refused> {
    if said.trim() == name {
        return Ok(());
    }
    let detail = "displayName: a name does not change; add the new group";
    Err(Refused::new(StatusCode::BAD_REQUEST, "mutability", detail))
}

/// Sets who is in a group, from who is in it, and shows it as it is then.
async fn set(
    api: &OpenApi,
    bearer: &Bearer,
    name: &str,
    how: impl FnOnce(BTreeSet<String>) -> Result<BTreeSet<String>, Refused>,
) -> Result<Value, Refused> {
    let _turn = api.directory.lock().await;
    let before = users(api, bearer).await?;
    let now: BTreeSet<String> = members(name, &before).map(|user| user.id.0.to_string()).collect();
    let then = how(now.clone())?;
    let mut people = Vec::new();
    for id in now.symmetric_difference(&then) {
        let found =
            user::find(&before, id).ok_or_else(|| Refused::value("members: there is nobody with such an id"))?;
        let mut person = person(found);
        set_member(&mut person, name, then.contains(id))?;
        people.push(person);
    }
    import(api, bearer, people).await?;
    let after = users(api, bearer).await?;
    Ok(show(name, &after, &Wanted::default()))
}

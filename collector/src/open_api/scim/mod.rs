//! `/scim/v2`: the company's directory keeps the users of the console and their groups (SCIM 2.0, RFC 7643 and 7644), as
//! far as Entra ID and Okta ask for it. It does what `user import` does, one person at a time.
//!
//! No program deletes a person for good, because the audit trail names them: whoever is deleted may not log in any more. A
//! group is a name that people have; it is there while somebody has it.

mod group;
mod message;
mod patch;
mod user;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::json;

use self::message::{Refused, Reply, reply};
use super::OpenApi;
use super::bearer::Bearer;
use crate::store::api_tokens::Scope;
use crate::store::directory::Person;
use crate::store::people::{UserRow, check_groups, check_name};

/// The routes, below `/scim/v2`.
pub(super) fn routes() -> Router<Arc<OpenApi>> {
    Router::new()
        .route("/ServiceProviderConfig", get(provider))
        .route("/ResourceTypes", get(kinds))
        .route("/Users", get(user::list).post(user::add))
        .route(
            "/Users/{id}",
            get(user::one)
                .put(user::replace)
                .patch(user::patch)
                .delete(user::remove),
        )
        .route("/Groups", get(group::list).post(group::add))
        .route(
            "/Groups/{id}",
            get(group::one)
                .put(group::replace)
                .patch(group::patch)
                .delete(group::remove),
        )
}

async fn provider(bearer: Bearer) -> Result<Reply, Refused> {
    bearer.must(Scope::Directory)?;
    let no = json!({ "supported": false });
    Ok(reply(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": message::MOST },
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer", "description": "A token of the HTTP API with the scope directory"
        }],
    })))
}

async fn kinds(bearer: Bearer) -> Result<Reply, Refused> {
    bearer.must(Scope::Directory)?;
    let kinds = [("User", user::SCHEMA), ("Group", group::SCHEMA)].map(|(name, schema)| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": format!("/{name}s"), "schema": schema,
        })
    });
    Ok(message::list(kinds.to_vec(), 1, None))
}

/// Every user, or a refusal of the token.
async fn users(api: &OpenApi, bearer: &Bearer) -> Result<Vec<UserRow>, Refused> {
    bearer.must(Scope::Directory)?;
    Ok(api.store.users().await?)
}

/// Makes users what the directory says of them, all or nothing.
async fn import(api: &OpenApi, bearer: &Bearer, people: Vec<Person>) -> Result<(), Refused> {
    if !people.is_empty() {
        api.store.import(people, false, bearer.by()).await?;
    }
    Ok(())
}

/// A user as they are, for the directory to say otherwise.
fn person(user: &UserRow) -> Person {
    Person {
        name: user.name.clone(),
        role: user.role,
        groups: user.groups.clone(),
        disabled: user.disabled,
    }
}

/// The name of a group, if it can be one.
fn group_name(text: &str) -> Result<String, Refused> {
    let name = check_name(text).map_err(|why| Refused::value(why.to_string()))?;
    match check_groups(&name) {
        Ok(groups) if groups == [name.as_str()] => Ok(name),
        _ => Err(Refused::value("the name of a group holds no semicolon")),
    }
}

/// Puts a person into a group, or takes them out.
fn set_member(person: &mut Person, group: &str, is_member: bool) -> Result<(), Refused> {
    person.groups.retain(|one| one != group);
    if is_member {
        person.groups.push(group.to_owned());
    }
    person.groups = check_groups(&person.groups.join(";")).map_err(|why| Refused::value(why.to_string()))?;
    Ok(())
}

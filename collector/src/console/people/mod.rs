//! People: the users of the console, what they may do, and how they get in.

pub(super) mod erase;
mod sorting;
mod words;

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use fileward_policy::words::InWords as _;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use self::sorting::UserSort;
use super::oops::Oops;
use super::order::{Head, Heads};
use super::visitor::Visitor;
use super::{Console, layout, order, words as common};
use crate::safe::visible;
use crate::secret::Secret;
use crate::store::people::{self, BadName, Entry, LINK_LIFE, Link, NewUser, Role, UserId, UserRow};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    text: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

pub(super) async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let wanted = people::folded(asked.text.trim());
    let mut users = console.store.users().await?;
    users.retain(|user| people::folded(&user.name).contains(&wanted));
    let order = asked.order.order();
    sorting::sort(&mut users, order);
    let mut query = vec![("text", asked.text.clone())];
    query.extend(asked.order.pairs());
    let heads = Heads {
        language: visitor.language,
        path: "/people",
        query: &query,
        order,
    };
    let paging = layout::rows_from(asked.offset);
    let total = users.len() as u64;
    let skipped = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let rows: Vec<UserRow> = users.into_iter().skip(skipped).take(paging.limit as usize).collect();
    Ok(layout::page(
        &visitor,
        visitor.say(common::PEOPLE),
        &html! {
            form.filter method="get" action="/people" role="search" {
                (asked.order.fields())
                label { span { (visitor.say(common::SEARCH)) } input type="search" name="text" value=(visible(&asked.text)); }
                button { (visitor.say(common::FILTER)) }
            }
            (table(&visitor, &heads, &rows))
            (layout::pager(visitor.language, "/people", &query, paging, total))
            h2 { (visitor.say(words::ADD)) }
            form.filter method="post" action="/people" {
                (layout::token(&visitor))
                label { span { (visitor.say(common::NAME)) } input name="name" maxlength="64" autocomplete="off" required; }
                (choose_role(&visitor, Role::SecurityOfficer))
                label { span { (visitor.say(words::GROUPS)) } input name="groups" size="30" autocomplete="off"; }
                button { (visitor.say(words::ADD)) }
            }
            p.small { (visitor.say(words::GROUPS_HINT)) }
        },
    ))
}

const HEADS: [Head<UserSort>; 5] = [
    Head::by(UserSort::Name, common::NAME),
    Head::by(UserSort::Role, words::ROLE),
    Head::by(UserSort::Groups, words::GROUPS),
    Head::by(UserSort::LastLogIn, words::LAST_LOG_IN),
    Head::only(common::STATE),
];

fn table(visitor: &Visitor, heads: &Heads<'_, UserSort>, rows: &[UserRow]) -> Markup {
    html! {
        @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else {
            table {
                thead { tr { (heads.cells(&HEADS)) } }
                tbody { @for user in rows { tr {
                    td data-label=(visitor.say(common::NAME)) { a href={ "/people/" (user.id.0) } { (visible(&user.name)) } }
                    td data-label=(visitor.say(words::ROLE)) { (user.role.in_words(visitor.language)) }
                    td data-label=(visitor.say(words::GROUPS)) { (visible(&user.groups.join("; "))) }
                    td data-label=(visitor.say(words::LAST_LOG_IN)) { (last_log_in(user)) }
                    td data-label=(visitor.say(common::STATE)) { (standing(visitor, user)) }
                } } }
            }
        }
    }
}

fn last_log_in(user: &UserRow) -> Markup {
    html! { @if let Some(at) = user.last_log_in { (layout::time(at)) } @else { "–" } }
}

fn standing(visitor: &Visitor, user: &UserRow) -> String {
    let locked = user.locked_until.is_some_and(|until| until > Timestamp::now());
    let said: Vec<&str> = [
        (user.disabled, words::IS_DISABLED),
        (locked, words::IS_LOCKED),
        (user.password_hash.is_none(), words::NO_PASSWORD),
        (user.has_code, words::WITH_CODE),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, text)| visitor.say(text))
    .collect();
    if said.is_empty() {
        visitor.say(words::MAY_LOG_IN).to_owned()
    } else {
        said.join(" · ")
    }
}

fn choose_role(visitor: &Visitor, chosen: Role) -> Markup {
    html! {
        label {
            span { (visitor.say(words::ROLE)) }
            select name="role" { @for role in Role::ALL {
                option value=(role) selected[*role == chosen] { (role.in_words(visitor.language)) }
            } }
        }
    }
}

pub(super) async fn detail(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
) -> Result<Markup, Oops> {
    let user = console.user(&visitor, id).await?;
    let at = format!("/people/{}", id.0);
    Ok(layout::page(
        &visitor,
        &visible(&user.name),
        &html! {
            dl {
                dt { (visitor.say(words::ROLE)) } dd { (user.role.in_words(visitor.language)) }
                dt { (visitor.say(words::GROUPS)) } dd { (visible(&user.groups.join("; "))) }
                dt { (visitor.say(common::STATE)) } dd { (standing(&visitor, &user)) }
                dt { (visitor.say(words::LAST_LOG_IN)) } dd { (last_log_in(&user)) }
            }
            form.actions method="post" action={ (at) "/role" } {
                (layout::token(&visitor))
                (choose_role(&visitor, user.role))
                button.second { (visitor.say(words::SAVE)) }
            }
            form.actions method="post" action={ (at) "/groups" } {
                (layout::token(&visitor))
                label {
                    span { (visitor.say(words::GROUPS)) }
                    input name="groups" value=(visible(&user.groups.join("; "))) size="40" autocomplete="off";
                }
                button.second { (visitor.say(words::SAVE)) }
            }
            p.small { (visitor.say(words::GROUPS_HINT)) }
            div.actions { (standing_forms(&visitor, &user, &at)) }
            @if user.disabled { (layout::erasure(&visitor, &format!("{at}/erase"), common::ERASE_USER_NOTE)) }
        },
    ))
}

fn standing_forms(visitor: &Visitor, user: &UserRow, at: &str) -> Markup {
    let mut offered = vec![if user.disabled {
        (Standing::Enable, words::ENABLE)
    } else {
        (Standing::Disable, words::DISABLE)
    }];
    if user.failed_log_ins > 0 {
        offered.push((Standing::Unlock, words::UNLOCK));
    }
    if user.has_code {
        offered.push((Standing::ForgetCode, words::FORGET_CODE));
    }
    offered.push((Standing::EndSessions, words::END_SESSIONS));
    html! {
        form method="post" action={ (at) "/link" } {
            (layout::token(visitor))
            button.second { (visitor.say(words::NEW_LINK)) }
        }
        @for (what, text) in offered {
            form method="post" action={ (at) "/standing" } {
                (layout::token(visitor))
                input type="hidden" name="what" value=(what);
                button.second { (visitor.say(text)) }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Added {
    token: String,
    name: String,
    role: Role,
    groups: String,
}

pub(super) async fn add(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(form): Form<Added>,
) -> Result<Markup, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let name = people::check_name(&form.name).map_err(|why| unusable(&visitor, why))?;
    let groups = people::check_groups(&form.groups).map_err(|why| unusable(&visitor, why))?;
    let (secret, link) = new_link()?;
    let user = NewUser {
        name: name.clone(),
        role: form.role,
        groups,
        entry: Entry::Link(link),
    };
    console.store.add_user(user, visitor.by()).await?;
    Ok(show_link(&console, &visitor, &name, &secret))
}

/// What is said of a name that is not taken.
pub(super) fn unusable(visitor: &Visitor, why: BadName) -> Oops {
    Oops::Conflict(visitor.say(words::bad_name(why)).to_owned())
}

fn new_link() -> Result<(Secret, Link), Oops> {
    let secret = Secret::new().map_err(|error| Oops::Conflict(format!("{error:#}")))?;
    let link = Link {
        secret_hash: secret.hash(),
        until: Timestamp::now() + LINK_LIFE,
    };
    Ok((secret, link))
}

fn show_link(console: &Console, visitor: &Visitor, name: &str, secret: &Secret) -> Markup {
    layout::page(
        visitor,
        &visible(name),
        &html! {
            p.note { (visitor.say(words::LINK_NOTE)) }
            label {
                span { (visitor.say(words::LINK)) }
                input readonly value={ (console.url) "/welcome/" (secret.text()) } size="80";
            }
            p { a href="/people" { (visitor.say(common::PEOPLE)) } }
        },
    )
}

impl Console {
    async fn user(&self, visitor: &Visitor, id: UserId) -> Result<UserRow, Oops> {
        let found = self.store.user_by_id(id).await?;
        found.ok_or(Oops::NotFound(visitor.language))
    }
}

#[derive(Deserialize)]
pub(super) struct OnlyToken {
    token: String,
}

pub(super) async fn link(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
    Form(form): Form<OnlyToken>,
) -> Result<Markup, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let user = console.user(&visitor, id).await?;
    let (secret, link) = new_link()?;
    console.store.set_link(id, link, visitor.by()).await?;
    Ok(show_link(&console, &visitor, &user.name, &secret))
}

#[derive(Deserialize)]
pub(super) struct NewRole {
    token: String,
    role: Role,
}

pub(super) async fn set_role(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
    Form(form): Form<NewRole>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.user(&visitor, id).await?;
    console.store.set_role(id, form.role, visitor.by()).await?;
    Ok(back_to(id))
}

#[derive(Deserialize)]
pub(super) struct NewGroups {
    token: String,
    groups: String,
}

pub(super) async fn set_groups(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
    Form(form): Form<NewGroups>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.user(&visitor, id).await?;
    let groups = people::check_groups(&form.groups).map_err(|why| unusable(&visitor, why))?;
    console.store.set_groups(id, groups, visitor.by()).await?;
    Ok(back_to(id))
}

fileward_protocol::words! {
    /// What can be done about somebody's way in.
    pub(super) enum Standing {
        /// Keep them out.
        Disable = "disable",
        /// Let them in again.
        Enable = "enable",
        /// Forget their failed log-ins.
        Unlock = "unlock",
        /// End all their sessions.
        EndSessions = "end_sessions",
        /// Let them log in without a code.
        ForgetCode = "forget_code",
    }
}

#[derive(Deserialize)]
pub(super) struct NewStanding {
    token: String,
    what: Standing,
}

pub(super) async fn set_standing(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
    Form(form): Form<NewStanding>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.user(&visitor, id).await?;
    let by = visitor.by();
    match form.what {
        Standing::Disable => console.store.set_disabled(id, true, by).await?,
        Standing::Enable => console.store.set_disabled(id, false, by).await?,
        Standing::Unlock => console.store.unlock(id, by).await?,
        Standing::ForgetCode => console.store.forget_code(id, by).await?,
        Standing::EndSessions => console.store.end_sessions(id, by).await.map(|_| ())?,
    }
    Ok(back_to(id))
}

fn back_to(id: UserId) -> Redirect {
    Redirect::to(&format!("/people/{}", id.0))
}

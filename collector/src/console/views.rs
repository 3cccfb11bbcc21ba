//! Saved views of a list: links above it, the form by which one is saved, and what can be done with each.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Redirect;
use fileward_policy::words::{Both, both};
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::access::Right;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, devices, findings, layout, people};
use crate::safe::visible;
use crate::store::people::check_name;
use crate::store::views::{Audience, Kept, LONGEST_QUERY, Listed, NewView, ViewRow};

const VIEWS: Both = both("已保存的视图", "Saved views");
const SAVE: Both = both("把当前筛选保存为视图", "Save this filter as a view");
const NAME: Both = both("视图名称", "Name of the view");
const MINE: Both = both("指派给我的", "Assigned to me");
const SHARE: Both = both("共享给所有人", "Share with everybody");
const KEEP: Both = both("不再共享", "Share no more");
const DELETE: Both = both("删除", "Delete");
const SHARED: Both = both("共享", "shared");
const TOO_LONG: Both = both("筛选条件太长，无法保存。", "The filter is too long to be saved.");
const TOO_MANY: Both = both(
    "视图已达上限，请先删除一些。",
    "There are as many views as there may be; delete some first.",
);

impl Listed {
    const fn path(self) -> &'static str {
        match self {
            Self::Findings => "/findings",
            Self::Devices => "/devices",
        }
    }

    const fn right(self) -> Right {
        match self {
            Self::Findings => Right::Findings,
            Self::Devices => Right::Devices,
        }
    }
}

/// The views of a list that is shown under a filter.
pub(super) async fn of(
    console: &Console,
    visitor: &Visitor,
    list: Listed,
    filter: &[(&'static str, String)],
) -> Result<Markup, Oops> {
    let views = console.store.views(visitor.user.id, list).await?;
    let here = layout::query(filter);
    let mut links: Vec<(String, &str)> = Vec::new();
    let mine = layout::query(&[("assignee", visitor.user.name.clone())]);
    if list == Listed::Findings {
        links.push((visitor.say(MINE).to_owned(), &mine));
    }
    links.extend(views.iter().map(|view| (visible(&view.name), view.query.as_str())));
    Ok(html! {
        div.views {
            @if !links.is_empty() {
                nav aria-label=(visitor.say(VIEWS)) { @for (name, query) in &links {
                    a href={ (list.path()) "?" (query) } aria-current=[(*query == here).then_some("page")] { (name) }
                } }
            }
            details {
                summary { (visitor.say(VIEWS)) }
                form.actions method="post" action={ (list.path()) "/views" } {
                    (layout::token(visitor))
                    input type="hidden" name="query" value=(here);
                    label { span { (visitor.say(NAME)) } input name="name" maxlength="64" autocomplete="off" required; }
                    button.second { (visitor.say(SAVE)) }
                }
                @for view in &views { (line(visitor, view)) }
            }
        }
    })
}

/// A view with what this visitor can do with it.
fn line(visitor: &Visitor, view: &ViewRow) -> Markup {
    let shared = view.audience == Audience::Everybody;
    let offered = [What::Delete, if shared { What::Keep } else { What::Share }];
    html! {
        form.actions method="post" action={ "/views/" (view.id) } {
            (layout::token(visitor))
            span { (visible(&view.name)) @if shared { " " span.small { (visitor.say(SHARED)) } } }
            @for what in offered {
                @if what.may(visitor, view) {
                    button.second name="what" value=(what) { (visitor.say(what.text())) }
                }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Saved {
    token: String,
    name: String,
    query: String,
}

pub(super) async fn save_of_findings(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(saved): Form<Saved>,
) -> Result<Redirect, Oops> {
    let query = read(&visitor, &saved.query, findings::Asked::pairs)?;
    save(&console, &visitor, Listed::Findings, &saved, query).await
}

pub(super) async fn save_of_devices(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(saved): Form<Saved>,
) -> Result<Redirect, Oops> {
    let query = read(&visitor, &saved.query, devices::Asked::pairs)?;
    save(&console, &visitor, Listed::Devices, &saved, query).await
}

/// What a filter of a list says, written anew: nothing is kept but what the list knows.
fn read<A: DeserializeOwned>(
    visitor: &Visitor,
    query: &str,
    pairs: fn(&A) -> Vec<(&'static str, String)>,
) -> Result<String, Oops> {
    let unreadable = || Oops::Unreadable(StatusCode::BAD_REQUEST, visitor.language);
    let address: Uri = format!("/?{query}").parse().map_err(|_| unreadable())?;
    let Query(asked) = Query::<A>::try_from_uri(&address).map_err(|_| unreadable())?;
    let query = layout::query(&pairs(&asked));
    if query.len() > LONGEST_QUERY {
        return Err(Oops::Conflict(visitor.say(TOO_LONG).to_owned()));
    }
    Ok(query)
}

async fn save(
    console: &Console,
    visitor: &Visitor,
    list: Listed,
    saved: &Saved,
    query: String,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&saved.token)?;
    let view = NewView {
        owner: visitor.user.id,
        list,
        name: check_name(&saved.name).map_err(|why| people::unusable(visitor, why))?,
        query: query.clone(),
    };
    must_be_kept(visitor, console.store.save_view(view, visitor.by()).await?)?;
    Ok(Redirect::to(&format!("{}?{query}", list.path())))
}

fn must_be_kept(visitor: &Visitor, kept: Kept) -> Result<(), Oops> {
    match kept {
        Kept::Yes => Ok(()),
        Kept::TooMany => Err(Oops::Conflict(visitor.say(TOO_MANY).to_owned())),
    }
}

fileward_protocol::words! {
    /// What can be done with a view.
    pub(super) enum What {
        /// Delete it.
        Delete = "delete",
        /// Let everybody see it who sees the list.
        Share = "share",
        /// Keep it for whoever saved it.
        Keep = "keep",
    }
}

impl What {
    const fn text(self) -> Both {
        match self {
            Self::Delete => DELETE,
            Self::Share => SHARE,
            Self::Keep => KEEP,
        }
    }

    /// Whether a visitor may do it with a view that they see.
    fn may(self, visitor: &Visitor, view: &ViewRow) -> bool {
        let own = view.owner == visitor.user.id;
        match self {
            Self::Delete => own || visitor.may(Right::Decide),
            Self::Share => own && visitor.may(Right::Decide),
            Self::Keep => visitor.may(Right::Decide),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Deed {
    token: String,
    what: What,
}

pub(super) async fn change(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
    Form(deed): Form<Deed>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&deed.token)?;
    let found = console.store.view(id).await?;
    let seen = |view: &ViewRow| view.owner == visitor.user.id || view.audience == Audience::Everybody;
    let view = found.filter(seen).ok_or(Oops::NotFound(visitor.language))?;
    visitor.must(view.list.right())?;
    if !deed.what.may(&visitor, &view) {
        return Err(Oops::Forbidden(visitor.language));
    }
    let (store, by) = (&console.store, visitor.by());
    let kept = match deed.what {
        What::Delete => store.delete_view(id, by).await.map(|()| Kept::Yes)?,
        What::Share => store.share_view(id, Audience::Everybody, by).await?,
        What::Keep => store.share_view(id, Audience::Owner, by).await?,
    };
    must_be_kept(&visitor, kept)?;
    Ok(Redirect::to(view.list.path()))
}

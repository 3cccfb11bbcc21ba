//! The link with which a user sets their password, once.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Response};
use fileward_policy::words::{Both, both};
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::browser::Browser;
use super::oops::Oops;
use super::visitor::Speaks;
use super::{Console, layout, words};
use crate::password::{self, BadPassword};
use crate::secret;

pub(super) async fn welcome_page(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    Path(link): Path<String>,
) -> Result<Markup, Oops> {
    let user = console
        .store
        .user_of_link(secret::hash(&link), Timestamp::now())
        .await?;
    let Some(user) = user else {
        return Ok(layout::message(language, words::LINK_USED.to(language)));
    };
    Ok(welcome_form(language, &user.name, &link, None))
}

fn welcome_form(language: Language, name: &str, link: &str, said: Option<&str>) -> Markup {
    layout::front(
        language,
        words::SET_PASSWORD.to(language),
        &html! {
            p { (words::WELCOME.to(language)) }
            @if let Some(said) = said { p.note.warning role="alert" { (said) } }
            form method="post" action={ "/welcome/" (link) } {
                label { span { (words::NAME.to(language)) } input name="name" value=(name) autocomplete="username" readonly; }
                label {
                    span { (words::NEW_PASSWORD.to(language)) }
                    input name="password" type="password" autocomplete="new-password" minlength=(password::SHORTEST) required;
                }
                label {
                    span { (words::REPEAT_PASSWORD.to(language)) }
                    input name="again" type="password" autocomplete="new-password" required;
                }
                button { (words::SET_PASSWORD.to(language)) }
            }
        },
    )
}

#[derive(Deserialize)]
pub(super) struct Welcome {
    password: String,
    again: String,
}

pub(super) async fn welcome(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    Path(link): Path<String>,
    Form(form): Form<Welcome>,
) -> Result<Response, Oops> {
    let now = Timestamp::now();
    let Some(user) = console.store.user_of_link(secret::hash(&link), now).await? else {
        return Ok(layout::message(language, words::LINK_USED.to(language)).into_response());
    };
    let again = |why: Both| Ok(welcome_form(language, &user.name, &link, Some(why.to(language))).into_response());
    if form.password != form.again {
        return again(words::PASSWORDS_DIFFER);
    }
    let hash = match console.hash(form.password, language).await? {
        Ok(hash) => hash,
        Err(why) => return again(bad_password(why)),
    };
    if !console.store.redeem_link(secret::hash(&link), hash, now).await? {
        return Ok(console.log_in_form(language, Some(words::LINK_USED)).into_response());
    }
    // Whoever had the link is at home in this browser, whatever strangers try meanwhile with their name.
    let known = Browser::cookie(user.id, &console.seal).map(|cookie| [(SET_COOKIE, cookie)]);
    Ok((known, console.log_in_form(language, Some(words::PASSWORD_SET))).into_response())
}

const fn bad_password(why: BadPassword) -> Both {
    match why {
        BadPassword::TooShort => both("密码至少 12 个字符。", "A password needs at least 12 characters."),
        BadPassword::TooLong => both("密码过长。", "The password is too long."),
        BadPassword::Hash => both("密码无法保存，请重试。", "The password could not be kept. Try again."),
    }
}

//! Coming and going: log-in, log-out, the link that sets a password, the language.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::words::{Both, both};
use fileward_protocol::vocabulary::Language;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::oops::Oops;
use super::visitor::{LANGUAGE_COOKIE, SESSION_COOKIE, Speaks, Visitor, set_cookie};
use super::{Console, access, layout, words};
use crate::password::{self, BadPassword};
use crate::secret::{self, Secret};
use crate::store::audit::{Action, AuditEntry};
use crate::store::people::{SessionRow, UserRow};
use crate::store::{Actor, By};

/// How long a session lasts at most.
const SESSION: SignedDuration = SignedDuration::from_hours(10);

/// A year, in seconds: how long the language is remembered.
const YEAR: i64 = 31_536_000;

/// Failed log-ins before an account is locked for a while.
const FREE_TRIES: u32 = 5;

pub(super) async fn log_in_page(Speaks(language): Speaks) -> Markup {
    log_in_form(language, None)
}

fn log_in_form(language: Language, said: Option<Both>) -> Markup {
    layout::front(language, words::LOG_IN.to(language), &html! {
        @if let Some(said) = said { p.note role="status" { (said.to(language)) } }
        form method="post" action="/login" {
            label { span { (words::NAME.to(language)) } input name="name" autocomplete="username" required autofocus; }
            label {
                span { (words::PASSWORD.to(language)) }
                input name="password" type="password" autocomplete="current-password" required;
            }
            button { (words::LOG_IN.to(language)) }
        }
    })
}

#[derive(Deserialize)]
pub(super) struct LogIn {
    name: String,
    password: String,
}

pub(super) async fn log_in(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    Form(form): Form<LogIn>,
) -> Result<Response, Oops> {
    let now = Timestamp::now();
    let user = console.store.user(form.name.clone()).await?.filter(|user| !user.disabled);
    let locked = user.as_ref().is_some_and(|user| user.locked_until.is_some_and(|until| until > now));
    let hash = user.as_ref().filter(|_| !locked).and_then(|user| user.password_hash.clone());
    let right = console.verify(form.password, hash).await;
    let Some(user) = user.filter(|_| right) else {
        console.refuse(&form.name, locked, now).await?;
        return Ok(log_in_form(language, Some(words::WRONG)).into_response());
    };
    let secret = console.begin_session(&user, now).await?;
    let cookie = set_cookie(SESSION_COOKIE, Some(secret.text()), SESSION.as_secs());
    Ok((cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to(access::home(user.role))).into_response())
}

impl Console {
    /// Hashing takes a core for tens of milliseconds: off the runtime's threads, and only a few at a time.
    async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let _permit = self.hashing.acquire().await;
        tokio::task::spawn_blocking(move || password::verify(&password, hash.as_deref())).await.unwrap_or(false)
    }

    async fn refuse(&self, name: &str, locked: bool, now: Timestamp) -> Result<(), Oops> {
        let Some(user) = self.store.user(name.to_owned()).await? else {
            return Ok(());
        };
        if !locked {
            let until = lock_after(user.failed_log_ins + 1).map(|time| now + time);
            self.store.log_in_failed(user.id, until, now).await?;
        }
        self.note(&user.name, Action::LogInFailed).await
    }

    async fn begin_session(&self, user: &UserRow, now: Timestamp) -> Result<Secret, Oops> {
        let secret = Secret::new().map_err(|error| Oops::Conflict(format!("{error:#}")))?;
        let session = SessionRow {
            secret_hash: secret.hash(),
            user: user.id,
            created_at: now,
            used_at: now,
            until: now + SESSION,
        };
        self.store.begin_session(session).await?;
        self.note(&user.name, Action::LoggedIn).await?;
        Ok(secret)
    }

    async fn note(&self, name: &str, action: Action) -> Result<(), Oops> {
        let by = By::now(Actor::User(name.to_owned()));
        let entry = AuditEntry { by, action, subject: name.to_owned(), detail: String::new() };
        Ok(self.store.append_audit(entry).await?)
    }
}

/// How long an account is locked after so many failures in a row: 30 seconds, doubling, at most 15 minutes.
fn lock_after(failures: u32) -> Option<SignedDuration> {
    let over = failures.checked_sub(FREE_TRIES)?;
    Some(SignedDuration::from_secs((30_i64 << over.min(5)).min(900)))
}

#[derive(Deserialize)]
pub(super) struct LogOut {
    token: String,
}

pub(super) async fn log_out(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(form): Form<LogOut>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.store.end_session(visitor.session.secret_hash, visitor.by()).await?;
    let cookie = set_cookie(SESSION_COOKIE, None, 0);
    Ok((cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to("/login")).into_response())
}

pub(super) async fn language(Path(word): Path<String>) -> Response {
    let chosen: Option<Language> = word.parse().ok();
    let cookie = chosen.and_then(|language| set_cookie(LANGUAGE_COOKIE, Some(language.as_str()), YEAR));
    (cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to("/")).into_response()
}

pub(super) async fn welcome_page(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    Path(link): Path<String>,
) -> Result<Markup, Oops> {
    let user = console.store.user_of_link(secret::hash(&link), Timestamp::now()).await?;
    let Some(user) = user else {
        return Ok(layout::message(language, words::LINK_USED.to(language)));
    };
    Ok(welcome_form(language, &user.name, &link, None))
}

fn welcome_form(language: Language, name: &str, link: &str, said: Option<&str>) -> Markup {
    layout::front(language, words::SET_PASSWORD.to(language), &html! {
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
    })
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
) -> Result<Markup, Oops> {
    let now = Timestamp::now();
    let Some(user) = console.store.user_of_link(secret::hash(&link), now).await? else {
        return Ok(layout::message(language, words::LINK_USED.to(language)));
    };
    if form.password != form.again {
        return Ok(welcome_form(language, &user.name, &link, Some(words::PASSWORDS_DIFFER.to(language))));
    }
    let permit = console.hashing.acquire().await;
    let hashed = tokio::task::spawn_blocking(move || password::hash(&form.password)).await;
    drop(permit);
    let hash = match hashed.unwrap_or(Err(BadPassword::Hash)) {
        Ok(hash) => hash,
        Err(why) => return Ok(welcome_form(language, &user.name, &link, Some(bad_password(why).to(language)))),
    };
    let said = if console.store.redeem_link(secret::hash(&link), hash, now).await? {
        words::PASSWORD_SET
    } else {
        words::LINK_USED
    };
    Ok(log_in_form(language, Some(said)))
}

const fn bad_password(why: BadPassword) -> Both {
    match why {
        BadPassword::TooShort => both("密码至少 12 个字符。", "A password needs at least 12 characters."),
        BadPassword::TooLong => both("密码过长。", "The password is too long."),
        BadPassword::Hash => both("密码无法保存，请重试。", "The password could not be kept. Try again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_locked_longer_and_longer_but_not_for_ever() {
        assert_eq!(lock_after(4), None);
        assert_eq!(lock_after(5), Some(SignedDuration::from_secs(30)));
        assert_eq!(lock_after(6), Some(SignedDuration::from_secs(60)));
        assert_eq!(lock_after(10_000), Some(SignedDuration::from_secs(900)));
    }
}

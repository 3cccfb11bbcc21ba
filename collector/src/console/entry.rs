//! Coming and going: the password, the code after it, the session, the language.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, RETRY_AFTER, SET_COOKIE};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use fileward_policy::words::{Both, both};
use fileward_protocol::vocabulary::Language;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::attempt::{Attempt, Source};
use super::browser::Browser;
use super::code::{Shared, recovery_hash};
use super::oops::Oops;
use super::visitor::{HalfWay, LANGUAGE_COOKIE, SESSION_COOKIE, Speaks, Visitor, set_cookie};
use super::{Console, access, layout, sign_on, words};
use crate::secret::Secret;
use crate::store::people::UserRow;
use crate::store::sessions::{SessionRow, Stage};
use crate::store::{Actor, By};

/// How long a session lasts at most.
const SESSION: SignedDuration = SignedDuration::from_hours(10);

/// How long the code may take after the password.
const HALF_WAY: SignedDuration = SignedDuration::from_mins(5);

/// A year, in seconds: how long the language is remembered.
const YEAR: i64 = 31_536_000;

pub(super) async fn log_in_page(State(console): State<Arc<Console>>, Speaks(language): Speaks) -> Markup {
    console.log_in_form(language, None)
}

fn log_in_form(language: Language, said: Option<Both>, sign_on: bool) -> Markup {
    layout::front(
        language,
        words::LOG_IN.to(language),
        &html! {
            @if let Some(said) = said { p.note role="status" { (said.to(language)) } }
            form method="post" action="/login" {
                label { span { (words::NAME.to(language)) } input name="name" autocomplete="username" required autofocus; }
                label {
                    span { (words::PASSWORD.to(language)) }
                    input name="password" type="password" autocomplete="current-password" required;
                }
                button { (words::LOG_IN.to(language)) }
            }
            @if sign_on { p { a href="/sign-on" { (sign_on::BUTTON.to(language)) } } }
        },
    )
}

#[derive(Deserialize)]
pub(super) struct LogIn {
    name: String,
    password: String,
}

pub(super) async fn log_in(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    source: Source,
    Form(form): Form<LogIn>,
) -> Result<Response, Oops> {
    let now = Timestamp::now();
    let found = console.store.user(form.name.clone()).await?;
    let user = found.filter(|user| !user.disabled);
    let attempt = Attempt::new(&source, user.as_ref(), &form.name, now);
    if console.turned_away(&attempt) {
        return Ok(wait(console.log_in_form(language, Some(TOO_MANY))));
    }
    let locked = console.is_locked(&attempt);
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = console
        .verify(form.password, hash.filter(|_| !locked), language)
        .await?;
    let Some(user) = user.as_ref().filter(|_| right) else {
        console.failed(&attempt, locked).await?;
        return Ok(console.log_in_form(language, Some(words::WRONG)).into_response());
    };
    if user.has_code {
        let secret = console.begin_session(user, &source, Stage::Code, now).await?;
        let cookie = set_cookie(SESSION_COOKIE, Some(secret.text()), HALF_WAY.as_secs());
        return Ok((cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to("/login/code")).into_response());
    }
    console.succeeded(&attempt);
    console.send_in(user, &source, now).await
}

/// An answer to somebody who has to wait.
fn wait(page: Markup) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "60")], page).into_response()
}

impl Console {
    /// The page to log in with, which may say something first.
    pub(super) fn log_in_form(&self, language: Language, said: Option<Both>) -> Markup {
        log_in_form(language, said, self.sign_on.is_some())
    }

    /// Begins a session with a secret of its own. What session the browser had before ends: nobody can have planted it.
    async fn begin_session(
        &self,
        user: &UserRow,
        source: &Source,
        stage: Stage,
        now: Timestamp,
    ) -> Result<Secret, Oops> {
        if let Some(before) = source.session {
            self.store.end_session(before, by(user)).await?;
        }
        let secret = Secret::new().map_err(|error| Oops::Conflict(format!("{error:#}")))?;
        let life = match stage {
            Stage::Code => HALF_WAY,
            Stage::Whole | Stage::Provider => SESSION,
        };
        let session = SessionRow {
            secret_hash: secret.hash(),
            user: user.id,
            stage,
            created_at: now,
            used_at: now,
            until: now + life,
        };
        self.store.begin_session(session).await?;
        Ok(secret)
    }

    /// Begins the session of somebody who has shown all that is asked for, and gives the cookies it needs.
    pub(super) async fn let_in(
        &self,
        user: &UserRow,
        source: &Source,
        stage: Stage,
        now: Timestamp,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Oops> {
        let secret = self.begin_session(user, source, stage, now).await?;
        let session = set_cookie(SESSION_COOKIE, Some(secret.text()), SESSION.as_secs());
        let known = source.browser.is_some_and(|browser| browser.is_of(user.id));
        let browser = if known {
            None
        } else {
            Browser::cookie(user.id, &self.seal)
        };
        Ok(session
            .into_iter()
            .chain(browser)
            .map(|cookie| (SET_COOKIE, cookie))
            .collect())
    }

    /// The same, and sends them to their first page.
    async fn send_in(&self, user: &UserRow, source: &Source, now: Timestamp) -> Result<Response, Oops> {
        let cookies = self.let_in(user, source, Stage::Whole, now).await?;
        Ok((AppendHeaders(cookies), Redirect::to(access::home(user.role))).into_response())
    }

    /// Whether this is a code, or a recovery code, that was not used before. It is used then.
    pub(super) async fn takes_code(&self, user: &UserRow, typed: &str, now: Timestamp) -> Result<bool, Oops> {
        if typed.chars().filter(char::is_ascii_alphanumeric).count() > 6 {
            let hash = recovery_hash(typed);
            return Ok(self.store.take_recovery_code(user.id, hash, by(user)).await?);
        }
        let Some(row) = self.store.code(user.id).await?.filter(|row| row.confirmed) else {
            return Ok(false);
        };
        let Some(shared) = Shared::open(&self.seal, user, &row.sealed) else {
            tracing::error!("a secret of codes cannot be opened: was keys/console.key restored with the database?");
            return Ok(false);
        };
        match shared.step(typed, now) {
            Some(step) => Ok(self.store.take_code(user.id, step).await?),
            None => Ok(false),
        }
    }
}

fn by(user: &UserRow) -> By {
    By::now(Actor::User(user.name.clone()))
}

pub(super) async fn code_page(HalfWay(visitor): HalfWay) -> Markup {
    code_form(&visitor, None)
}

fn code_form(visitor: &Visitor, said: Option<Both>) -> Markup {
    layout::front(
        visitor.language,
        visitor.say(words::LOG_IN),
        &html! {
            @if let Some(said) = said { p.note.warning role="alert" { (visitor.say(said)) } }
            form method="post" action="/login/code" {
                (layout::token(visitor))
                label {
                    span { (visitor.say(CODE)) }
                    input name="code" autocomplete="one-time-code" maxlength="40" required autofocus;
                }
                button { (visitor.say(words::LOG_IN)) }
            }
            p.small { a href="/login" { (visitor.say(AGAIN)) } }
        },
    )
}

#[derive(Deserialize)]
pub(super) struct Code {
    token: String,
    code: String,
}

pub(super) async fn check_code(
    State(console): State<Arc<Console>>,
    source: Source,
    HalfWay(visitor): HalfWay,
    Form(form): Form<Code>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&form.token)?;
    let now = Timestamp::now();
    let user = &visitor.user;
    let attempt = Attempt::new(&source, Some(user), &user.name, now);
    if console.turned_away(&attempt) || console.is_locked(&attempt) {
        return Ok(wait(code_form(&visitor, Some(TOO_MANY))));
    }
    if !console.takes_code(user, &form.code, now).await? {
        console.failed(&attempt, false).await?;
        return Ok(code_form(&visitor, Some(WRONG_CODE)).into_response());
    }
    console.succeeded(&attempt);
    console.send_in(user, &source, now).await
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
    console
        .store
        .end_session(visitor.session.secret_hash, visitor.by())
        .await?;
    Ok(sent_out())
}

/// To the log-in, without a session.
pub(super) fn sent_out() -> Response {
    let cookie = set_cookie(SESSION_COOKIE, None, 0);
    (cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to("/login")).into_response()
}

pub(super) async fn language(Path(word): Path<String>) -> Response {
    let chosen: Option<Language> = word.parse().ok();
    let cookie = chosen.and_then(|language| set_cookie(LANGUAGE_COOKIE, Some(language.as_str()), YEAR));
    (cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to("/")).into_response()
}

const TOO_MANY: Both = both(
    "失败次数过多，请过几分钟再试。",
    "Too many log-ins have failed. Try again in a few minutes.",
);
const CODE: Both = both(
    "动态验证码，或一个恢复码",
    "Code from your telephone, or a recovery code",
);
const WRONG_CODE: Both = both(
    "验证码不正确，或已使用过。请等待下一个验证码。",
    "The code is wrong, or was used already. Wait for the next one.",
);
const AGAIN: Both = both("重新登录", "Begin again");

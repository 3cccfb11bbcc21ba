//! The company's own log-in (`OpenID` Connect), beside the collector's. The second step is then the provider's affair.

mod provider;
mod settings;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{HeaderName, REFRESH, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fileward_policy::words::{Both, both};
use fileward_protocol::vocabulary::Language;
use jiff::{SignedDuration, Timestamp};
use maud::html;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use self::provider::Begun;
pub(crate) use self::provider::Provider;
pub(crate) use self::settings::Settings;
use super::attempt::Source;
use super::oops::Oops;
use super::visitor::{Speaks, cookie, set_cookie_from_elsewhere};
use super::{Console, access, layout};
use crate::store::By;
use crate::store::audit::{Action, AuditEntry};
use crate::store::people::{Entry, NewUser, UserRow, check_name};
use crate::store::sessions::Stage;

/// The cookie with what was begun, sealed.
const COOKIE: &str = "__Host-sign-on";

/// How long somebody may take at the provider.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

const PURPOSE: &str = "fileward 2026-11 sign-on";

/// Sends the browser to the provider.
pub(super) async fn begin(State(console): State<Arc<Console>>, Speaks(language): Speaks) -> Result<Response, Oops> {
    let provider = console.sign_on.as_ref().ok_or(Oops::NotFound(language))?;
    let sealed = async {
        let (url, begun) = provider.begin(Timestamp::now().as_second()).await?;
        let sealed = console.seal.seal(PURPOSE, &serde_json::to_vec(&begun)?)?;
        anyhow::Ok((url, URL_SAFE_NO_PAD.encode(sealed)))
    };
    let (url, sealed) = match sealed.await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::error!(error = %format!("{error:#}"), "the provider cannot be asked");
            return Ok(said(language, UNREACHED));
        }
    };
    let cookie = set_cookie_from_elsewhere(COOKIE, Some(&sealed), LONGEST.as_secs());
    Ok((cookie.map(|cookie| [(SET_COOKIE, cookie)]), Redirect::to(url.as_str())).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    code: String,
    state: String,
}

/// The browser comes back from the provider.
pub(super) async fn back(
    State(console): State<Arc<Console>>,
    Speaks(language): Speaks,
    source: Source,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Oops> {
    let provider = console.sign_on.as_ref().ok_or(Oops::NotFound(language))?;
    let now = Timestamp::now();
    let Some(begun) = console.begun(&headers, &back.state, now) else {
        return Ok(said(language, NOT_BEGUN));
    };
    let name = match provider.finish(begun, back.code).await {
        Ok(name) => name,
        Err(error) => {
            tracing::warn!(error = %format!("{error:#}"), "a log-in by the provider failed");
            return Ok(said(language, FAILED));
        }
    };
    let Some(user) = console.known(provider, &name).await? else {
        return Ok(said(language, UNKNOWN));
    };
    let mut cookies = console.let_in(&user, &source, Stage::Provider, now).await?;
    cookies.extend(set_cookie_from_elsewhere(COOKIE, None, 0).map(|cookie| (SET_COOKIE, cookie)));
    // The session's cookie is not sent where another site sends a browser to, so that a page of ours must do it.
    let home = access::home(user.role);
    let refresh = HeaderValue::from_str(&format!("0; url={home}")).ok();
    let page = layout::front(
        language,
        LOGGED_IN.to(language),
        &html! { p { a href=(home) { (GO_ON.to(language)) } } },
    );
    Ok((
        AppendHeaders(cookies),
        refresh.map(|refresh| [(REFRESH, refresh) as (HeaderName, HeaderValue)]),
        page,
    )
        .into_response())
}

fn said(language: Language, text: Both) -> Response {
    layout::message(language, text.to(language)).into_response()
}

impl Console {
    /// What this browser has begun, if it comes back in time and with the state it was sent off with.
    fn begun(&self, headers: &HeaderMap, state: &str, now: Timestamp) -> Option<Begun> {
        let sealed = URL_SAFE_NO_PAD.decode(cookie(headers, COOKIE)?).ok()?;
        let begun: Begun = serde_json::from_slice(&self.seal.open(PURPOSE, &sealed)?).ok()?;
        let same: bool = begun.state.as_bytes().ct_eq(state.as_bytes()).into();
        let in_time = now.as_second().saturating_sub(begun.at) < LONGEST.as_secs();
        (same && in_time).then_some(begun)
    }

    /// The user with the name that the provider gives; added, where the settings say so.
    async fn known(&self, provider: &Provider, name: &str) -> Result<Option<UserRow>, Oops> {
        let Ok(name) = check_name(name) else {
            return Ok(None);
        };
        if let Some(user) = self.store.user(name.clone()).await? {
            if user.disabled {
                let entry = AuditEntry {
                    by: By::user(user.name.clone()),
                    action: Action::LogInFailed,
                    subject: user.name,
                    detail: "by the company's log-in: disabled here".to_owned(),
                };
                self.store.append_audit(entry).await?;
                return Ok(None);
            }
            return Ok(Some(user));
        }
        let Some(role) = provider.settings.add_as else {
            return Ok(None);
        };
        let user = NewUser {
            name: name.clone(),
            role,
            groups: Vec::new(),
            entry: Entry::Later,
        };
        self.store.add_user(user, By::collector()).await?;
        Ok(self.store.user(name).await?)
    }
}

/// What stands on the log-in's button.
pub(super) const BUTTON: Both = both("使用公司账户登录", "Log in with the company's account");
const UNREACHED: Both = both(
    "暂时无法连接公司的登录服务，请稍后再试。",
    "The company's log-in cannot be reached just now. Try again later.",
);
const NOT_BEGUN: Both = both(
    "此次登录已过期，或并非从此浏览器开始。请重新登录。",
    "This log-in is out of date, or was not begun in this browser. Begin again.",
);
const FAILED: Both = both(
    "公司登录服务未确认此次登录。",
    "The company's log-in did not confirm who you are.",
);
const UNKNOWN: Both = both(
    "此处没有与您的公司账户对应的可用账户，请联系管理员。",
    "There is no account here for the name that the company's log-in gives. Ask an administrator.",
);
const LOGGED_IN: Both = both("登录成功", "Logged in");
const GO_ON: Both = both("继续", "Go on");

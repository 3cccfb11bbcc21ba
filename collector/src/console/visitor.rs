//! Who is at the console: the session behind the cookie, the language, the token that forms carry.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use fileward_policy::words::Both;
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::Console;
use super::access::{self, Right};
use super::oops::Oops;
use crate::secret;
use crate::store::By;
use crate::store::people::UserRow;
use crate::store::sessions::{SessionRow, Stage};

/// The session's cookie. The prefix makes browsers insist on HTTPS, this host alone and the path `/`.
pub(super) const SESSION_COOKIE: &str = "__Host-fileward";

/// The cookie that remembers the language.
pub(super) const LANGUAGE_COOKIE: &str = "__Host-language";

/// Somebody who has logged in.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) user: UserRow,
    pub(super) session: SessionRow,
    pub(super) language: Language,
    /// What every form must carry: only a page of this session knows it.
    pub(super) form_token: String,
}

impl Visitor {
    /// Whose session the request carries, if it has come to one of these stages.
    async fn at(stages: &[Stage], parts: &Parts, console: &Console) -> Result<Self, Oops> {
        let text = cookie(&parts.headers, SESSION_COOKIE).ok_or(Oops::LogIn)?;
        let found = console.store.session(secret::hash(text), Timestamp::now()).await?;
        let (session, user) = found
            .filter(|(session, _)| stages.contains(&session.stage))
            .ok_or(Oops::LogIn)?;
        Ok(Self {
            user,
            session,
            language: language(&parts.headers),
            form_token: form_token(text),
        })
    }

    /// Lets only those with the right go on.
    pub(super) fn must(&self, right: Right) -> Result<(), Oops> {
        if self.may(right) {
            Ok(())
        } else {
            Err(Oops::Forbidden(self.language))
        }
    }

    /// Whether they have the right.
    pub(super) const fn may(&self, right: Right) -> bool {
        access::may(self.user.role, right)
    }

    /// Lets only forms of this session go on.
    pub(super) fn must_be_own_form(&self, token: &str) -> Result<(), Oops> {
        let own: bool = self.form_token.as_bytes().ct_eq(token.as_bytes()).into();
        if own {
            Ok(())
        } else {
            Err(Oops::StrangeForm(self.language))
        }
    }

    /// A text in their language.
    pub(super) const fn say(&self, text: Both) -> &'static str {
        text.to(self.language)
    }

    /// This visitor, now, for what they change.
    pub(super) fn by(&self) -> By {
        By::user(self.user.name.clone())
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Oops;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Oops> {
        if let Some(admitted) = parts.extensions.get::<Self>() {
            return Ok(admitted.clone());
        }
        Self::at(&[Stage::Whole, Stage::Provider], parts, console).await
    }
}

/// Somebody whose password was right and whose code is still to come. No page but that of the code is open to them.
pub(super) struct HalfWay(pub(super) Visitor);

impl FromRequestParts<Arc<Console>> for HalfWay {
    type Rejection = Oops;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Oops> {
        Visitor::at(&[Stage::Code], parts, console).await.map(Self)
    }
}

/// The language somebody chose, or else the one their browser asks for first.
pub(super) struct Speaks(pub(super) Language);

impl<S: Sync> FromRequestParts<S> for Speaks {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(language(&parts.headers)))
    }
}

/// The language a request asks for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    if let Some(chosen) = cookie(headers, LANGUAGE_COOKIE).and_then(|word| word.parse().ok()) {
        return chosen;
    }
    let asked = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first = asked
        .split(',')
        .map(str::trim)
        .find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
    if first.is_some_and(|tag| tag.starts_with("zh")) {
        Language::ZhCn
    } else {
        Language::En
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

pub(super) fn form_token(session_secret: &str) -> String {
    let token = blake3::derive_key("fileward 2026-11 console form token", session_secret.as_bytes());
    blake3::Hash::from_bytes(token).to_hex().to_string()
}

/// A cookie to set. `None` deletes it.
pub(super) fn set_cookie(name: &str, value: Option<&str>, seconds: i64) -> Option<HeaderValue> {
    set(name, value, seconds, "Strict")
}

/// The same for a cookie that is needed where another site sends the browser back to this one.
pub(super) fn set_cookie_from_elsewhere(name: &str, value: Option<&str>, seconds: i64) -> Option<HeaderValue> {
    set(name, value, seconds, "Lax")
}

fn set(name: &str, value: Option<&str>, seconds: i64, same_site: &str) -> Option<HeaderValue> {
    let age = if value.is_some() { seconds } else { 0 };
    let text = format!(
        "{name}={}; Path=/; Secure; HttpOnly; SameSite={same_site}; Max-Age={age}",
        value.unwrap_or_default()
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_first_language_a_browser_asks_for_is_taken_unless_one_was_chosen() {
        assert_eq!(
            language(&headers(ACCEPT_LANGUAGE, "zh-TW,zh;q=0.9,en;q=0.8")),
            Language::ZhCn
        );
        assert_eq!(
            language(&headers(ACCEPT_LANGUAGE, "de,en;q=0.8,zh;q=0.5")),
            Language::En
        );
        assert_eq!(language(&HeaderMap::new()), Language::En);
        let mut both = headers(ACCEPT_LANGUAGE, "en");
        both.insert(COOKIE, HeaderValue::from_static("a=b; __Host-language=zh-CN"));
        assert_eq!(language(&both), Language::ZhCn);
    }

    #[test]
    fn only_the_cookie_of_exactly_that_name_counts() {
        let jar = headers(COOKIE, "x__Host-fileward=no; __Host-fileward=yes");
        assert_eq!(cookie(&jar, SESSION_COOKIE), Some("yes"));
    }
}

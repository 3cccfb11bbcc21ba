//! One attempt to log in: where it comes from, whether it has to wait, and what counts it when it fails.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;

use super::Console;
use super::browser::Browser;
use super::guesses::{Counted, wait};
use super::oops::Oops;
use super::visitor::{SESSION_COOKIE, cookie};
use crate::api::Peer;
use crate::secret;
use crate::store::people::{UserRow, folded};

/// Where an attempt comes from.
pub(super) struct Source {
    address: Option<IpAddr>,
    pub(super) browser: Option<Browser>,
    /// The session that the browser had before.
    pub(super) session: Option<[u8; 32]>,
}

impl FromRequestParts<Arc<Console>> for Source {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Self::Rejection> {
        Ok(Self {
            address: parts.extensions.get::<Peer>().map(|peer| peer.address),
            browser: Browser::of(&parts.headers, &console.seal),
            session: cookie(&parts.headers, SESSION_COOKIE).map(secret::hash),
        })
    }
}

/// An attempt to log in.
pub(super) struct Attempt<'a> {
    user: Option<&'a UserRow>,
    name: Counted,
    address: Option<Counted>,
    /// A browser that this user is known from.
    browser: Option<Counted>,
    now: Timestamp,
}

impl<'a> Attempt<'a> {
    /// An attempt with this name, which may be a user's.
    pub(super) fn new(source: &Source, user: Option<&'a UserRow>, name: &str, now: Timestamp) -> Self {
        let browser = source
            .browser
            .filter(|browser| user.is_some_and(|user| browser.is_of(user.id)));
        Self {
            user,
            name: Counted::name(&folded(name)),
            address: source.address.map(Counted::address),
            browser: browser.map(|browser| Counted::Browser(browser.number)),
            now,
        }
    }
}

impl Console {
    /// Whether it is turned away before anything is tried, for where it comes from.
    pub(super) fn turned_away(&self, attempt: &Attempt<'_>) -> bool {
        let counted = attempt.browser.or(attempt.address);
        counted.is_some_and(|counted| self.guesses.waits(counted, attempt.now).is_some())
    }

    /// Whether the name is locked to strangers. A name that nobody has is locked alike.
    pub(super) fn is_locked(&self, attempt: &Attempt<'_>) -> bool {
        match (attempt.browser, attempt.user) {
            (Some(_), _) => false,
            (None, Some(user)) => user.locked_until.is_some_and(|until| until > attempt.now),
            (None, None) => self.guesses.waits(attempt.name, attempt.now).is_some(),
        }
    }

    /// Counts a failure. Under a lock nothing more is written down: it would only grow.
    pub(super) async fn failed(&self, attempt: &Attempt<'_>, locked: bool) -> Result<(), Oops> {
        let now = attempt.now;
        if let Some(counted) = attempt.browser.or(attempt.address) {
            self.guesses.failed(counted, now);
        }
        if locked {
            return Ok(());
        }
        let until = match (attempt.browser, attempt.user) {
            // What somebody mistypes at their own desk locks nobody, and unlocks nothing for strangers.
            (Some(_), user) => user.and_then(|user| user.locked_until),
            (None, Some(user)) => wait(user.failed_log_ins.saturating_add(1)).map(|time| now + time),
            (None, None) => {
                self.guesses.failed(attempt.name, now);
                None
            }
        };
        let id = attempt.user.map(|user| user.id);
        Ok(self.store.log_in_failed(id, until, now).await?)
    }

    /// Forgets the failures at somebody's own desk.
    pub(super) fn succeeded(&self, attempt: &Attempt<'_>) {
        if let Some(browser) = attempt.browser {
            self.guesses.forget(browser);
        }
    }
}

//! The mark of a browser from which somebody has logged in before. It lets nobody in; it only keeps their log-in apart
//! from what strangers try.

use axum::http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq as _;

use super::visitor::{cookie, set_cookie};
use crate::seal::SealKey;
use crate::store::people::UserId;

/// The cookie with the mark.
const COOKIE: &str = "__Host-known";

/// How long a browser stays known, in seconds: half a year.
const KNOWN: i64 = 180 * 24 * 3600;

const PURPOSE: &str = "fileward 2026-11 known browser";

/// A known browser of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Browser {
    user: UserId,
    pub(super) number: [u8; 16],
}

impl Browser {
    /// The mark a request carries, if this collector made it.
    pub(super) fn of(headers: &HeaderMap, key: &SealKey) -> Option<Self> {
        let (text, mark) = cookie(headers, COOKIE)?.rsplit_once('.')?;
        let right: bool = key
            .mark(PURPOSE, text)
            .to_hex()
            .as_bytes()
            .ct_eq(mark.as_bytes())
            .into();
        let (user, number) = text.split_once('.').filter(|_| right)?;
        Some(Self {
            user: UserId(user.parse().ok()?),
            number: uuid::Uuid::try_parse(number).ok()?.into_bytes(),
        })
    }

    /// Whether it is a browser of this user.
    pub(super) fn is_of(self, user: UserId) -> bool {
        self.user == user
    }

    /// The cookie that makes a browser one of this user.
    pub(super) fn cookie(user: UserId, key: &SealKey) -> Option<HeaderValue> {
        let text = format!("{}.{}", user.0, uuid::Uuid::new_v4());
        let mark = key.mark(PURPOSE, &text).to_hex();
        set_cookie(COOKIE, Some(&format!("{text}.{mark}")), KNOWN)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE as COOKIES;

    use super::*;

    #[test]
    fn a_mark_is_known_again_only_as_it_was_made() {
        let key = SealKey::of([1; 32]);
        let set = Browser::cookie(UserId(7), &key).unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let read = |pair: &str, key: &SealKey| {
            Browser::of(
                &HeaderMap::from_iter([(COOKIES, HeaderValue::from_str(pair).unwrap())]),
                key,
            )
        };
        let browser = read(pair, &key).unwrap();
        assert!(browser.is_of(UserId(7)) && !browser.is_of(UserId(8)));
        assert_eq!(read(&pair.replace("=7.", "=8."), &key), None);
        assert_eq!(read(pair, &SealKey::of([2; 32])), None);
        assert_eq!(read("__Host-known=7", &key), None);
    }
}

//! Who a user is to the OS.

use std::fmt;
use std::str::FromStr;

#[cfg(unix)]
#[path = "user_id/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "user_id/windows.rs"]
mod platform;

/// A user's id: the number on Unix, the security identifier (SID) on Windows. It never leaves the PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(platform::Id);

impl UserId {
    /// The user this program runs as.
    pub fn current() -> Self {
        Self(platform::current())
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UserId {
    type Err = NotAUserId;

    fn from_str(text: &str) -> Result<Self, NotAUserId> {
        text.parse().map(Self).or(Err(NotAUserId))
    }
}

/// A text is no user's id of this OS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAUserId;

impl fmt::Display for NotAUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a user's id")
    }
}

impl std::error::Error for NotAUserId {}

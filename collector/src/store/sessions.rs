//! Sessions of the console, and log-ins that failed. Secrets are kept as hashes only.

use jiff::{SignedDuration, Timestamp};

use super::people::{UserId, UserRow};
use super::{By, Reply};

/// How long a session may stay unused.
pub(crate) const IDLE: SignedDuration = SignedDuration::from_mins(30);

fileward_protocol::words! {
    /// How far somebody has logged in.
    pub(crate) enum Stage {
        /// The password was right, the code is still to come: no page is open to them.
        Code = "code",
        /// All the way.
        Whole = "whole",
        /// All the way, by the company's own log-in.
        Provider = "provider",
    }
}

/// A session of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRow {
    /// The hash of the cookie's secret; see [`crate::secret::Secret::hash`].
    pub secret_hash: [u8; 32],
    /// Whose.
    pub user: UserId,
    /// How far they have logged in.
    pub stage: Stage,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// Until when it may be used.
    pub until: Timestamp,
}

/// Sessions.
pub(crate) trait Sessions {
    /// Counts a failed log-in, of a user or with a name that nobody has, and keeps the user's name locked until the
    /// given time. Both take the same work.
    fn log_in_failed(&self, id: Option<UserId>, locked_until: Option<Timestamp>, now: Timestamp) -> Reply<()>;

    /// Begins a session. One all the way is a log-in: failed ones are forgotten.
    fn begin_session(&self, session: SessionRow) -> Reply<()>;

    /// The session with this secret and its user, if it may be used at `now` and the user is not disabled. Notes the use.
    fn session(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<(SessionRow, UserRow)>>;

    /// Ends a session.
    fn end_session(&self, secret_hash: [u8; 32], by: By) -> Reply<()>;

    /// Ends every session of a user, and gives their number.
    fn end_sessions(&self, id: UserId, by: By) -> Reply<u64>;
}

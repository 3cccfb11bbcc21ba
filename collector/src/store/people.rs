//! Users of the console and their sessions. Secrets are kept as hashes only.

use jiff::Timestamp;

use super::{By, Reply};

fileward_protocol::words! {
    /// What a user may do.
    pub(crate) enum Role {
        /// Runs the collector: everything but the details of findings.
        Administrator = "administrator",
        /// Sees and decides findings, publishes policy.
        SecurityOfficer = "security_officer",
        /// Sees the findings of their own group.
        HeadOfDepartment = "head_of_department",
        /// Approves and retires devices.
        ItOperator = "it_operator",
        /// Reads the audit trail, nothing else.
        Auditor = "auditor",
    }
}

/// A user's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserId(pub i64);

/// A user.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UserRow {
    /// Its number.
    pub id: UserId,
    /// The name to log in with; unique, letters' case does not matter.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The Argon2id hash of the password, as a PHC string; none before one is set.
    pub password_hash: Option<String>,
    /// Whether they may not log in.
    pub disabled: bool,
    /// Failed log-ins since the last good one.
    pub failed_log_ins: u32,
    /// No log-in is tried before this time.
    pub locked_until: Option<Timestamp>,
    /// When they last logged in.
    pub last_log_in: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A user to be added, with a password or with a link to set one.
#[derive(Clone)]
pub(crate) struct NewUser {
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How they get in at first.
    pub entry: Entry,
}

/// How a user gets in.
#[derive(Clone)]
pub(crate) enum Entry {
    /// With this password, given as its Argon2id hash.
    Password(String),
    /// With a link, once.
    Link(Link),
}

/// A one-time link for setting a password.
#[derive(Clone)]
pub(crate) struct Link {
    /// The hash of the link's secret; see [`crate::secret::Secret::hash`].
    pub secret_hash: [u8; 32],
    /// Until when it works.
    pub until: Timestamp,
}

/// A session of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRow {
    /// The hash of the cookie's secret; see [`crate::secret::Secret::hash`].
    pub secret_hash: [u8; 32],
    /// Whose.
    pub user: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// Until when it may be used.
    pub until: Timestamp,
}

/// Users and sessions.
pub(crate) trait People {
    /// Adds a user.
    fn add_user(&self, user: NewUser, by: By) -> Reply<UserId>;

    /// Every user, by name.
    fn users(&self) -> Reply<Vec<UserRow>>;

    /// The user with this name.
    fn user(&self, name: String) -> Reply<Option<UserRow>>;

    /// Lets a user in or keeps them out; keeping them out ends their sessions.
    fn set_disabled(&self, id: UserId, disabled: bool, by: By) -> Reply<()>;

    /// Makes a link for setting a password; a former link stops working.
    fn set_link(&self, id: UserId, link: Link, by: By) -> Reply<()>;

    /// The user an unused link belongs to, if it still works at `now`.
    fn user_of_link(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<UserRow>>;

    /// Uses up a link and sets the password; false when it does not work at `now`. Ends the user's sessions.
    fn redeem_link(&self, secret_hash: [u8; 32], password_hash: String, now: Timestamp) -> Reply<bool>;

    /// Counts a failed log-in and keeps the name locked until the given time.
    fn log_in_failed(&self, id: UserId, locked_until: Option<Timestamp>, now: Timestamp) -> Reply<()>;

    /// Begins a session and forgets failed log-ins.
    fn begin_session(&self, session: SessionRow) -> Reply<()>;

    /// The session with this secret and its user, if it may be used at `now` and the user is not disabled. Notes the use.
    fn session(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<(SessionRow, UserRow)>>;

    /// Ends a session.
    fn end_session(&self, secret_hash: [u8; 32], by: By) -> Reply<()>;
}

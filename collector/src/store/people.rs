//! Users of the console: who they are, what they may do, how they get in.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::directory::{Imported, Person};
use super::{By, Reply, Scope};
use crate::safe::is_hidden;

fileward_protocol::words! {
    /// What a user may do.
    pub(crate) enum Role {
        /// Runs the collector, and may do everything.
        Administrator = "administrator",
        /// Sees and decides findings, publishes policy.
        SecurityOfficer = "security_officer",
        /// Sees the devices and findings of their own groups.
        HeadOfDepartment = "head_of_department",
        /// Approves and retires devices.
        ItOperator = "it_operator",
        /// Reads the audit trail, nothing else.
        Auditor = "auditor",
    }
}

/// A user's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
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
    /// Their groups, in order.
    pub groups: Vec<String>,
    /// The Argon2id hash of the password, as a PHC string; none before one is set.
    pub password_hash: Option<String>,
    /// Whether a code is asked for after the password.
    pub has_code: bool,
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

impl UserRow {
    /// What they may see. Groups bind only a head of department.
    pub(crate) fn scope(&self) -> Scope {
        match self.role {
            Role::HeadOfDepartment => Scope::Groups(self.groups.clone()),
            Role::Administrator | Role::SecurityOfficer | Role::ItOperator | Role::Auditor => Scope::Everything,
        }
    }
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

/// The form of a name in which letters' case does not tell two names apart.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The longest name of a user or a group, in characters.
const LONGEST: usize = 64;

/// The most groups of one user.
const GROUPS: usize = 100;

/// A name that no user or group gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadName {
    /// Empty, too long, or with characters that cannot be seen.
    #[error("a name has 1 to {LONGEST} characters, all of which can be seen")]
    Name,
    /// Too many groups.
    #[error("nobody has more than {GROUPS} groups")]
    TooMany,
}

/// Checks the name of a user or a group.
///
/// # Errors
/// If it is none.
pub(crate) fn check_name(text: &str) -> Result<String, BadName> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(is_hidden) {
        return Err(BadName::Name);
    }
    Ok(name.to_owned())
}

/// Reads groups separated by semicolons; gives them in order and each once.
///
/// # Errors
/// If one of them is no name, or there are too many.
pub(crate) fn check_groups(text: &str) -> Result<Vec<String>, BadName> {
    let mut groups = text
        .split([';', '；', '\n'])
        .filter(|group| !group.trim().is_empty())
        .map(check_name)
        .collect::<Result<Vec<_>, _>>()?;
    groups.sort();
    groups.dedup();
    if groups.len() > GROUPS {
        return Err(BadName::TooMany);
    }
    Ok(groups)
}

/// A user to be added, with a password or with a link to set one.
#[derive(Clone)]
pub(crate) struct NewUser {
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their groups.
    pub groups: Vec<String>,
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
    /// Not yet: somebody will make a link.
    Later,
}

/// How long such a link works.
pub(crate) const LINK_LIFE: SignedDuration = SignedDuration::from_hours(72);

/// A one-time link for setting a password.
#[derive(Clone)]
pub(crate) struct Link {
    /// The hash of the link's secret; see [`crate::secret::Secret::hash`].
    pub secret_hash: [u8; 32],
    /// Until when it works.
    pub until: Timestamp,
}

/// Users.
pub(crate) trait People {
    /// Adds a user.
    fn add_user(&self, user: NewUser, by: By) -> Reply<UserId>;

    /// Every user, by name.
    fn users(&self) -> Reply<Vec<UserRow>>;

    /// The user with this name.
    fn user(&self, name: String) -> Reply<Option<UserRow>>;

    /// The user with this number.
    fn user_by_id(&self, id: UserId) -> Reply<Option<UserRow>>;

    /// Gives a user another role. The last administrator stays one.
    fn set_role(&self, id: UserId, role: Role, by: By) -> Reply<()>;

    /// Gives a user these groups instead of those they had.
    fn set_groups(&self, id: UserId, groups: Vec<String>, by: By) -> Reply<()>;

    /// Lets a user in or keeps them out; keeping them out ends their sessions. The last administrator stays in.
    fn set_disabled(&self, id: UserId, disabled: bool, by: By) -> Reply<()>;

    /// Forgets a user's failed log-ins.
    fn unlock(&self, id: UserId, by: By) -> Reply<()>;

    /// Makes a link for setting a password; a former link stops working.
    fn set_link(&self, id: UserId, link: Link, by: By) -> Reply<()>;

    /// The user an unused link belongs to, if it still works at `now`.
    fn user_of_link(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<UserRow>>;

    /// Uses up a link and sets the password; false when it does not work at `now`. Ends the user's sessions.
    fn redeem_link(&self, secret_hash: [u8; 32], password_hash: String, now: Timestamp) -> Reply<bool>;

    /// Makes users what the directory says, all or nothing.
    fn import(&self, people: Vec<Person>, disable_missing: bool, by: By) -> Reply<Imported>;
}

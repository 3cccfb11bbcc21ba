//! What has been filed (备案). The account ids themselves stay here; devices get pseudonyms.

use fileward_protocol::ids::Pseudonym;
use fileward_protocol::vocabulary::App;
use jiff::Timestamp;

use super::{By, Reply};

/// A personal chat account filed for work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRow {
    /// The app.
    pub app: App,
    /// The account id, as filed.
    pub account: String,
    /// What devices know it by.
    pub pseudonym: Pseudonym,
    /// A note, such as whose it is and who approved.
    pub note: String,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Who filed it, in words.
    pub filed_by: String,
}

/// A larger file limit for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LimitRow {
    /// The app.
    pub app: App,
    /// The account id, as filed.
    pub account: String,
    /// What devices know it by.
    pub pseudonym: Pseudonym,
    /// The limit in bytes.
    pub bytes: u64,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Who filed it, in words.
    pub filed_by: String,
}

/// All that has been filed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filed {
    /// Accounts, by app and id.
    pub accounts: Vec<AccountRow>,
    /// Limits, by app and id.
    pub limits: Vec<LimitRow>,
}

/// Registers.
pub(crate) trait Registers {
    /// All that has been filed.
    fn filed(&self) -> Reply<Filed>;

    /// Files an account, or changes its note. `filed_at` and `filed_by` are taken from `by`.
    fn file_account(&self, app: App, account: String, pseudonym: Pseudonym, note: String, by: By) -> Reply<()>;

    /// Removes a filed account.
    fn remove_account(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()>;

    /// Files a limit, or changes it.
    fn file_limit(&self, limit: NewLimit, by: By) -> Reply<()>;

    /// Removes a limit.
    fn remove_limit(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()>;
}

/// A larger file limit to be filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewLimit {
    /// The app.
    pub app: App,
    /// The account id.
    pub account: String,
    /// What devices know it by.
    pub pseudonym: Pseudonym,
    /// The limit in bytes.
    pub bytes: u64,
    /// Until when it holds.
    pub until: Option<Timestamp>,
}

//! What has been filed (备案) and registered. Account ids and documents' names stay here; devices get pseudonyms and fingerprints.

use fileward_protocol::bundle::{Exemption, RegisteredDocument};
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

/// A document that the company has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DocumentRow {
    /// Its number.
    pub id: u64,
    /// What it is called here.
    pub name: String,
    /// What devices recognise copies by.
    pub fingerprint: RegisteredDocument,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Who registered it, in words.
    pub registered_by: String,
}

/// All that has been filed and registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filed {
    /// Accounts, by app and id.
    pub accounts: Vec<AccountRow>,
    /// Limits, by app and id.
    pub limits: Vec<LimitRow>,
    /// Exemptions by path or project.
    pub exemptions: Vec<Exemption>,
    /// Registered documents, in the order in which they were registered.
    pub documents: Vec<DocumentRow>,
}

/// The most registered documents: a bundle with so many sketches is still far below the largest that an agent reads.
pub(crate) const MAX_DOCUMENTS: u64 = 2_000;

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

    /// Registers documents by their names, all or none; one that is registered already gets the name.
    ///
    /// There can be at most [`MAX_DOCUMENTS`]: every device holds them all.
    fn register_documents(&self, documents: Vec<(String, RegisteredDocument)>, by: By) -> Reply<()>;

    /// Removes a registered document.
    fn remove_document(&self, id: u64, by: By) -> Reply<()>;
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

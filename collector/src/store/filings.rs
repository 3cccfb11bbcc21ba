//! The registers (备案): what is filed, of whatever kind, with whose it is and until when it holds.

use fileward_protocol::ids::Pseudonym;
use fileward_protocol::vocabulary::App;
use jiff::{SignedDuration, Timestamp};

use super::{By, Column, Direction, Order, Page, Paging, Reply};

/// How long before its end a filing is reminded of.
pub(crate) const REMIND_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most exemptions by path or project: every device asks each of them about every file.
pub(crate) const MAX_EXEMPTIONS: u64 = 200;

fileward_protocol::words! {
    /// A register.
    pub(crate) enum Kind {
        /// Personal chat accounts filed for work.
        Account = "account",
        /// Larger file limits by account.
        Limit = "limit",
        /// Exemptions by path or project.
        Exemption = "exemption",
        /// Chat groups with people from outside.
        Group = "group",
    }
}

impl Kind {
    /// Whether devices judge by it.
    pub(crate) const fn reaches_devices(self) -> bool {
        !matches!(self, Self::Group)
    }
}

/// What is filed or applied for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matter {
    /// The register.
    pub kind: Kind,
    /// The app, where it belongs to one.
    pub app: Option<App>,
    /// The account id, the pattern or the group's name.
    pub name: String,
    /// What devices know an account by.
    pub pseudonym: Option<Pseudonym>,
    /// The limit in bytes.
    pub bytes: Option<u64>,
    /// Until when it holds, or when the group ends.
    pub until: Option<Timestamp>,
}

/// Something to be filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewFiling {
    /// What.
    pub matter: Matter,
    /// Whose it is.
    pub owner: String,
    /// What for, who approved, where the committee's record is.
    pub note: String,
}

/// Something filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilingRow {
    /// Its number.
    pub id: u64,
    /// What.
    pub matter: Matter,
    /// Whose it is.
    pub owner: String,
    /// What for, who approved, where the committee's record is.
    pub note: String,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Who filed it, in words.
    pub filed_by: String,
    /// The application it comes from.
    pub application: Option<u64>,
}

fileward_protocol::words! {
    /// By what filings can be ordered; what is alike goes by name.
    #[derive(Default)]
    pub(crate) enum FilingSort {
        /// By register and app.
        #[default]
        App = "app",
        /// By name.
        Name = "name",
        /// By the limit.
        Size = "size",
        /// By whose it is.
        Owner = "owner",
        /// By its end; what has none is last either way.
        Until = "until",
        /// By when it was filed.
        Filed = "filed",
        /// By who filed it.
        FiledBy = "filed_by",
    }
}

impl Column for FilingSort {
    fn usual(self) -> Direction {
        match self {
            Self::Size | Self::Filed => Direction::Descending,
            Self::App | Self::Name | Self::Owner | Self::Until | Self::FiledBy => Direction::Ascending,
        }
    }
}

/// Which filings are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilingFilter {
    /// Only those of this register.
    pub kind: Option<Kind>,
    /// Only those of this app.
    pub app: Option<App>,
    /// Only those in whose name, owner or note this stands.
    pub text: Option<String>,
    /// Only those that end at this time or before.
    pub ends_by: Option<Timestamp>,
    /// The order.
    pub order: Order<FilingSort>,
}

impl FilingFilter {
    /// All that is filed, by register, app and name.
    pub(crate) const ALL: Self = Self {
        kind: None,
        app: None,
        text: None,
        ends_by: None,
        order: Order::ascending(FilingSort::App),
    };
}

/// How many filings were, or would be, added, changed and left as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filed {
    /// Added.
    pub added: u64,
    /// Changed.
    pub changed: u64,
    /// Stood there as they are.
    pub unchanged: u64,
}

/// Whether something is done, or only told what would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earnest {
    /// It is done.
    Do,
    /// It is only told.
    Preview,
}

/// The registers.
pub(crate) trait Filings {
    /// What is filed.
    fn filings(&self, filter: FilingFilter, paging: Paging) -> Reply<Page<FilingRow>>;

    /// One filing.
    fn filing(&self, id: u64) -> Reply<Option<FilingRow>>;

    /// Files all or none; what is filed already is changed.
    fn file(&self, filings: Vec<NewFiling>, earnest: Earnest, by: By) -> Reply<Filed>;

    /// Takes a filing out of its register, and ends the application it comes from.
    fn end_filing(&self, id: u64, note: String, by: By) -> Reply<()>;

    /// Writes another note.
    fn note_filing(&self, id: u64, note: String, by: By) -> Reply<()>;

    /// Takes out some of what has ended, and says how many. A group stays until somebody says that it was cleaned.
    fn end_filings(&self, by: By) -> Reply<u64>;
}

//! Applications: what employees ask to be filed, and what became of it.

use jiff::{SignedDuration, Timestamp};

use super::filings::{Kind, Matter};
use super::{By, Column, Direction, Order, Page, Paging, Reply};

/// The most applications by one form in an hour, so that nobody fills the store.
pub(crate) const MOST_AN_HOUR: u64 = 30;

/// The most applications of one form that wait at one time.
pub(crate) const MOST_WAITING: u64 = 500;

/// How long a form can be open.
pub(crate) const LONGEST_FORM: SignedDuration = SignedDuration::from_hours(366 * 24);

fileward_protocol::words! {
    /// How far an application has come.
    pub(crate) enum State {
        /// Somebody asked.
        Asked = "asked",
        /// The head of department approves.
        Approved = "approved",
        /// It is filed.
        Filed = "filed",
        /// It was refused.
        Refused = "refused",
        /// Whoever asked does not ask any more.
        Withdrawn = "withdrawn",
        /// It was filed, and holds no longer.
        Ended = "ended",
    }
}

impl State {
    /// Whether it waits for somebody.
    pub(crate) const fn waits(self) -> bool {
        matches!(self, Self::Asked | Self::Approved)
    }
}

/// The address of a form for the employees of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormRow {
    /// Its number.
    pub id: u64,
    /// The group.
    pub group: String,
    /// Until when it is open.
    pub until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, in words.
    pub created_by: String,
}

/// A form to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewForm {
    /// What is kept of its secret.
    pub secret_hash: [u8; 32],
    /// The group.
    pub group: String,
    /// Until when it is open.
    pub until: Timestamp,
}

/// What an employee asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewApplication {
    /// What is kept of the secret of the page where its state is seen.
    pub secret_hash: [u8; 32],
    /// The name, as typed.
    pub person: String,
    /// What is to be filed.
    pub matter: Matter,
    /// What for.
    pub reason: String,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApplicationRow {
    /// Its number.
    pub id: u64,
    /// The group of the form.
    pub group: String,
    /// Who asks, as typed.
    pub person: String,
    /// What is to be filed.
    pub matter: Matter,
    /// What for.
    pub reason: String,
    /// How far it has come.
    pub state: State,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// One step of an application's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// How far it came.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// By whom, in words.
    pub by: String,
    /// A word about it.
    pub note: String,
}

/// An application and its life, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Application {
    /// The application.
    pub row: ApplicationRow,
    /// Its life.
    pub steps: Vec<Step>,
}

fileward_protocol::words! {
    /// By what applications can be ordered; what is alike goes from the newest.
    #[derive(Default)]
    pub(crate) enum ApplicationSort {
        /// By state: what waits first, from what waits longest; then what ended last.
        #[default]
        State = "state",
        /// By number.
        Number = "number",
        /// By register.
        Kind = "kind",
        /// By who asks.
        Person = "person",
        /// By group.
        Group = "group",
        /// By when it was asked.
        Asked = "asked",
    }
}

impl Column for ApplicationSort {
    fn usual(self) -> Direction {
        match self {
            Self::Number | Self::Asked => Direction::Descending,
            Self::State | Self::Kind | Self::Person | Self::Group => Direction::Ascending,
        }
    }
}

/// Which applications are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApplicationFilter {
    /// Only those that have come so far.
    pub state: Option<State>,
    /// Only those for this register.
    pub kind: Option<Kind>,
    /// Only those of these groups; `None` for all.
    pub groups: Option<Vec<String>>,
    /// The order.
    pub order: Order<ApplicationSort>,
}

fileward_protocol::words! {
    /// What somebody decides about an application.
    pub(crate) enum Decision {
        /// The head of department approves.
        Approve = "approve",
        /// The committee files it.
        File = "file",
        /// Either refuses.
        Refuse = "refuse",
        /// Whoever asked does not ask any more.
        Withdraw = "withdraw",
    }
}

impl Decision {
    /// What it makes of an application in this state; `None` where it cannot be decided so.
    pub(crate) const fn makes(self, state: State) -> Option<State> {
        match (self, state) {
            (Self::Approve, State::Asked) => Some(State::Approved),
            (Self::File, State::Approved) => Some(State::Filed),
            (Self::Refuse, State::Asked | State::Approved) => Some(State::Refused),
            (Self::Withdraw, State::Asked | State::Approved) => Some(State::Withdrawn),
            _ => None,
        }
    }
}

fileward_protocol::words! {
    /// Why something cannot be done with an application or by a form. Nothing is changed.
    pub(crate) enum Obstacle {
        /// There is no such application or form, or the form is closed.
        NotThere = "not_there",
        /// It does not stand so that this could be decided.
        NotSo = "not_so",
        /// The same person approved it; another one files it.
        SamePerson = "same_person",
        /// Its end has passed.
        Over = "over",
        /// A refusal needs a reason.
        NoReason = "no_reason",
        /// Too many were sent by this form.
        TooMany = "too_many",
        /// The register is full.
        Full = "full",
    }
}

/// Applications and the forms they come by.
pub(crate) trait Applications {
    /// Opens a form.
    fn open_form(&self, form: NewForm, by: By) -> Reply<()>;

    /// Closes a form.
    fn close_form(&self, id: u64, by: By) -> Reply<()>;

    /// The forms that are open, the one that closes first, first.
    fn forms(&self, now: Timestamp) -> Reply<Vec<FormRow>>;

    /// The form with this secret, while it is open.
    fn form(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<FormRow>>;

    /// Takes an application by the form with this secret, and gives its number.
    fn apply(&self, form: [u8; 32], application: NewApplication, by: By) -> Reply<Result<u64, Obstacle>>;

    /// Applications.
    fn applications(&self, filter: ApplicationFilter, paging: Paging) -> Reply<Page<ApplicationRow>>;

    /// One application.
    fn application(&self, id: u64) -> Reply<Option<Application>>;

    /// The application whose page has this secret.
    fn application_of(&self, secret_hash: [u8; 32]) -> Reply<Option<Application>>;

    /// Decides about an application. What is filed holds at once.
    fn decide_application(&self, id: u64, decision: Decision, note: String, by: By) -> Reply<Result<(), Obstacle>>;
}

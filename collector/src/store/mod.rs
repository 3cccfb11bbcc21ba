//! What the collector keeps, and the trait it is kept behind.
//!
//! One trait a subject, all of them together are [`Store`]. The traits speak whole operations, each one transaction,
//! so that a second database needs a second query module and nothing else. Whatever changes by a person's or a
//! command's will takes a [`By`] and is written into the audit trail in the same transaction.

pub(crate) mod api_tokens;
pub(crate) mod applications;
pub(crate) mod audit;
pub(crate) mod codes;
pub(crate) mod corrections;
pub(crate) mod devices;
pub(crate) mod directory;
pub(crate) mod disclosures;
pub(crate) mod erasures;
pub(crate) mod filings;
pub(crate) mod findings;
pub(crate) mod holds;
pub(crate) mod intake;
pub(crate) mod ladder;
pub(crate) mod looks;
pub(crate) mod measure;
pub(crate) mod mentions;
pub(crate) mod order;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod records;
pub(crate) mod registers;
pub(crate) mod roots;
pub(crate) mod scope;
pub(crate) mod sessions;
pub(crate) mod sqlite;
pub(crate) mod targets;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod tokens;
pub(crate) mod trends;
pub(crate) mod upkeep;
pub(crate) mod views;
pub(crate) mod walk;
pub(crate) mod work;

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

pub(crate) use api_tokens::ApiTokens;
pub(crate) use applications::Applications;
pub(crate) use audit::AuditTrail;
pub(crate) use codes::Codes;
pub(crate) use corrections::Corrections;
pub(crate) use devices::Devices;
pub(crate) use disclosures::Disclosures;
pub(crate) use erasures::Erasures;
pub(crate) use filings::Filings;
pub(crate) use findings::Findings;
pub(crate) use holds::Holds;
pub(crate) use intake::Intake;
pub(crate) use ladder::Ladder;
pub(crate) use looks::Looks;
pub(crate) use measure::Measure;
pub(crate) use mentions::Mentioned;
pub(crate) use order::{Column, Direction, Order};
pub(crate) use people::People;
pub(crate) use policies::Policies;
pub(crate) use records::Records;
pub(crate) use registers::Registers;
pub(crate) use roots::Roots;
pub(crate) use scope::Scope;
pub(crate) use sessions::Sessions;
pub(crate) use targets::Targets;
pub(crate) use tokens::Tokens;
pub(crate) use trends::Trends;
pub(crate) use upkeep::Upkeep;
pub(crate) use views::Views;
pub(crate) use walk::Walk;
pub(crate) use work::Work;

/// Everything the collector keeps.
pub(crate) trait Store:
    ApiTokens
    + Applications
    + AuditTrail
    + Codes
    + Corrections
    + Devices
    + Disclosures
    + Erasures
    + Filings
    + Findings
    + Holds
    + Intake
    + Ladder
    + Looks
    + Measure
    + Mentioned
    + People
    + Policies
    + Records
    + Registers
    + Roots
    + Sessions
    + Targets
    + Tokens
    + Trends
    + Upkeep
    + Views
    + Walk
    + Work
    + Send
    + Sync
{
}

impl<S> Store for S where
    S: ApiTokens
        + Applications
        + AuditTrail
        + Codes
        + Corrections
        + Devices
        + Disclosures
        + Erasures
        + Filings
        + Findings
        + Holds
        + Intake
        + Ladder
        + Looks
        + Measure
        + Mentioned
        + People
        + Policies
        + Records
        + Registers
        + Roots
        + Sessions
        + Targets
        + Tokens
        + Trends
        + Upkeep
        + Views
        + Walk
        + Work
        + Send
        + Sync
{
}

/// What a store answers, when it is ready. A change that is answered is on disk.
pub(crate) type Reply<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// What was named is not there.
    #[error("There is no {what} {name}")]
    NotFound {
        /// The kind of thing, such as `device`.
        what: &'static str,
        /// How it was named.
        name: String,
    },
    /// It cannot be done as things stand; a sentence for the person who asked.
    #[error("{0}")]
    Conflict(String),
    /// The database does not work, or not now.
    #[error("The database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something stored cannot be understood any more.
    #[error("The database holds something unreadable ({what}); restore it from a backup")]
    Unreadable {
        /// Where, without the data itself.
        what: String,
    },
}

impl StoreError {
    /// The named thing is not there.
    #[expect(clippy::needless_pass_by_value, reason = "ids, numbers and names are passed alike")]
    pub(crate) fn not_found(what: &'static str, name: impl ToString) -> Self {
        Self::NotFound {
            what,
            name: name.to_string(),
        }
    }
}

/// Who changes something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct By {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

impl By {
    /// The command line, at this moment.
    pub(crate) fn command_line() -> Self {
        Self::now(Actor::CommandLine)
    }

    /// The collector itself, at this moment.
    pub(crate) fn collector() -> Self {
        Self::now(Actor::Collector)
    }

    /// A user of the console, at this moment.
    pub(crate) fn user(name: impl Into<String>) -> Self {
        Self::now(Actor::User(name.into()))
    }

    /// `actor` at this moment.
    pub(crate) fn now(actor: Actor) -> Self {
        Self {
            actor,
            at: Timestamp::now(),
        }
    }
}

/// Who does something at the collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Somebody with access to the collector's machine.
    CommandLine,
    /// The collector, of itself.
    Collector,
    /// A device.
    Device(DeviceId),
    /// An employee at a form, who has not logged in.
    Applicant,
    /// A user of the console, by name.
    User(String),
    /// A program at the HTTP API, by its token's name.
    ApiToken(String),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Collector => f.write_str("collector"),
            Self::Applicant => f.write_str("applicant"),
            Self::Device(id) => write!(f, "device {id}"),
            Self::User(name) => write!(f, "user {name}"),
            Self::ApiToken(name) => write!(f, "token {name}"),
        }
    }
}

/// Text that names nobody who acts at a collector.
#[derive(Debug, thiserror::Error)]
#[error("no actor")]
pub(crate) struct NoActor;

impl FromStr for Actor {
    type Err = NoActor;

    fn from_str(text: &str) -> Result<Self, NoActor> {
        match (text, text.split_once(' ')) {
            ("command line", _) => Ok(Self::CommandLine),
            ("applicant", _) => Ok(Self::Applicant),
            ("collector", _) => Ok(Self::Collector),
            (_, Some(("device", id))) => id.parse().map(Self::Device).map_err(|_| NoActor),
            (_, Some(("user", name))) => Ok(Self::User(name.to_owned())),
            (_, Some(("token", name))) => Ok(Self::ApiToken(name.to_owned())),
            _ => Err(NoActor),
        }
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// How many rows to skip.
    pub offset: u64,
    /// The most rows to give.
    pub limit: u32,
}

impl Paging {
    /// The first `limit` rows.
    pub(crate) const fn first(limit: u32) -> Self {
        Self { offset: 0, limit }
    }

    /// The part after this one.
    pub(crate) fn next(self) -> Self {
        Self {
            offset: self.offset + u64::from(self.limit),
            limit: self.limit,
        }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The rows of this part.
    pub rows: Vec<T>,
    /// How many rows the whole list has.
    pub total: u64,
}

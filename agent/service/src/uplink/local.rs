//! What the uplink needs of the rest of the service.

use fileward_protocol::bundle::Bundle;
use fileward_protocol::chain::Head;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::health::Health;
use fileward_protocol::ids::LedgerId;
use fileward_protocol::report::{Decision, Request};
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::trouble::Trouble;

/// The ledger and its outbox, as the uplink sees them.
pub(crate) trait Local: Send + Sync {
    /// The ledger's id.
    fn ledger(&self) -> LedgerId;

    /// The last head the collector confirmed; `None` in a ledger that is new or rebuilt.
    fn head(&self) -> anyhow::Result<Option<Head>>;

    /// Goes on numbering from here: the collector's answer to a ledger that does not know its head.
    fn adopt(&self, head: Head) -> anyhow::Result<()>;

    /// Goes back to an earlier confirmed head, because the collector lost what follows, so that [`Self::next`] sends
    /// it again from the journal. Returns `false` where the journal does not reach back; nothing is changed then.
    fn rewind(&self, head: Head) -> anyhow::Result<bool>;

    /// The reports that follow the head. They are numbered, chained and kept in the journal in one transaction:
    /// asking again gives the same bytes.
    fn next(&self, max_reports: usize, max_bytes: usize) -> anyhow::Result<Vec<Box<RawValue>>>;

    /// A request is about to leave: what it tells of the PC itself is kept in the journal first, as reports are, so
    /// that nothing is sent which the employee cannot see.
    fn tells(&self, request: &Request) -> anyhow::Result<()>;

    /// Everything up to `head` is stored at the collector for good.
    fn acked(&self, head: Head) -> anyhow::Result<()>;

    /// How the agent is.
    fn health(&self) -> anyhow::Result<Health>;

    /// The id of the last decision applied.
    fn decisions_after(&self) -> anyhow::Result<u64>;

    /// Applies what the company decided.
    fn decided(&self, decisions: &[Decision]) -> anyhow::Result<()>;

    /// The id of the last disclosure kept.
    fn disclosures_after(&self) -> anyhow::Result<u64>;

    /// Keeps what the company did besides.
    fn disclosed(&self, disclosures: &[Disclosure]) -> anyhow::Result<()>;

    /// A newer, verified policy is in force.
    fn policy(&self, bundle: Bundle) -> anyhow::Result<()>;

    /// How the contact to the collector is, for `status`.
    fn contact(&self, contact: Contact);
}

/// How the contact to the collector is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "the last contact is called so in the status, too"
)]
pub(crate) struct Contact {
    /// The device's standing, as last told.
    pub(crate) binding: Binding,
    /// When the collector last answered, by the corrected clock.
    pub(crate) last_contact: Option<Timestamp>,
    /// What is wrong; `None` when nothing is.
    pub(crate) trouble: Option<Trouble>,
    /// How far this PC's clock is ahead, in milliseconds.
    pub(crate) clock_offset_ms: i64,
}

//! Enrolment tokens, and the enrolment that uses them up.

use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;

use super::{By, Reply};

/// An enrolment token to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewToken {
    /// The hash of its secret; see [`crate::secret::Secret::hash`].
    pub secret_hash: [u8; 32],
    /// Until when it works.
    pub until: Timestamp,
    /// How many devices may use it.
    pub uses: u32,
    /// Whether devices that use it are approved at once.
    pub auto_approve: bool,
    /// The group they are put into.
    pub group: Option<String>,
}

/// A device that wants to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enrolment {
    /// The hash of the token's secret.
    pub secret_hash: [u8; 32],
    /// The hash of the device's public key.
    pub key_hash: [u8; 32],
    /// Who asks.
    pub fingerprint: Fingerprint,
    /// The serial of the CA roots in the answer.
    pub roots_serial: u64,
    /// When.
    pub now: Timestamp,
}

/// How an enrolment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enrolled {
    /// The device has this id and standing.
    Yes(DeviceId, Binding),
    /// Nobody made this token.
    TokenUnknown,
    /// The token is too old.
    TokenExpired,
    /// The token has been used as often as it may be.
    TokenUsedUp,
}

/// Enrolment tokens.
pub(crate) trait Tokens {
    /// Keeps a token.
    fn add_token(&self, token: NewToken, by: By) -> Reply<()>;

    /// Whether a token with this secret was ever made and is still kept.
    fn knows_token(&self, secret_hash: [u8; 32]) -> Reply<bool>;

    /// Enrols a device. Asking again with the same key and token gives the same device and uses up nothing, so that
    /// an answer lost on the way does no harm.
    fn enrol(&self, enrolment: Enrolment) -> Reply<Enrolled>;
}

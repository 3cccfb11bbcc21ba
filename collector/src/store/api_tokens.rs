//! Tokens with which other programs use the HTTP API. Only their hashes are kept.

use jiff::Timestamp;

use super::{By, Reply};

fileward_protocol::words! {
    /// What a token lets a program do.
    pub(crate) enum Scope {
        /// Read findings with their history.
        FindingsRead = "findings:read",
        /// Decide about findings.
        FindingsDecide = "findings:decide",
        /// Read devices.
        DevicesRead = "devices:read",
        /// Read the policy.
        PolicyRead = "policy:read",
        /// Read what has been filed and registered.
        RegistersRead = "registers:read",
        /// Read the audit trail.
        AuditRead = "audit:read",
        /// Keep the users of the console and their groups, by SCIM.
        Directory = "directory",
    }
}

/// A token to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewApiToken {
    /// The hash of its secret; see [`crate::secret::hash`].
    pub secret_hash: [u8; 32],
    /// What it is called; the audit trail names what is done with it by this.
    pub name: String,
    /// What it lets a program do.
    pub scopes: Vec<Scope>,
    /// Until when it works.
    pub until: Timestamp,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiTokenRow {
    /// What it is called.
    pub name: String,
    /// What it lets a program do.
    pub scopes: Vec<Scope>,
    /// Until when it works.
    pub until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, in words.
    pub created_by: String,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

/// Tokens of the HTTP API.
pub(crate) trait ApiTokens {
    /// Keeps a token.
    fn add_api_token(&self, token: NewApiToken, by: By) -> Reply<()>;

    /// Every token, by name.
    fn api_tokens(&self) -> Reply<Vec<ApiTokenRow>>;

    /// Revokes a token: it works no more, and its name is free.
    fn revoke_api_token(&self, name: String, by: By) -> Reply<()>;

    /// The token with this secret, if it works at `now`.
    fn api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<ApiTokenRow>>;

    /// Notes that a token was used.
    fn note_api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<()>;
}

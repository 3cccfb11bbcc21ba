//! The second step of a log-in: what codes are made from, which were used, and the recovery codes.

use super::people::UserId;
use super::{By, Reply};

/// What a user's codes are made from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CodeRow {
    /// The secret, sealed; see [`crate::seal`].
    pub sealed: Vec<u8>,
    /// Whether it is asked for at log-in.
    pub confirmed: bool,
}

/// Codes.
pub(crate) trait Codes {
    /// Keeps a sealed secret that is still to be confirmed. Refuses while a confirmed one is in use.
    fn begin_code(&self, id: UserId, sealed: Vec<u8>) -> Reply<()>;

    /// What the user's codes are made from.
    fn code(&self, id: UserId) -> Reply<Option<CodeRow>>;

    /// From this code on, codes are asked for; these are the hashes of the recovery codes.
    fn confirm_code(&self, id: UserId, step: u64, recovery: Vec<[u8; 32]>, by: By) -> Reply<()>;

    /// Takes the code of a time step; false when it, or a later one, was taken before.
    fn take_code(&self, id: UserId, step: u64) -> Reply<bool>;

    /// Takes a recovery code; false when there is none with this hash.
    fn take_recovery_code(&self, id: UserId, hash: [u8; 32], by: By) -> Reply<bool>;

    /// Forgets secret and recovery codes: the password alone is enough again.
    fn forget_code(&self, id: UserId, by: By) -> Reply<()>;
}

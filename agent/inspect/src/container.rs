//! Formats that hold others: how to find what is inside, and whether it is encrypted.

pub(crate) mod compound;
pub(crate) mod rar;
pub(crate) mod sealed;
pub(crate) mod sevenzip;
pub(crate) mod zip;

use fileward_protocol::vocabulary::EncryptionState;

/// How many files of an archive are encrypted. Folders and empty files hold nothing that could be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    encrypted: u64,
    plain: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, is_encrypted: bool) {
        if is_encrypted {
            self.encrypted += 1;
        } else {
            self.plain += 1;
        }
    }

    /// The state of the whole; `None` when nothing is encrypted.
    pub(crate) fn state(self) -> Option<EncryptionState> {
        match (self.encrypted, self.plain) {
            (0, _) => None,
            (_, 0) => Some(EncryptionState::Encrypted),
            _ => Some(EncryptionState::Partly),
        }
    }
}

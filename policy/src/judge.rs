//! The decision: what the policy says of a file.

use crate::effective::Effective;
use crate::subject::{Protection, Subject};
use crate::verdict::{Verdict, Violation};

/// Says what `policy` says of a file.
pub fn judge(_policy: &Effective, _subject: &Subject<'_>) -> Verdict {
    unreachable!("written with the policy crate")
}

/// Says whether a store breaks `store_unprotected`.
pub fn judge_store(_policy: &Effective, _require_encryption: bool, _protection: &Protection) -> Option<Violation> {
    None
}

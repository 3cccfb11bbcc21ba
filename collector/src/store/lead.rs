//! Several collectors may share a database. What must not be done twice, such as telling other systems, one of them does.

use super::Reply;

/// Leading.
pub(crate) trait Lead {
    /// Whether this collector is the one. It stays the one until it ends or loses the database; then another takes its
    /// place as soon as it asks.
    fn leads(&self) -> Reply<bool>;
}

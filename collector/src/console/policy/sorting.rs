//! By what versions of the policy are ordered; all of them are here.

use crate::store::policies::PolicyRow;
use crate::store::{Column, Direction, Order};

fileward_protocol::words! {
    /// By what versions can be ordered; what is alike goes from the newest.
    #[derive(Default)]
    pub(super) enum VersionSort {
        /// By number.
        #[default]
        Version = "version",
        /// By when it was published.
        Published = "published",
        /// By who published it.
        By = "by",
    }
}

impl Column for VersionSort {
    fn usual(self) -> Direction {
        match self {
            Self::Version | Self::Published => Direction::Descending,
            Self::By => Direction::Ascending,
        }
    }
}

/// Versions in an order.
pub(super) fn sorted(versions: &[PolicyRow], order: Order<VersionSort>) -> Vec<&PolicyRow> {
    let mut sorted: Vec<_> = versions.iter().collect();
    sorted.sort_by_key(|row| std::cmp::Reverse(row.version));
    sorted.sort_by(|one, other| {
        order.direction.of(match order.by {
            VersionSort::Version => one.version.cmp(&other.version),
            VersionSort::Published => one.published_at.cmp(&other.published_at),
            VersionSort::By => one.published_by.cmp(&other.published_by),
        })
    });
    sorted
}

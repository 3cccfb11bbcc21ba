//! By what integrations are ordered; there are few of them, so that it is done here.

use crate::store::people::folded;
use crate::store::targets::TargetRow;
use crate::store::{Column, Direction, Order};

fileward_protocol::words! {
    /// By what integrations can be ordered; what is alike goes by name.
    #[derive(Default)]
    pub(super) enum TargetSort {
        /// By name.
        #[default]
        Name = "name",
        /// By kind.
        Kind = "kind",
        /// By when it last took something.
        LastTaken = "last_taken",
        /// By how much it took.
        Taken = "taken",
        /// By how much waits.
        Waiting = "waiting",
        /// By how much it refused.
        Refused = "refused",
    }
}

impl Column for TargetSort {
    fn usual(self) -> Direction {
        match self {
            Self::Name | Self::Kind => Direction::Ascending,
            Self::LastTaken | Self::Taken | Self::Waiting | Self::Refused => Direction::Descending,
        }
    }
}

/// Puts integrations into an order.
pub(super) fn sort(rows: &mut [TargetRow], order: Order<TargetSort>) {
    rows.sort_by_cached_key(|row| folded(&row.target.name));
    rows.sort_by(|one, other| {
        order.direction.of(match order.by {
            TargetSort::Name => folded(&one.target.name).cmp(&folded(&other.target.name)),
            TargetSort::Kind => one.target.kind.cmp(&other.target.kind),
            TargetSort::LastTaken => one.taken_at.cmp(&other.taken_at),
            TargetSort::Taken => one.taken.cmp(&other.taken),
            TargetSort::Waiting => one.waiting.cmp(&other.waiting),
            TargetSort::Refused => one.failed.cmp(&other.failed),
        })
    });
}

//! By what people are ordered; there are few of them, so that it is done here.

use crate::store::people::{UserRow, folded};
use crate::store::{Column, Direction, Order};

fileward_protocol::words! {
    /// By what users can be ordered; what is alike goes by name.
    #[derive(Default)]
    pub(super) enum UserSort {
        /// By name.
        #[default]
        Name = "name",
        /// By role.
        Role = "role",
        /// By groups.
        Groups = "groups",
        /// By when they last logged in.
        LastLogIn = "last_log_in",
    }
}

impl Column for UserSort {
    fn usual(self) -> Direction {
        match self {
            Self::LastLogIn => Direction::Descending,
            Self::Name | Self::Role | Self::Groups => Direction::Ascending,
        }
    }
}

/// Puts users into an order.
pub(super) fn sort(users: &mut [UserRow], order: Order<UserSort>) {
    users.sort_by_cached_key(|user| folded(&user.name));
    users.sort_by(|one, other| {
        let compared = match order.by {
            UserSort::Name => folded(&one.name).cmp(&folded(&other.name)),
            UserSort::Role => one.role.cmp(&other.role),
            UserSort::Groups => one.groups.cmp(&other.groups),
            UserSort::LastLogIn => one.last_log_in.cmp(&other.last_log_in),
        };
        order.direction.of(compared)
    });
}

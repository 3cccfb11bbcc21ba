//! In which order a list is wanted: by one of the columns that it has, never by what stands in a query.

use std::cmp::Ordering;

fileward_protocol::words! {
    /// Which way a list goes.
    pub(crate) enum Direction {
        /// From the first name, the earliest, the least.
        Ascending = "ascending",
        /// From the last name, the latest, the most.
        Descending = "descending",
    }
}

impl Direction {
    /// The other way.
    pub(crate) const fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// Turns a comparison of what goes up into one that goes this way.
    pub(crate) const fn of(self, compared: Ordering) -> Ordering {
        match self {
            Self::Ascending => compared,
            Self::Descending => compared.reverse(),
        }
    }
}

/// What lists of one kind can be ordered by. The default is how they are shown to whoever asks for nothing.
pub(crate) trait Column: Copy + Default {
    /// The way people look for first: names from the first, times from the latest, what is bad from the worst.
    fn usual(self) -> Direction;
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order<C> {
    /// By what.
    pub by: C,
    /// Which way.
    pub direction: Direction,
}

impl<C> Order<C> {
    /// By this column, from the first.
    pub(crate) const fn ascending(by: C) -> Self {
        Self {
            by,
            direction: Direction::Ascending,
        }
    }
}

impl<C: Column> Order<C> {
    /// By this column, the way people look for first.
    pub(crate) fn usual(by: C) -> Self {
        Self {
            by,
            direction: by.usual(),
        }
    }

    /// The same turned round.
    pub(crate) fn turned(self) -> Self {
        Self {
            direction: self.direction.turned(),
            ..self
        }
    }
}

impl<C: Column> Default for Order<C> {
    fn default() -> Self {
        Self::usual(C::default())
    }
}

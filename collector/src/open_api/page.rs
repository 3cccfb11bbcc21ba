//! Pages of lists.

use serde::Serialize;

use super::query::Cursor;
use crate::store::walk::Stretch;

/// A page: the rows of one step that are wanted, and from where to go on.
#[derive(Serialize)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page of a walk's step.
    pub(super) fn of<R>(stretch: Stretch<R>, is_wanted: impl Fn(&R) -> bool) -> Self
    where
        T: From<R>,
    {
        Self {
            next: stretch.on.map(Cursor),
            items: stretch.rows.into_iter().filter(is_wanted).map(T::from).collect(),
        }
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

//! Saved views: filters of a list to which a user of the console gave a name. A view is a filter and no more: whoever
//! opens one sees of it what they may see anyway.

use super::people::UserId;
use super::{By, Reply};

/// The most views of one user.
pub(crate) const MOST_VIEWS: u64 = 30;

/// The most views that are shared, of all users together.
pub(crate) const MOST_SHARED: u64 = 30;

/// The longest filter, in bytes.
pub(crate) const LONGEST_QUERY: usize = 1000;

fileward_protocol::words! {
    /// A list of which views are saved.
    pub(crate) enum Listed {
        /// Findings.
        Findings = "findings",
        /// Devices.
        Devices = "devices",
    }
}

fileward_protocol::words! {
    /// Who sees a view.
    pub(crate) enum Audience {
        /// Whoever saved it.
        Owner = "owner",
        /// Everybody who sees the list.
        Everybody = "everybody",
    }
}

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ViewRow {
    /// Its number.
    pub id: u64,
    /// Who saved it.
    pub owner: UserId,
    /// Of which list.
    pub list: Listed,
    /// Its name.
    pub name: String,
    /// The filter, as it stands in the list's address.
    pub query: String,
    /// Who sees it.
    pub audience: Audience,
}

/// A view to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewView {
    /// Whose.
    pub owner: UserId,
    /// Of which list.
    pub list: Listed,
    /// Its name.
    pub name: String,
    /// The filter, as it stands in the list's address.
    pub query: String,
}

/// Whether a view is kept as it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is.
    Yes,
    /// There are as many as there may be.
    TooMany,
}

/// Saved views.
pub(crate) trait Views {
    /// The views of a list that this user sees: their own, and those shared with everybody; by name.
    fn views(&self, user: UserId, list: Listed) -> Reply<Vec<ViewRow>>;

    /// One view.
    fn view(&self, id: u64) -> Reply<Option<ViewRow>>;

    /// Saves a view. One of the same list and name of this user gets the filter.
    fn save_view(&self, view: NewView, by: By) -> Reply<Kept>;

    /// Lets others see a view, or not.
    fn share_view(&self, id: u64, audience: Audience, by: By) -> Reply<Kept>;

    /// Deletes a view.
    fn delete_view(&self, id: u64, by: By) -> Reply<()>;
}

//! Whose applications somebody may see and decide about.

use crate::console::visitor::Visitor;
use crate::store::Scope;
use crate::store::applications::ApplicationRow;

/// The groups whose applications a visitor may see; `None` for all.
pub(super) fn groups(visitor: &Visitor) -> Option<Vec<String>> {
    match visitor.scope() {
        Scope::Everything => None,
        Scope::Groups(groups) => Some(groups),
    }
}

/// Whether an application is one of them.
pub(super) fn holds(groups: Option<&[String]>, row: &ApplicationRow) -> bool {
    groups.is_none_or(|groups| groups.contains(&row.group))
}

//! Whose applications somebody may see and decide about.

use crate::console::visitor::Visitor;
use crate::store::applications::ApplicationRow;
use crate::store::people::Role;

/// The groups whose applications a visitor may see; `None` for all. The groups of a head of department belong here: as long
/// as a head has none, they see nothing.
pub(super) fn groups(visitor: &Visitor) -> Option<Vec<String>> {
    match visitor.user.role {
        Role::HeadOfDepartment => Some(Vec::new()),
        _ => None,
    }
}

/// Whether an application is one of them.
pub(super) fn holds(groups: Option<&[String]>, row: &ApplicationRow) -> bool {
    groups.is_none_or(|groups| groups.contains(&row.group))
}

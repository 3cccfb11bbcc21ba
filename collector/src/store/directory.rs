//! The company's directory of people, and what has to be done so that the users are those it names.

use std::collections::HashMap;

use super::StoreError;
use super::people::{Role, UserRow, folded};

/// A person as the directory has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name to log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their groups, in order.
    pub groups: Vec<String>,
    /// Whether they may not log in.
    pub disabled: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Who was added.
    pub added: Vec<String>,
    /// Who was changed.
    pub changed: Vec<String>,
    /// How many were as the directory has them.
    pub unchanged: usize,
    /// Who may log in and is not in the directory.
    pub missing: Vec<String>,
}

/// What has to be done.
pub(super) struct Plan<'a> {
    /// People to be added.
    pub add: Vec<&'a Person>,
    /// Users to be changed.
    pub change: Vec<(&'a UserRow, &'a Person)>,
    /// How many need nothing.
    pub unchanged: usize,
    /// Users who may log in and are not in the directory.
    pub missing: Vec<&'a UserRow>,
}

impl Plan<'_> {
    /// The plan in names.
    pub(super) fn told(&self) -> Imported {
        Imported {
            added: self.add.iter().map(|person| person.name.clone()).collect(),
            changed: self.change.iter().map(|(user, _)| user.name.clone()).collect(),
            unchanged: self.unchanged,
            missing: self.missing.iter().map(|user| user.name.clone()).collect(),
        }
    }
}

/// What an import would do.
///
/// # Errors
/// If no administrator could log in any more.
pub(crate) fn preview(users: &[UserRow], people: &[Person], disable_missing: bool) -> Result<Imported, StoreError> {
    plan(users, people, disable_missing).map(|plan| plan.told())
}

/// Compares users with the directory. Names in `people` differ by more than case.
pub(super) fn plan<'a>(
    users: &'a [UserRow],
    people: &'a [Person],
    disable_missing: bool,
) -> Result<Plan<'a>, StoreError> {
    let mut known: HashMap<String, &UserRow> = users.iter().map(|user| (folded(&user.name), user)).collect();
    let mut plan = Plan {
        add: Vec::new(),
        change: Vec::new(),
        unchanged: 0,
        missing: Vec::new(),
    };
    for person in people {
        match known.remove(&folded(&person.name)) {
            None => plan.add.push(person),
            Some(user) if is(user, person) => plan.unchanged += 1,
            Some(user) => plan.change.push((user, person)),
        }
    }
    plan.missing = users
        .iter()
        .filter(|user| !user.disabled && known.contains_key(&folded(&user.name)))
        .collect();
    let runs = |role: Role, disabled: bool| role == Role::Administrator && !disabled;
    let before = users.iter().any(|user| runs(user.role, user.disabled));
    let after = people.iter().any(|person| runs(person.role, person.disabled))
        || (!disable_missing && plan.missing.iter().any(|user| user.role == Role::Administrator));
    if before && !after {
        return Err(StoreError::Conflict(
            "No administrator could log in after this import; nothing was changed".to_owned(),
        ));
    }
    Ok(plan)
}

fn is(user: &UserRow, person: &Person) -> bool {
    user.role == person.role && user.groups == person.groups && user.disabled == person.disabled
}

//! Which role may do what, in one table.

use crate::store::people::Role;

/// Something a visitor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// See the overview.
    Overview,
    /// See devices, their fingerprints and their places.
    Devices,
    /// Approve, suspend and retire devices.
    Bind,
    /// See findings.
    Findings,
    /// Acknowledge findings, comment on them, judge what employees answer.
    Work,
    /// Decide about findings.
    Decide,
    /// Change the ladder.
    Ladder,
    /// See applications: a head of department those of their groups alone.
    Applications,
    /// Approve applications as head of department.
    Approve,
    /// Keep the registers: see account ids, file, end, import and export, open forms.
    Register,
    /// Read policies.
    Policy,
    /// Write, try and publish policies.
    Publish,
    /// Read the audit trail.
    Trail,
    /// Give out what is kept of a person, write down and decide corrections.
    Requests,
    /// Delete devices and users for good.
    Erase,
    /// Add users and change what they may do.
    People,
}

impl Right {
    #[cfg(test)]
    pub(super) const ALL: &'static [Self] = &[
        Self::Overview,
        Self::Devices,
        Self::Bind,
        Self::Findings,
        Self::Work,
        Self::Decide,
        Self::Ladder,
        Self::Applications,
        Self::Approve,
        Self::Register,
        Self::Policy,
        Self::Publish,
        Self::Trail,
        Self::Requests,
        Self::Erase,
        Self::People,
    ];
}

/// Whether a role has a right. What a head of department sees is of their own groups alone, whatever the right.
pub(super) const fn may(role: Role, right: Right) -> bool {
    match role {
        Role::Administrator => true,
        Role::SecurityOfficer => !matches!(right, Right::Approve | Right::Trail | Right::Erase | Right::People),
        Role::ItOperator => matches!(right, Right::Devices | Right::Bind | Right::Policy),
        Role::Auditor => matches!(right, Right::Trail),
        Role::HeadOfDepartment => matches!(
            right,
            Right::Overview | Right::Devices | Right::Findings | Right::Work | Right::Applications | Right::Approve
        ),
    }
}

/// The page a role sees first.
pub(super) const fn home(role: Role) -> &'static str {
    match role {
        Role::Administrator | Role::SecurityOfficer | Role::HeadOfDepartment => "/",
        Role::ItOperator => "/devices",
        Role::Auditor => "/audit",
    }
}

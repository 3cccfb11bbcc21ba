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
    /// Read policies.
    Policy,
    /// Write, try and publish policies.
    Publish,
    /// Read the audit trail.
    Trail,
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
        Self::Policy,
        Self::Publish,
        Self::Trail,
    ];
}

/// Whether a role has a right. Heads of department get theirs when people are assigned to groups.
pub(super) const fn may(role: Role, right: Right) -> bool {
    match role {
        Role::Administrator => true,
        Role::SecurityOfficer => !matches!(right, Right::Trail),
        Role::ItOperator => matches!(right, Right::Devices | Right::Bind | Right::Policy),
        Role::Auditor => matches!(right, Right::Trail),
        Role::HeadOfDepartment => false,
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

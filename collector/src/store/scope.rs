//! Which devices somebody may see, and with them their findings, places and reports.

/// What somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All devices.
    Everything,
    /// Devices in these groups. Without groups that is none.
    Groups(Vec<String>),
}

impl Scope {
    /// Whether a device in this group is a part of it.
    pub(crate) fn holds(&self, group: Option<&str>) -> bool {
        match self {
            Self::Everything => true,
            Self::Groups(groups) => group.is_some_and(|group| groups.iter().any(|own| own == group)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_groups_hold_nothing_not_even_devices_without_one() {
        assert!(Scope::Everything.holds(None));
        let none = Scope::Groups(Vec::new());
        assert!(!none.holds(None) && !none.holds(Some("sales")));
        let sales = Scope::Groups(vec!["sales".to_owned()]);
        assert!(sales.holds(Some("sales")) && !sales.holds(Some("Sales")) && !sales.holds(None));
    }
}

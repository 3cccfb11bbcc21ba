//! What is known of one sign of a file under another policy: that it is there, that it is not, or neither.

use std::collections::BTreeSet;

/// What is known of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It is there.
    Yes,
    /// It is not.
    No,
    /// It can be either.
    Unknown,
}

/// Which way what is unknown is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// As if it were not there.
    Least,
    /// As if it were.
    Most,
}

impl Known {
    /// It is there, or it is not.
    pub(super) const fn from(there: bool) -> Self {
        if there { Self::Yes } else { Self::No }
    }

    /// Whether it is taken to be there.
    pub(super) fn at(self, bound: Bound) -> bool {
        self == Self::Yes || (self == Self::Unknown && bound == Bound::Most)
    }

    /// One of a list of words that a policy looks for: what was found by the former list, carried over to the next.
    pub(super) fn carried(found: bool, former: &BTreeSet<&str>, next: &BTreeSet<&str>) -> Self {
        if next.is_empty() {
            return Self::No;
        }
        match found {
            true if former.is_subset(next) => Self::Yes,
            false if next.is_subset(former) => Self::No,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_list_still_finds_what_was_found_and_a_shorter_one_finds_no_more() {
        let (short, long) = (BTreeSet::from(["a"]), BTreeSet::from(["a", "b"]));
        let other = BTreeSet::from(["c"]);
        for (found, former, next, known) in [
            (true, &short, &long, Known::Yes),
            (true, &long, &short, Known::Unknown),
            (false, &long, &short, Known::No),
            (false, &short, &long, Known::Unknown),
            (true, &short, &other, Known::Unknown),
            (true, &short, &BTreeSet::new(), Known::No),
            (true, &short, &short, Known::Yes),
            (false, &short, &short, Known::No),
        ] {
            assert_eq!(
                Known::carried(found, former, next),
                known,
                "{found} {former:?} {next:?}"
            );
        }
    }
}

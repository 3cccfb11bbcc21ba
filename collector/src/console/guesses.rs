//! Failed log-ins, and how long whoever made them has to wait.
//!
//! Three things are counted. A *name*: that is in the store for users, here for names that nobody has, so that the two
//! do not differ. An *address*: whoever guesses many names from one place. A *known browser*: somebody who has logged in
//! from a browser before carries a mark in it, is not held up by what strangers do to their name or from their address,
//! and is counted on their own. So nobody can keep anybody out for good.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Failed log-ins with one name, or from one known browser, before there is a wait.
const FREE: u32 = 5;

/// The same from one address: many people may share it.
const FREE_OF_ADDRESS: u32 = 20;

/// The longest wait of a name.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// The longest wait of an address.
const LONGEST_OF_ADDRESS: SignedDuration = SignedDuration::from_mins(5);

/// How long after the last failure everything is forgotten.
const MEMORY: SignedDuration = SignedDuration::from_hours(1);

/// The most that is remembered at the same time.
pub(super) const MOST: usize = 20_000;

/// What failures are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Counted {
    /// A name that no user has, as a hash.
    Name([u8; 32]),
    /// An address; of IPv6 the first half, since one customer has all of it.
    Address(IpAddr),
    /// A known browser.
    Browser([u8; 16]),
}

impl Counted {
    /// A name that no user has.
    pub(super) fn name(folded: &str) -> Self {
        Self::Name(*blake3::hash(folded.as_bytes()).as_bytes())
    }

    /// The address of a peer.
    pub(super) fn address(address: IpAddr) -> Self {
        Self::Address(match address {
            IpAddr::V6(address) if address.to_ipv4_mapped().is_none() => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address.to_canonical(),
        })
    }

    fn wait(self, failures: u32) -> Option<SignedDuration> {
        match self {
            Self::Name(_) | Self::Browser(_) => wait(failures),
            Self::Address(_) => failures
                .checked_sub(FREE_OF_ADDRESS)
                .map(|over| growing(over, LONGEST_OF_ADDRESS)),
        }
    }
}

/// How long a name waits after so many failures in a row: 30 seconds, doubling, at most 15 minutes.
pub(super) fn wait(failures: u32) -> Option<SignedDuration> {
    failures.checked_sub(FREE).map(|over| growing(over, LONGEST))
}

fn growing(over: u32, longest: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(30_i64 << over.min(8)).min(longest)
}

struct Count {
    failures: u32,
    last: Timestamp,
    until: Option<Timestamp>,
}

/// What is counted.
#[derive(Default)]
pub(super) struct Guesses(Mutex<HashMap<Counted, Count>>);

impl Guesses {
    /// Until when there is a wait, if there is one.
    pub(super) fn waits(&self, counted: Counted, now: Timestamp) -> Option<Timestamp> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = counts.get(&counted)?.until?;
        (until > now).then_some(until)
    }

    /// Counts a failure.
    pub(super) fn failed(&self, counted: Counted, now: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST {
            counts.retain(|_, count| count.last + MEMORY > now);
        }
        if counts.len() >= MOST {
            // So many at once are an attack; what was counted so far is worth less than the memory.
            counts.clear();
        }
        let count = counts.entry(counted).or_insert(Count {
            failures: 0,
            last: now,
            until: None,
        });
        if count.last + MEMORY <= now {
            count.failures = 0;
        }
        count.failures = count.failures.saturating_add(1);
        count.last = now;
        count.until = counted.wait(count.failures).map(|wait| now + wait);
    }

    /// Forgets the failures.
    pub(super) fn forget(&self, counted: Counted) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.remove(&counted);
    }

    /// How much is remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn a_name_waits_longer_and_longer_but_not_for_ever() {
        assert_eq!(wait(4), None);
        assert_eq!(wait(5), Some(SignedDuration::from_secs(30)));
        assert_eq!(wait(6), Some(SignedDuration::from_secs(60)));
        assert_eq!(wait(u32::MAX), Some(LONGEST));
    }

    #[test]
    fn one_address_waits_and_another_does_not_and_an_hour_later_all_is_forgotten() {
        let guesses = Guesses::default();
        let one = Counted::address("2001:db8:1:2:3:4:5:6".parse().unwrap());
        assert_eq!(one, Counted::address("2001:db8:1:2::9".parse().unwrap()));
        let other = Counted::address("192.0.2.1".parse().unwrap());
        assert_eq!(other, Counted::address("::ffff:192.0.2.1".parse().unwrap()));
        for _ in 1..FREE_OF_ADDRESS {
            guesses.failed(one, at(0));
        }
        assert_eq!(guesses.waits(one, at(0)), None);
        guesses.failed(one, at(0));
        assert_eq!(guesses.waits(one, at(0)), Some(at(30)));
        assert_eq!(guesses.waits(one, at(30)), None);
        assert_eq!(guesses.waits(other, at(0)), None);
        guesses.failed(one, at(3600));
        assert_eq!(guesses.waits(one, at(3600)), None);
    }

    #[test]
    fn however_many_guess_the_memory_is_bounded() {
        let guesses = Guesses::default();
        for number in 0..(2 * MOST as u64 + 7) {
            guesses.failed(Counted::name(&number.to_string()), at(0));
            assert!(guesses.remembered() <= MOST);
        }
    }
}

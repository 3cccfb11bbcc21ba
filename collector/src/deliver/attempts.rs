//! When to try again, and when to give up. No IO.

use std::time::Duration;

use super::Outcome;
use crate::store::targets::Settled;

/// How long to wait after the first failure; it doubles with each further one.
const FIRST: Duration = Duration::from_secs(1);

/// The longest to wait of itself.
const LONGEST: Duration = Duration::from_mins(5);

/// The longest to wait because the target asks for it.
const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// How often a target may say "later" to the same letter: about three quarters of an hour.
const MOST: u32 = 16;

/// The tries of one letter.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failures: u32,
    answered: u32,
}

/// What to do after a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is done with, one way or the other.
    Settled(Settled),
    /// To be tried again after that long; why.
    Wait(Duration, String),
}

impl Attempts {
    /// What to do after a try. `chance`, between 0 and 1, spreads those who wait for the same target.
    pub(super) fn after(&mut self, outcome: Outcome, chance: f64) -> Next {
        self.failures += 1;
        match outcome {
            Outcome::Taken => Next::Settled(Settled::Taken),
            Outcome::Refused(reason) => Next::Settled(Settled::Refused(reason)),
            Outcome::Unreached(reason) => Next::Wait(self.pause(chance), reason),
            Outcome::Later(reason, asked) => {
                self.answered += 1;
                if self.answered >= MOST {
                    return Next::Settled(Settled::Refused(format!("after {MOST} tries: {reason}")));
                }
                let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
                Next::Wait(self.pause(chance).max(asked), reason)
            }
        }
    }

    fn pause(&self, chance: f64) -> Duration {
        let doubled = FIRST.saturating_mul(1 << (self.failures - 1).min(16));
        doubled.min(LONGEST).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn later() -> Outcome {
        Outcome::Later("busy".to_owned(), None)
    }

    #[test]
    fn a_target_that_cannot_be_reached_is_never_given_up() {
        let mut attempts = Attempts::default();
        for _ in 0..10_000 {
            let next = attempts.after(Outcome::Unreached("no route".to_owned()), 1.0);
            assert!(matches!(next, Next::Wait(wait, _) if wait <= LONGEST), "{next:?}");
        }
    }

    #[test]
    fn a_letter_that_is_put_off_again_and_again_is_given_up() {
        let mut attempts = Attempts::default();
        for _ in 1..MOST {
            assert!(matches!(attempts.after(later(), 0.5), Next::Wait(..)));
        }
        let Next::Settled(Settled::Refused(reason)) = attempts.after(later(), 0.5) else {
            panic!("given up");
        };
        assert_eq!(reason, "after 16 tries: busy");
    }

    #[test]
    fn a_target_may_ask_for_more_time_but_not_for_ever() {
        let mut attempts = Attempts::default();
        let asked = |time| Outcome::Later(String::new(), Some(time));
        let minute = Duration::from_mins(1);
        assert_eq!(attempts.after(asked(minute), 0.0), Next::Wait(minute, String::new()));
        let next = attempts.after(asked(Duration::MAX), 0.0);
        assert_eq!(next, Next::Wait(LONGEST_ASKED, String::new()));
    }

    proptest! {
        #[test]
        fn waiting_doubles_within_its_bounds(failures in 1_u32..100, chance in 0.0..1.0_f64) {
            let mut attempts = Attempts::default();
            let mut last = Duration::ZERO;
            for _ in 0..failures {
                if let Next::Wait(wait, _) = attempts.after(Outcome::Unreached(String::new()), chance) {
                    last = wait;
                }
            }
            let full = FIRST.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST);
            prop_assert!(last >= full / 2 && last <= full, "{last:?} of {full:?}");
        }
    }
}

//! When the next exchange is due. Pure: no clock, no chance and no IO of its own.

use std::time::{Duration, Instant};

use fileward_protocol::vocabulary::Binding;

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Between two exchanges when nothing happens; the policy changes it.
    pub(crate) heartbeat: Duration,
    /// Between two questions whether there is another policy, when the heartbeat is longer.
    pub(crate) ask: Duration,
    /// The same while the device waits for approval.
    pub(crate) pending: Duration,
    /// How long a wake-up waits for others to come along.
    pub(crate) gather: Duration,
    /// The first back-off after a failure; it doubles.
    pub(crate) first_retry: Duration,
    /// The longest back-off.
    pub(crate) longest_retry: Duration,
    /// Between two attempts of a device that the collector refuses, and the longest wait it can ask for.
    pub(crate) refused: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_mins(5),
            // A policy is at every PC within a minute.
            ask: Duration::from_secs(50),
            pending: Duration::from_secs(30),
            gather: Duration::from_millis(200),
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_mins(5),
            refused: Duration::from_hours(1),
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Something waits to be sent.
    Woken,
    /// The time waited for has come.
    Due,
    /// An exchange went well.
    Answered {
        /// The device's standing.
        binding: Binding,
        /// Whether more waits to be sent.
        more: bool,
    },
    /// An exchange went wrong, and may go well another time.
    Failed {
        /// How long the collector asks to wait.
        retry_after: Option<Duration>,
    },
    /// The collector wants nothing of this device until somebody acts.
    Refused,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Talk to the collector now.
    Exchange(Scope),
    /// Wait until then, or until something happens.
    WaitUntil(Instant),
}

/// How much an exchange may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Health and reports.
    Everything,
    /// Health: the device is suspended and keeps its queue.
    Health,
    /// Nothing, but whether there is another policy.
    Ask,
    /// The fingerprint alone: the device waits for approval.
    Fingerprint,
    /// Nothing: is this device still refused?
    Knock,
}

impl Scope {
    /// Whether health, and with it the head of the ledger, may be told.
    pub(crate) fn tells_health(self) -> bool {
        matches!(self, Self::Everything | Self::Health)
    }

    /// Whether the answer's decisions are taken: the ledger is asked from where on.
    pub(crate) fn takes_decisions(self) -> bool {
        self.tells_health() || self == Self::Ask
    }
}

/// Decides when the next exchange is due.
pub(crate) struct Schedule {
    pace: Pace,
    /// Gives numbers from 0 to 1, so that a thousand PCs do not come at once.
    chance: fn() -> f64,
    scope: Scope,
    due: Instant,
    /// When the next heartbeat is due; what is due before only asks.
    heartbeat_due: Instant,
    failures: u32,
    /// Whether wake-ups must not bring `due` forward.
    held: bool,
}

impl Schedule {
    /// A schedule whose first exchange is due now.
    pub(crate) fn new(pace: Pace, binding: Binding, chance: fn() -> f64, now: Instant) -> Self {
        Self {
            pace,
            chance,
            scope: scope(binding),
            due: now,
            heartbeat_due: now,
            failures: 0,
            held: false,
        }
    }

    /// Takes the heartbeat the policy asks for.
    pub(crate) fn set_heartbeat(&mut self, heartbeat: Duration) {
        self.pace.heartbeat = heartbeat.max(Duration::from_secs(1));
    }

    /// Says what to do after `event`.
    pub(crate) fn next(&mut self, event: Event, now: Instant) -> Action {
        match event {
            Event::Due => {}
            Event::Woken => {
                if self.scope == Scope::Everything && !self.held {
                    self.due = self.due.min(now + self.pace.gather);
                    self.heartbeat_due = self.heartbeat_due.min(self.due);
                }
            }
            Event::Answered { binding, more } => {
                self.failures = 0;
                self.held = false;
                self.scope = scope(binding);
                self.after_answer(more, now);
            }
            Event::Failed { retry_after } => {
                self.failures = self.failures.saturating_add(1);
                self.held = true;
                self.due = now + self.back_off(retry_after);
                self.heartbeat_due = self.heartbeat_due.min(self.due);
            }
            Event::Refused => {
                self.failures = 0;
                self.held = true;
                self.scope = Scope::Knock;
                self.due = now + self.about(self.pace.refused);
            }
        }
        if now < self.due {
            Action::WaitUntil(self.due)
        } else if now < self.heartbeat_due && matches!(self.scope, Scope::Everything | Scope::Health) {
            Action::Exchange(Scope::Ask)
        } else {
            // The answer puts it off; until then every exchange is whole.
            self.heartbeat_due = now;
            Action::Exchange(self.scope)
        }
    }

    /// Sets the next heartbeat once one was answered, and the next question before it.
    fn after_answer(&mut self, more: bool, now: Instant) {
        if more {
            (self.due, self.heartbeat_due) = (now, now);
            return;
        }
        match self.scope {
            Scope::Everything | Scope::Health => {
                if self.heartbeat_due <= now {
                    self.heartbeat_due = now + self.until_next();
                }
                self.due = self.heartbeat_due.min(now + self.about(self.pace.ask));
            }
            Scope::Ask | Scope::Fingerprint | Scope::Knock => {
                self.due = now + self.until_next();
                self.heartbeat_due = self.due;
            }
        }
    }

    /// Whether the collector refuses this device until somebody acts.
    pub(crate) fn is_refused(&self) -> bool {
        self.scope == Scope::Knock
    }

    fn until_next(&self) -> Duration {
        match self.scope {
            Scope::Everything | Scope::Health | Scope::Ask => self.about(self.pace.heartbeat),
            Scope::Fingerprint => self.about(self.pace.pending),
            Scope::Knock => self.about(self.pace.refused),
        }
    }

    /// Doubles up to the longest, with full jitter; what the collector asks for is kept, and spread a little.
    fn back_off(&self, retry_after: Option<Duration>) -> Duration {
        if let Some(asked) = retry_after {
            let asked = asked.min(self.pace.refused);
            return asked + asked.mul_f64((self.chance)() / 10.0);
        }
        let doublings = self.failures.saturating_sub(1).min(16);
        let longest = (self.pace.first_retry * 2_u32.pow(doublings)).min(self.pace.longest_retry);
        longest.mul_f64((self.chance)())
    }

    /// A tenth more or less.
    fn about(&self, duration: Duration) -> Duration {
        duration.mul_f64(0.9 + (self.chance)() / 5.0)
    }
}

fn scope(binding: Binding) -> Scope {
    match binding {
        Binding::Bound => Scope::Everything,
        Binding::Suspended => Scope::Health,
        Binding::Pending => Scope::Fingerprint,
        Binding::Retired => Scope::Knock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const FAILED: Event = Event::Failed { retry_after: None };

    fn schedule(binding: Binding, now: Instant) -> Schedule {
        Schedule::new(Pace::default(), binding, || 0.5, now)
    }

    fn answered(binding: Binding) -> Event {
        Event::Answered { binding, more: false }
    }

    /// How long to wait after `event`, or which exchange is due.
    fn after(schedule: &mut Schedule, event: Event, now: Instant) -> Result<Duration, Scope> {
        match schedule.next(event, now) {
            Action::WaitUntil(until) => Ok(until - now),
            Action::Exchange(scope) => Err(scope),
        }
    }

    #[test]
    fn the_first_exchange_is_due_at_once_and_tells_what_the_standing_allows() {
        let now = Instant::now();
        for (binding, scope) in [
            (Binding::Bound, Scope::Everything),
            (Binding::Suspended, Scope::Health),
            (Binding::Pending, Scope::Fingerprint),
            (Binding::Retired, Scope::Knock),
        ] {
            assert_eq!(schedule(binding, now).next(Event::Due, now), Action::Exchange(scope));
        }
    }

    #[test]
    fn after_an_answer_the_standing_says_when_the_next_is_due() {
        let now = Instant::now();
        for (binding, wait) in [
            (Binding::Bound, 50 * SECOND),
            (Binding::Suspended, 50 * SECOND),
            (Binding::Pending, 30 * SECOND),
            (Binding::Retired, 3600 * SECOND),
        ] {
            let mut schedule = schedule(Binding::Bound, now);
            assert_eq!(after(&mut schedule, answered(binding), now), Ok(wait));
        }
    }

    #[test]
    fn between_heartbeats_it_asks_for_another_policy_within_each_minute() {
        let mut now = Instant::now();
        for chance in [|| 0.0, || 0.5, || 1.0] {
            let mut schedule = Schedule::new(Pace::default(), Binding::Bound, chance, now);
            schedule.set_heartbeat(300 * SECOND);
            let start = now;
            let mut scopes = Vec::new();
            let mut action = schedule.next(answered(Binding::Bound), now);
            while scopes.last() != Some(&Scope::Everything) {
                let Action::WaitUntil(until) = action else {
                    panic!("it waits")
                };
                assert!(until - now <= 60 * SECOND, "{:?}", until - now);
                now = until;
                let Action::Exchange(scope) = schedule.next(Event::Due, now) else {
                    panic!("it is due")
                };
                scopes.push(scope);
                action = schedule.next(answered(Binding::Bound), now);
            }
            assert!(scopes.len() >= 5 && scopes.iter().rev().skip(1).all(|scope| *scope == Scope::Ask));
            assert!(
                (270 * SECOND..=330 * SECOND).contains(&(now - start)),
                "the heartbeat keeps its time"
            );
        }
    }

    #[test]
    fn what_waits_to_be_sent_is_no_mere_question() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        schedule.next(answered(Binding::Bound), now);
        schedule.next(Event::Woken, now + SECOND);
        assert_eq!(
            after(&mut schedule, Event::Due, now + 2 * SECOND),
            Err(Scope::Everything)
        );
        // A question that failed is followed by a whole exchange.
        schedule.next(answered(Binding::Bound), now + 2 * SECOND);
        assert_eq!(after(&mut schedule, Event::Due, now + 60 * SECOND), Err(Scope::Ask));
        schedule.next(FAILED, now + 60 * SECOND);
        assert_eq!(
            after(&mut schedule, Event::Due, now + 70 * SECOND),
            Err(Scope::Everything)
        );
    }

    #[test]
    fn while_more_waits_the_next_follows_at_once() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        let event = Event::Answered {
            binding: Binding::Bound,
            more: true,
        };
        assert_eq!(after(&mut schedule, event, now), Err(Scope::Everything));
    }

    #[test]
    fn wake_ups_gather_and_later_ones_do_not_put_it_off() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        schedule.next(answered(Binding::Bound), now);
        assert_eq!(after(&mut schedule, Event::Woken, now), Ok(Duration::from_millis(200)));
        let later = now + Duration::from_millis(150);
        assert_eq!(after(&mut schedule, Event::Woken, later), Ok(Duration::from_millis(50)));
        assert_eq!(after(&mut schedule, Event::Due, now + SECOND), Err(Scope::Everything));
    }

    #[test]
    fn who_may_not_report_is_not_woken() {
        let now = Instant::now();
        for binding in [Binding::Pending, Binding::Suspended, Binding::Retired] {
            let mut schedule = schedule(Binding::Bound, now);
            let wait = after(&mut schedule, answered(binding), now);
            assert_eq!(after(&mut schedule, Event::Woken, now), wait);
        }
    }

    #[test]
    fn back_off_doubles_with_full_jitter_up_to_five_minutes() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        let waits: Vec<f64> = (0..12)
            .map(|_| after(&mut schedule, FAILED, now).unwrap().as_secs_f64())
            .collect();
        assert_eq!(
            waits,
            [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 150.0, 150.0, 150.0]
        );
        assert_eq!(after(&mut schedule, answered(Binding::Bound), now), Ok(50 * SECOND));
        assert_eq!(after(&mut schedule, FAILED, now), Ok(SECOND / 2));
    }

    #[test]
    fn wake_ups_do_not_break_the_back_off() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        for _ in 0..8 {
            schedule.next(FAILED, now);
        }
        assert_eq!(after(&mut schedule, Event::Woken, now), Ok(64 * SECOND));
        assert_eq!(
            after(&mut schedule, Event::Due, now + 64 * SECOND),
            Err(Scope::Everything)
        );
    }

    #[test]
    fn what_the_collector_asks_for_is_kept_up_to_an_hour() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        for (asked, wait) in [(20, 21), (3600, 3780), (86_400, 3780)] {
            let event = Event::Failed {
                retry_after: Some(asked * SECOND),
            };
            assert_eq!(after(&mut schedule, event, now), Ok(wait * SECOND));
        }
    }

    #[test]
    fn a_refused_device_knocks_every_hour_until_it_is_let_in() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        assert_eq!(after(&mut schedule, Event::Refused, now), Ok(3600 * SECOND));
        assert!(schedule.is_refused());
        assert_eq!(after(&mut schedule, Event::Woken, now), Ok(3600 * SECOND));
        assert_eq!(after(&mut schedule, Event::Due, now + 3600 * SECOND), Err(Scope::Knock));
        schedule.next(FAILED, now);
        assert!(schedule.is_refused());
        schedule.next(answered(Binding::Bound), now);
        assert!(!schedule.is_refused());
    }

    #[test]
    fn the_policys_heartbeat_is_taken_but_never_below_a_second() {
        let now = Instant::now();
        let mut schedule = schedule(Binding::Bound, now);
        schedule.set_heartbeat(20 * SECOND);
        assert_eq!(after(&mut schedule, answered(Binding::Bound), now), Ok(20 * SECOND));
        schedule.set_heartbeat(Duration::ZERO);
        let later = now + 20 * SECOND;
        assert_eq!(after(&mut schedule, Event::Due, later), Err(Scope::Everything));
        assert_eq!(after(&mut schedule, answered(Binding::Bound), later), Ok(SECOND));
    }
}

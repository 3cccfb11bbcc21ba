//! What is due without a hint. Without a clock.

use std::time::{Duration, Instant};

/// How often the places are surveyed though nothing hints at a change.
const SURVEY_EVERY: Duration = Duration::from_mins(1);
/// Hints of one change are answered by one survey.
const SURVEY_AFTER: Duration = Duration::from_millis(200);
/// The least time between two surveys.
const SURVEY_REST: Duration = Duration::from_secs(2);
/// A storm that overflowed is left to calm down before everything is compared.
const RECONCILE_AFTER: Duration = Duration::from_secs(1);

/// The least time between two polls, however many files seem gone.
const POLL_REST_AT_LEAST: Duration = Duration::from_secs(2);
/// Polling rests this many times as long as a sweep took.
const POLL_REST: u32 = 20;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Survey the places.
    Survey,
    /// Compare every place with the baseline.
    Reconcile,
    /// Compare the places without events with the baseline.
    Poll,
    /// Look at the change journals.
    Journals,
}

/// The times at which something is due.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    reconcile_every: Duration,
    poll_every: Duration,
    surveyed: Instant,
    survey: Instant,
    reconcile: Instant,
    poll: Option<Instant>,
    journals: Option<Instant>,
    /// Until then polling rests.
    rest: Instant,
}

impl Schedule {
    /// Everything was done at `now`.
    pub(crate) fn new(reconcile_every: Duration, poll_every: Duration, now: Instant) -> Self {
        Self {
            reconcile_every,
            poll_every,
            surveyed: now,
            survey: now + SURVEY_EVERY,
            reconcile: now + reconcile_every,
            poll: None,
            journals: None,
            rest: now,
        }
    }

    /// Something hints at a change of the places.
    pub(crate) fn want_survey(&mut self, now: Instant) {
        self.survey = self.survey.min((now + SURVEY_AFTER).max(self.surveyed + SURVEY_REST));
    }

    /// Hints were lost.
    pub(crate) fn want_reconcile(&mut self, now: Instant) {
        self.reconcile = self.reconcile.min(now + RECONCILE_AFTER);
    }

    /// Whether there are places without events.
    pub(crate) fn polling(&mut self, polling: bool, now: Instant) {
        self.poll = polling.then(|| self.poll.unwrap_or(now + self.poll_every));
    }

    /// A file seems gone, and may have moved into a place without events.
    pub(crate) fn want_poll(&mut self, now: Instant) {
        self.poll = self.poll.map(|poll| poll.min(now.max(self.rest)));
    }

    /// A place was swept, which took so long: large ones are polled less often.
    pub(crate) fn swept(&mut self, took: Duration, now: Instant) {
        self.rest = self.rest.max(now + took * POLL_REST);
        self.poll = self.poll.map(|poll| poll.max(self.rest));
    }

    /// The change journals are to be looked at by `at`, once.
    pub(crate) fn want_journals(&mut self, at: Instant) {
        self.journals = Some(self.journals.map_or(at, |journals| journals.min(at)));
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Instant {
        let maybe = [self.poll, self.journals].into_iter().flatten();
        maybe.fold(self.survey.min(self.reconcile), Instant::min)
    }

    /// What is due by `now`; it counts as done.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Due> {
        let mut due = Vec::new();
        if self.survey <= now {
            self.surveyed = now;
            self.survey = now + SURVEY_EVERY;
            due.push(Due::Survey);
        }
        if self.reconcile <= now {
            self.reconcile = now + self.reconcile_every;
            due.push(Due::Reconcile);
        }
        if self.poll.is_some_and(|poll| poll <= now) {
            self.poll = Some(now + self.poll_every);
            self.rest = self.rest.max(now + POLL_REST_AT_LEAST);
            due.push(Due::Poll);
        }
        if self.journals.take_if(|journals| *journals <= now).is_some() {
            due.push(Due::Journals);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn run(schedule: &mut Schedule, start: Instant, until: u64) -> Vec<(u64, Due)> {
        let mut all = Vec::new();
        while schedule.next() <= start + seconds(until) {
            let now = schedule.next();
            all.extend(schedule.due(now).into_iter().map(|due| ((now - start).as_secs(), due)));
        }
        all
    }

    #[test]
    fn nothing_wakes_an_idle_service_more_often_than_the_survey() {
        let start = Instant::now();
        let mut schedule = Schedule::new(seconds(150), seconds(30), start);
        let due = run(&mut schedule, start, 180);
        assert_eq!(
            due,
            [
                (60, Due::Survey),
                (120, Due::Survey),
                (150, Due::Reconcile),
                (180, Due::Survey)
            ]
        );
    }

    #[test]
    fn places_without_events_are_polled_while_there_are_any() {
        let start = Instant::now();
        let mut schedule = Schedule::new(seconds(1_000), seconds(25), start);
        schedule.polling(true, start);
        schedule.polling(true, start + seconds(10));
        assert_eq!(run(&mut schedule, start, 55), [(25, Due::Poll), (50, Due::Poll)]);
        schedule.swept(seconds(1), start + seconds(56));
        assert_eq!(schedule.next(), start + seconds(60), "the survey");
        schedule.polling(false, start + seconds(57));
        assert_eq!(run(&mut schedule, start, 119), [(60, Due::Survey)]);
    }

    #[test]
    fn files_that_seem_gone_bring_a_poll_at_once_but_not_without_a_rest() {
        let start = Instant::now();
        let mut schedule = Schedule::new(seconds(1_000), seconds(25), start);
        schedule.want_poll(start);
        assert_eq!(run(&mut schedule, start, 59), [], "nothing is polled");
        schedule.polling(true, start);
        schedule.want_poll(start + seconds(1));
        assert_eq!(schedule.due(start + seconds(1)), [Due::Poll]);
        schedule.want_poll(start + seconds(2));
        assert_eq!(schedule.next(), start + seconds(3));
        schedule.swept(seconds(1), start + seconds(2));
        schedule.want_poll(start + seconds(4));
        assert_eq!(schedule.next(), start + seconds(22));
    }

    #[test]
    fn journals_are_looked_at_once_for_each_wish_at_the_earliest_time_wished_for() {
        let start = Instant::now();
        let mut schedule = Schedule::new(seconds(1_000), seconds(30), start);
        schedule.want_journals(start + seconds(2));
        schedule.want_journals(start + seconds(1));
        schedule.want_journals(start + seconds(3));
        assert_eq!(run(&mut schedule, start, 59), [(1, Due::Journals)]);
    }

    #[test]
    fn hints_at_places_bring_a_survey_soon_but_not_too_often() {
        let start = Instant::now();
        let mut schedule = Schedule::new(seconds(1_000), seconds(30), start);
        schedule.want_survey(start);
        assert_eq!(schedule.next(), start + SURVEY_REST);
        assert_eq!(schedule.due(start + SURVEY_REST), [Due::Survey]);
        let later = start + seconds(10);
        schedule.want_survey(later);
        schedule.want_survey(later + SURVEY_AFTER / 2);
        assert_eq!(schedule.next(), later + SURVEY_AFTER);
    }
}

//! When a user is shown a toast: what comes together is shown together, and then there is quiet for a while.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fileward_ipc::{MOST, More, ToClient};
use fileward_places::UserId;
use jiff::Timestamp;

use super::subscribers::Subscribers;
use super::view;
use crate::ledger::{Reader, Record};
use crate::pipeline::Shared;

/// A toast waits until nothing has changed for this long, but not longer than the second.
const QUIET: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(2);
/// When nothing is known to be due.
const IDLE: Duration = Duration::from_hours(1);

/// Shows toasts for as long as it is polled.
pub(super) async fn run(shared: Arc<Shared>, subscribers: Arc<Subscribers>) {
    let mut bell = shared.bell.listen();
    bell.mark_changed();
    let mut wait = IDLE;
    loop {
        if let Ok(Err(_)) = tokio::time::timeout(wait, bell.changed()).await {
            return;
        }
        let quiet = async { while let Ok(Ok(())) = tokio::time::timeout(QUIET, bell.changed()).await {} };
        // Whether it became quiet or lasted too long, it is time.
        let _ = tokio::time::timeout(LONGEST, quiet).await;
        wait = match show(&shared, &subscribers) {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!("Failed to show a notice: {error:#}");
                IDLE
            }
        };
    }
}

/// Shows each user what is new to them, unless they had a toast a short while ago; says when to look again.
fn show(shared: &Shared, subscribers: &Subscribers) -> Result<Duration> {
    let mut wait = IDLE;
    for user in subscribers.users() {
        let (findings, questions, company, last) = shared.ledger.read(|reader| {
            let (findings, _) = reader.to_notify(user, MOST)?;
            let (questions, _) = reader.questions_to_notify(user, 1)?;
            let company = reader.company_to_notify(user, 1)?;
            Ok((findings, questions, company, reader.last_toast(user)?))
        })?;
        if findings.is_empty() && questions.is_empty() && company.is_empty() {
            continue;
        }
        let now = shared.now();
        let at_most_every = shared.force().policy.notice.at_most_every;
        let left = quiet_left(last, at_most_every, now).min(before_grace_ends(&findings, now));
        if !left.is_zero() {
            wait = wait.min(left);
            continue;
        }
        shared.ledger.enter(now, |entry| {
            if subscribers.send(user, &toast(shared, &entry.reader(), user)?) {
                entry.notified(user)?;
                entry.questions_notified(user)?;
                entry.company_notified(user)?;
                entry.toasted(user)?;
            }
            Ok(())
        })?;
    }
    Ok(wait)
}

/// What is new to a user. Read in the entry that marks it as told: nothing may come between.
fn toast(shared: &Shared, reader: &Reader<'_>, user: UserId) -> Result<ToClient> {
    let (records, findings) = reader.to_notify(user, MOST)?;
    let (asked, questions) = reader.questions_to_notify(user, MOST)?;
    let records = view::decided(reader, records)?;
    let acts = reader.company_to_notify(user, MOST)?;
    let company = acts.into_iter().map(|kept| {
        let record = kept.act.finding.map(|id| reader.finding(id)).transpose()?.flatten();
        Ok(view::company_act(kept, record.as_ref()))
    });
    Ok(ToClient::Toast {
        findings: records
            .into_iter()
            .map(|(record, decision)| shared.item(&record, decision))
            .collect(),
        questions: asked.iter().map(view::question).collect(),
        more: More { findings, questions },
        company: company.collect::<Result<_>>()?,
    })
}

/// How long a user is still left in peace. A clock that was set back does not keep them waiting for ever.
fn quiet_left(last: Option<Timestamp>, at_most_every: Duration, now: Timestamp) -> Duration {
    let Some(last) = last.filter(|last| *last <= now) else {
        return Duration::ZERO;
    };
    let passed = Duration::try_from(now.duration_since(last)).unwrap_or(Duration::ZERO);
    at_most_every.saturating_sub(passed)
}

/// How long employees can still be left in peace about these and have a third of each one's grace to act.
fn before_grace_ends(records: &[Record], now: Timestamp) -> Duration {
    let graces = records.iter().filter_map(|record| record.grace());
    graces
        .map(|(began, due)| time_to_tell(began, due, now))
        .min()
        .unwrap_or(Duration::MAX)
}

/// How long it is until only a third of a grace is left.
fn time_to_tell(began: Timestamp, due: Timestamp, now: Timestamp) -> Duration {
    let third = due.duration_since(began) / 3;
    Duration::try_from(due.duration_since(now) - third).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_comes_before_the_last_third_of_a_grace() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let table = [
            // began, due, now, minutes left
            (5, 35, 5, 20),
            (5, 35, 24, 1),
            (5, 35, 25, 0),
            (5, 35, 40, 0),
            (0, 0, 0, 0),
            (0, 180, 30, 90),
            // A clock that was set back.
            (60, 90, 0, 80),
        ];
        for (began, due, now, left) in table {
            let left = Duration::from_mins(left);
            assert_eq!(time_to_tell(at(began), at(due), at(now)), left, "{began} {due} {now}");
        }
        assert!(time_to_tell(at(0), Timestamp::MAX, at(0)) > Duration::from_hours(24 * 365));
    }

    #[test]
    fn a_user_is_left_in_peace_for_the_policys_time() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let hour = Duration::from_hours(1);
        assert_eq!(quiet_left(None, hour, at(0)), Duration::ZERO);
        assert_eq!(quiet_left(Some(at(0)), hour, at(600)), Duration::from_mins(50));
        assert_eq!(quiet_left(Some(at(0)), hour, at(3600)), Duration::ZERO);
        assert_eq!(quiet_left(Some(at(9000)), hour, at(0)), Duration::ZERO);
    }
}

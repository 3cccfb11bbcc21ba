//! When a user is shown a toast: what comes together is shown together, and then there is quiet for a while.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fileward_ipc::ToClient;
use jiff::Timestamp;

use super::subscribers::Subscribers;
use super::view;
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
    let (records, asked) = shared
        .ledger
        .read(|reader| Ok((reader.to_notify()?, reader.questions_to_notify()?)))?;
    let mut wait = IDLE;
    for uid in subscribers.users() {
        let records: Vec<_> = records.iter().filter(|record| record.owner == Some(uid)).collect();
        let asked: Vec<_> = asked.iter().filter(|asked| asked.owner == Some(uid)).collect();
        if records.is_empty() && asked.is_empty() {
            continue;
        }
        let now = shared.now();
        let last = shared.ledger.read(|reader| reader.last_toast(uid))?;
        let left = quiet_left(last, shared.force().policy.notice.at_most_every, now);
        if !left.is_zero() {
            wait = wait.min(left);
            continue;
        }
        let toast = ToClient::Toast {
            findings: records.iter().map(|record| shared.item(record)).collect(),
            questions: asked.iter().map(|asked| view::question(asked)).collect(),
        };
        if subscribers.send(uid, &toast) {
            let findings: Vec<_> = records.iter().map(|record| record.finding.id).collect();
            let questions: Vec<_> = asked.iter().map(|asked| asked.id).collect();
            shared.ledger.enter(now, |entry| {
                entry.notified(&findings)?;
                entry.questions_notified(&questions)?;
                entry.toasted(uid)
            })?;
        }
    }
    Ok(wait)
}

/// How long a user is still left in peace. A clock that was set back does not keep them waiting for ever.
fn quiet_left(last: Option<Timestamp>, at_most_every: Duration, now: Timestamp) -> Duration {
    let Some(last) = last.filter(|last| *last <= now) else {
        return Duration::ZERO;
    };
    let passed = Duration::try_from(now.duration_since(last)).unwrap_or(Duration::ZERO);
    at_most_every.saturating_sub(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

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

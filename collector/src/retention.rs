//! How long what has ended is kept: as long as the policy in force says, and no longer.

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::policies;
use crate::store::upkeep::Purged;
use crate::store::{By, Store, StoreError};

/// The hour of the night, in the collector's time zone, when a running collector purges: giving back space holds up
/// reports for as long as it takes, and devices send them again.
const HOUR: i8 = 3;

/// Deletes for good what ended before the time that it gives back.
///
/// # Errors
/// If there is no policy that can be read, or the database fails.
pub(crate) async fn purge(store: &dyn Store, by: By) -> Result<(Timestamp, Purged)> {
    let policy = store
        .policy(None)
        .await?
        .ok_or_else(|| StoreError::not_found("policy", "in force"))?;
    let policy = policies::check(&policy.document, "the policy in force")?;
    let kept = policy.effective(None).report.keep_closed;
    let before = Timestamp::now().checked_sub(SignedDuration::try_from(kept)?)?;
    Ok((before, store.purge(before, by).await?))
}

/// When a collector that runs at `now` purges next.
pub(crate) fn next(now: Timestamp, zone: TimeZone) -> Timestamp {
    let now = now.to_zoned(zone);
    let at = |date: jiff::civil::Date| date.at(HOUR, 0, 0, 0).to_zoned(now.time_zone().clone());
    let nights = [now.date(), now.date().saturating_add(1.day())];
    let mut to_come = nights
        .into_iter()
        .filter_map(|date| at(date).ok())
        .filter(|night| *night > now);
    to_come.next().map_or(Timestamp::MAX, |night| night.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_purge_is_in_the_night_that_comes() {
        let next = |at: &str| next(at.parse().unwrap(), TimeZone::UTC).to_string();
        assert_eq!(next("2026-11-26T01:30:00Z"), "2026-11-26T03:00:00Z");
        assert_eq!(next("2026-11-26T03:00:00Z"), "2026-11-27T03:00:00Z");
        assert_eq!(next("2026-11-26T21:00:00Z"), "2026-11-27T03:00:00Z");
    }
}

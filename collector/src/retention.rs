//! How long what has ended is kept: as long as the policy of its group says, and no longer.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use fileward_policy::Policy;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::policies;
use crate::store::policies::PolicyRow;
use crate::store::upkeep::{Cutoffs, Purged};
use crate::store::{By, Store, StoreError};

/// The hour of the night, in the collector's time zone, when a running collector purges: giving back space holds up
/// reports for as long as it takes, and devices send them again.
const HOUR: i8 = 3;

/// Deletes for good what ended before the times that it gives back.
///
/// # Errors
/// If there is no policy that can be read, or the database fails.
pub(crate) async fn purge(store: &dyn Store, by: By) -> Result<(Cutoffs, Purged)> {
    let groups = store.kept_groups().await?;
    let before = cutoffs(&store.policies().await?, groups, Timestamp::now())?;
    Ok((before.clone(), store.purge(before, by).await?))
}

/// Until when is deleted at `now`, by the newest version that reaches each group.
fn cutoffs(versions: &[PolicyRow], groups: Vec<String>, now: Timestamp) -> Result<Cutoffs> {
    let mut read: BTreeMap<u64, Policy> = BTreeMap::new();
    let mut kept = |group: Option<&str>| -> Result<Duration> {
        let row = versions.iter().find(|row| row.reach.holds_for(group));
        let row = row.ok_or_else(|| StoreError::not_found("policy", "in force"))?;
        let policy = match read.entry(row.version) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(policies::check(
                &row.document,
                &format!("policy version {}", row.version),
            )?),
        };
        Ok(policy.effective(group).report.keep_closed)
    };
    let everybody = kept(None)?;
    let before = |kept: Duration| -> Result<Timestamp> { Ok(now.checked_sub(SignedDuration::try_from(kept)?)?) };
    let mut cutoffs = Cutoffs::from(before(everybody)?);
    for group in groups {
        let own = kept(Some(&group))?;
        if own != everybody {
            cutoffs.groups.insert(group, before(own)?);
        }
    }
    Ok(cutoffs)
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
    use crate::store::policies::Reach;

    use super::*;

    #[test]
    fn the_next_purge_is_in_the_night_that_comes() {
        let next = |at: &str| next(at.parse().unwrap(), TimeZone::UTC).to_string();
        assert_eq!(next("2026-11-26T01:30:00Z"), "2026-11-26T03:00:00Z");
        assert_eq!(next("2026-11-26T03:00:00Z"), "2026-11-27T03:00:00Z");
        assert_eq!(next("2026-11-26T21:00:00Z"), "2026-11-27T03:00:00Z");
    }

    fn version(version: u64, document: &str, groups: &[&str], ended: Option<Timestamp>) -> PolicyRow {
        PolicyRow {
            version,
            document: format!("format = 1\nstore = [{{ path = '/srv/work' }}]\n{document}"),
            published_at: Timestamp::UNIX_EPOCH,
            published_by: String::new(),
            why: String::new(),
            reach: if groups.is_empty() {
                Reach::Everybody
            } else {
                let groups = groups.iter().map(|group| (*group).to_owned()).collect();
                Reach::Trial { groups, ended }
            },
        }
    }

    /// The days that are kept: for everybody, then by group.
    fn days(versions: &[PolicyRow]) -> (i64, Vec<(String, i64)>) {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let groups = ["finance", "finance/audit", "sales", "legal"]
            .map(str::to_owned)
            .to_vec();
        let cutoffs = cutoffs(versions, groups, now).unwrap();
        let days = |before: Timestamp| now.duration_since(before).as_hours() / 24;
        let groups = cutoffs.groups.into_iter().map(|(group, before)| (group, days(before)));
        (days(cutoffs.everybody), groups.collect())
    }

    #[test]
    fn each_group_is_kept_as_long_as_the_version_that_reaches_it_says() {
        let trial = version(3, "report.keep_closed = '30d'", &["sales"], None);
        let over = version(4, "report.keep_closed = '20d'", &["legal"], Some(Timestamp::UNIX_EPOCH));
        let base = version(
            2,
            "report.keep_closed = '100d'\n[[for]]\ngroup = 'finance'\nreport.keep_closed = '400d'",
            &[],
            None,
        );
        let of = |group: &str, days| (group.to_owned(), days);
        assert_eq!(
            days(&[over, trial, base]),
            (100, vec![of("finance", 400), of("finance/audit", 400), of("sales", 30)])
        );
    }

    #[test]
    fn without_a_policy_nothing_is_deleted() {
        assert!(cutoffs(&[], Vec::new(), Timestamp::now()).is_err());
    }
}

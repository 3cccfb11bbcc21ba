//! What a policy would say of the findings that the collector holds, before it is published.
//!
//! Files that were no finding are not at the collector: there is no inventory of files, only of watched places. So a
//! simulation tells what becomes of findings, and how many places the policy begins or ceases to watch; what would be
//! found besides, nobody can tell here.

mod judged;
mod known;
mod places;
mod signs;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fileward_policy::{Effective, Policy};
use jiff::{SignedDuration, Timestamp};

pub(crate) use places::PlaceChange;
pub(crate) use tally::{Change, Counts, Example, Group, Tally};

use crate::store::findings::FindingRow;
use crate::store::registers::Filed;
use crate::store::walk::Milestone;
use crate::store::{Store, StoreError};

/// How far back findings are looked at.
pub(crate) const BACK: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Versions kept from one step to the next: devices name them, and could name any.
const FORMER: usize = 64;

/// What a simulation says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What becomes of findings.
    pub(crate) findings: Tally,
    /// Kinds of places that are watched otherwise.
    pub(crate) places: Vec<PlaceChange>,
}

/// Runs a policy over the findings of the last 30 days, step by step. `done` counts the findings judged.
///
/// # Errors
/// When the store fails.
pub(crate) async fn run(
    store: Arc<dyn Store>,
    next: Policy,
    now: Timestamp,
    done: Arc<AtomicU64>,
) -> Result<Outcome, StoreError> {
    let since = now.checked_sub(BACK).unwrap_or(Timestamp::UNIX_EPOCH);
    let places = places::changes(&*store, &next).await?;
    let mut run = Run {
        next,
        filed: store.filed().await?,
        former: BTreeMap::new(),
        tally: Tally::default(),
    };
    let mut from = Some(Milestone::default());
    while let Some(milestone) = from {
        let stretch = store.walk_findings(milestone, Some(since)).await?;
        from = stretch.on;
        let count = stretch.rows.len() as u64;
        run.fetch_former(&*store, &stretch.rows).await?;
        // Judging takes a core for a while.
        let judged = tokio::task::spawn_blocking(move || {
            for row in &stretch.rows {
                run.judge(row);
            }
            run
        });
        run = judged.await.map_err(|error| StoreError::Database(error.into()))?;
        done.fetch_add(count, Ordering::Relaxed);
    }
    Ok(Outcome {
        findings: run.tally,
        places,
    })
}

struct Run {
    next: Policy,
    filed: Filed,
    /// The policies that findings were found under; none for a version that is not there or cannot be read.
    former: BTreeMap<u64, Option<Policy>>,
    tally: Tally,
}

impl Run {
    /// Sees to it that the policies of these findings are at hand.
    async fn fetch_former(&mut self, store: &dyn Store, rows: &[FindingRow]) -> Result<(), StoreError> {
        if self.former.len() > FORMER {
            self.former.clear();
        }
        for version in rows.iter().map(|row| row.finding.policy_version) {
            if self.former.contains_key(&version) {
                continue;
            }
            let row = store.policy(Some(version)).await?;
            let policy = row.and_then(|row| Policy::parse_published(&row.document).ok());
            self.former.insert(version, policy);
        }
        Ok(())
    }

    fn judge(&mut self, row: &FindingRow) {
        let group = row.group.as_deref();
        let next = self.next.effective(group);
        let former: Option<Effective> = self
            .former
            .get(&row.finding.policy_version)
            .and_then(Option::as_ref)
            .map(|policy| policy.effective(group));
        let again = judged::again(&row.finding, former.as_ref(), &next, &self.filed);
        self.tally.add(row, again);
    }
}

//! Following one target: read what is to be told, send it, note what became of it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;

use super::attempts::{Attempts, Next};
use super::{Channel, Secrets, event};
use crate::collector::Collector;
use crate::store::targets::{Letter, Mark, Settled, Target};

/// How often to look whether there is something to tell.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The most letters that are read at once.
const READ: u32 = 500;

/// How long to wait when the store or the target's own settings fail.
const AFTER_FAULT: Duration = Duration::from_secs(30);

/// The least time between two messages of a robot: people read them, and the platforms allow no more than twenty a minute.
const BETWEEN_MESSAGES: Duration = Duration::from_mins(1);

/// Follows a target. Never ends.
pub(super) async fn follow(collector: Arc<Collector>, target: Target) {
    loop {
        if let Err(error) = begin(&collector, &target).await {
            tracing::error!("Integration {}: {error:#}", target.name);
            let _ = collector.store.set_trouble(target.id, Some(format!("{error:#}"))).await;
        }
        tokio::time::sleep(AFTER_FAULT).await;
    }
}

async fn begin(collector: &Collector, target: &Target) -> Result<()> {
    let secrets = Secrets::load(&collector.folder, target.id)?;
    let channel = Channel::new(target, secrets, &collector.settings.console_url())?;
    loop {
        let letters = collector.store.letters(target.id, READ).await?;
        if letters.is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        for part in parts(&letters, channel.together(), |letter| event::is_wanted(target, letter)) {
            deliver(collector, target, &channel, part).await?;
        }
    }
}

/// Delivers letters that go together, however long that takes.
async fn deliver(collector: &Collector, target: &Target, channel: &Channel, letters: &[Letter]) -> Result<()> {
    let (wanted, others): (Vec<&Letter>, Vec<&Letter>) =
        letters.iter().partition(|letter| event::is_wanted(target, letter));
    if !wanted.is_empty() {
        let how = send(collector, target, channel, &wanted).await?;
        let refused = match &how {
            Settled::Refused(reason) => Some(reason.clone()),
            Settled::Taken | Settled::Passed => None,
        };
        settle(collector, target, &wanted, how).await?;
        if let Some(reason) = refused {
            tracing::warn!("Integration {} refused {} letters: {reason}", target.name, wanted.len());
            collector.store.set_trouble(target.id, Some(reason)).await?;
        }
    }
    settle(collector, target, &others, Settled::Passed).await?;
    if target.kind.is_robot() && !wanted.is_empty() {
        tokio::time::sleep(BETWEEN_MESSAGES).await;
    }
    Ok(())
}

async fn settle(collector: &Collector, target: &Target, letters: &[&Letter], how: Settled) -> Result<()> {
    let marks: Vec<Mark> = letters.iter().map(|letter| letter.mark).collect();
    if !marks.is_empty() {
        collector.store.settle(target.id, marks, how, Timestamp::now()).await?;
    }
    Ok(())
}

async fn send(collector: &Collector, target: &Target, channel: &Channel, wanted: &[&Letter]) -> Result<Settled> {
    let mut attempts = Attempts::default();
    let mut noted = false;
    loop {
        let outcome = channel.send(wanted).await;
        let metrics = &collector.metrics;
        metrics.delivery(&target.name, outcome.word(), wanted.len() as u64);
        match attempts.after(outcome, chance()) {
            Next::Settled(how) => return Ok(how),
            Next::Wait(time, reason) => {
                if !noted {
                    tracing::warn!("Integration {} takes nothing: {reason}", target.name);
                    collector.store.set_trouble(target.id, Some(reason)).await?;
                    noted = true;
                }
                tokio::time::sleep(time).await;
            }
        }
    }
}

/// Parts in which at most `together` letters are wanted.
fn parts(letters: &[Letter], together: usize, is_wanted: impl Fn(&Letter) -> bool) -> impl Iterator<Item = &[Letter]> {
    let mut rest = letters;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut wanted = 0;
        let end = rest
            .iter()
            .position(|letter| {
                wanted += usize::from(is_wanted(letter));
                wanted > together
            })
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end.max(1));
        rest = after;
        Some(part)
    })
}

/// A number between 0 and 1; one half where the system has no randomness.
fn chance() -> f64 {
    let mut byte = [128];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::targets::{About, Subject};
    use crate::testing::finding_row;
    use fileward_protocol::vocabulary::FindingState;
    use proptest::prelude::*;

    fn letter(state: FindingState) -> Letter {
        let mark = Mark {
            about: About::Finding,
            row: 1,
            after: None,
        };
        let subject = Subject::Finding(Box::new(finding_row(1, state)));
        Letter { mark, subject }
    }

    proptest! {
        #[test]
        fn parts_leave_nothing_out_and_hold_no_more_than_they_may(
            wanted in proptest::collection::vec(any::<bool>(), 0..40), together in 1..5_usize
        ) {
            let is_wanted = |letter: &Letter| matches!(&letter.subject, Subject::Finding(row)
                if row.finding.state == FindingState::Open);
            let state = |wanted| if wanted { FindingState::Open } else { FindingState::Resolved };
            let letters: Vec<_> = wanted.iter().map(|wanted| letter(state(*wanted))).collect();
            let parts: Vec<_> = parts(&letters, together, is_wanted).collect();
            prop_assert_eq!(&parts.concat(), &letters);
            for part in parts {
                prop_assert!(part.iter().filter(|letter| is_wanted(letter)).count() <= together);
            }
        }
    }
}

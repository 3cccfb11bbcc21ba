//! Telling other systems what the collector keeps: SIEM by syslog or webhook, people by group robots.
//!
//! Each target is followed by a task of its own, so that a slow one holds up nobody else, and each letter is sent until it
//! is taken or refused for good: at least once, never lost. How far a target has come is in the store (`store::targets`).

mod attempts;
mod authorities;
mod channel;
mod event;
mod follow;
mod http;
pub(crate) mod manage;
mod outcome;
mod robot;
mod secrets;
mod syslog;
mod webhook;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::task::JoinSet;

use channel::Channel;
pub(crate) use http::Client;
pub(crate) use outcome::Outcome;
use secrets::Secrets;

use crate::collector::Collector;
use crate::store::StoreError;
use crate::store::targets::{TargetId, TargetRow};

/// How often targets are looked for that other processes have added, removed or want tried again.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Follows every target. Never ends.
pub(crate) async fn run(collector: Arc<Collector>) {
    let mut followed = Followed::default();
    loop {
        if let Err(error) = followed.look(&collector).await {
            tracing::error!("Failed to look for integrations: {:#}", anyhow::Error::from(error));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The tasks that follow targets. They end when this is dropped.
#[derive(Default)]
struct Followed {
    tasks: JoinSet<()>,
    by_target: HashMap<TargetId, (u64, AbortHandle)>,
}

impl Followed {
    /// Begins with targets that were added, go on or are to be tried at once; ends with those that were removed or halted.
    async fn look(&mut self, collector: &Arc<Collector>) -> Result<(), StoreError> {
        while self.tasks.try_join_next().is_some() {}
        let mut rows = collector.store.targets().await?;
        rows.retain(|row| row.paused_at.is_none());
        self.by_target.retain(|id, (nudge, task)| {
            let stays = rows.iter().any(|row| row.target.id == *id && row.nudge == *nudge);
            if !stays {
                task.abort();
            }
            stays && !task.is_finished()
        });
        for row in rows {
            let TargetRow { target, nudge, .. } = row;
            if !self.by_target.contains_key(&target.id) {
                let id = target.id;
                let task = self.tasks.spawn(follow::follow(Arc::clone(collector), target));
                self.by_target.insert(id, (nudge, task));
            }
        }
        Ok(())
    }
}

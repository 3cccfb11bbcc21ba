//! `purge`: deletes for good what was kept as long as the policy says.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::DataDir;
use crate::store::{By, StoreError};
use crate::{output, policies};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let store = arguments.data.open().await?.store;
    let policy = store
        .policy(None)
        .await?
        .ok_or_else(|| StoreError::not_found("policy", "in force"))?;
    let policy = policies::check(&policy.document, "the policy in force")?;
    let kept = policy.effective(None).report.keep_closed;
    let before = Timestamp::now().checked_sub(SignedDuration::try_from(kept)?)?;
    let purged = store.purge(before, By::command_line()).await?;
    output::line(&format!(
        "deleted what ended before {}: {} findings, {} deliveries, {} events, {} expired tokens and sessions",
        before.strftime("%F %T UTC"),
        purged.findings,
        purged.deliveries,
        purged.events,
        purged.expired
    ))
}

//! `purge`: deletes for good what was kept as long as the policy says.

use anyhow::Result;

use super::DataDir;
use crate::safe::visible;
use crate::store::By;
use crate::{output, retention};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let store = arguments.data.open().await?.store;
    let (before, purged) = retention::purge(&*store, By::command_line()).await?;
    output::line(&format!(
        "deleted what ended before {}: {} findings, {} deliveries, {} events, {} applications, {} corrections, \
         {} expired tokens and sessions",
        visible(&before.to_string()),
        purged.findings,
        purged.deliveries,
        purged.events,
        purged.applications,
        purged.corrections,
        purged.expired
    ))
}

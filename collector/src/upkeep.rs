//! What a running collector does of itself, beside answering.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::retention;
use crate::store::{By, Store, StoreError};

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Does what is due, for ever.
pub(crate) async fn follow(store: &dyn Store) {
    let mut purges_at = retention::next(Timestamp::now(), TimeZone::system());
    loop {
        if Timestamp::now() >= purges_at {
            purges_at = retention::next(Timestamp::now(), TimeZone::system());
            if let Err(error) = retention::purge(store, By::collector()).await {
                tracing::error!("Failed to delete what was kept long enough: {error:#}");
            }
        }
        match end_what_is_over(store).await {
            // There may be more: each time ends only so many.
            Ok(ended) if ended > 0 => tracing::info!(ended, "what was over has ended"),
            Ok(_) => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => {
                tracing::error!("Failed to end what is over: {:#}", anyhow::Error::from(error));
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

async fn end_what_is_over(store: &dyn Store) -> Result<u64, StoreError> {
    let sent = store.close_sent(By::collector()).await?;
    Ok(sent + store.end_exemptions(By::collector()).await? + store.end_filings(By::collector()).await?)
}

//! From a token that a package has kept to an enrolled PC: the collector may be out of reach when a package is installed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fileward_protocol::enrol::Token;
use tokio::sync::Notify;

use super::{enrol, run, setup};
use crate::config::Config;
use crate::host::{self, Stops, Terminate};

/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_mins(30);

/// Whether the service goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There is nothing to wait for any more.
    GoOn,
    /// It was asked to stop.
    Stopped,
}

/// Enrols with the token that was kept, however long the collector is out of reach. Nothing is watched until then, for the
/// company's policy says what.
///
/// # Errors
/// When the token cannot be read, or the process cannot listen for a request to stop.
pub(super) fn make(data_dir: &Path, config: &Config) -> Result<Outcome> {
    let Some(token) = setup::kept_token(data_dir)? else {
        return Ok(Outcome::GoOn);
    };
    let mut stops = Stops::listen()?;
    // To the service manager a service that waits for the network has started.
    host::ready();
    let stop = Arc::new(Notify::new());
    let (data, config, stopped) = (data_dir.to_owned(), config.clone(), stop.clone());
    let contact = run::spawn("first contact", stops.asker(), move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            tokio::select! {
                () = stopped.notified() => Ok(Outcome::Stopped),
                done = try_until_enrolled(&data, &token, &config) => done.map(|()| Outcome::GoOn),
            }
        })
    })?;
    let Terminate = stops.wait();
    stop.notify_one();
    run::join(contact)
}

async fn try_until_enrolled(data_dir: &Path, token: &Token, config: &Config) -> Result<()> {
    let mut wait = FIRST_WAIT;
    while let Err(error) = enrol::enrol(data_dir, token, config).await {
        tracing::warn!(
            error = format!("{:#}", enrol::explain(error)),
            "this PC is not enrolled yet"
        );
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    if let Err(why) = enrol::fetch_policy(data_dir, config.clone()).await? {
        tracing::warn!(why, "the policy follows with the next contact");
    }
    Ok(())
}

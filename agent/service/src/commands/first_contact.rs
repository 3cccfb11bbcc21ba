//! From an installed service to an enrolled PC: when a package is installed, the collector may be out of reach, and the token
//! may come later.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Notify;

use super::{enrol, run, setup};
use crate::config::Config;
use crate::device::identity;
use crate::host::{self, Stops, Terminate};

/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_mins(30);
/// How often a service without a token looks whether it has one, or an enrolment.
const LOOK: Duration = Duration::from_secs(5);

/// Whether the service goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There is nothing to wait for any more.
    GoOn,
    /// It was asked to stop.
    Stopped,
}

/// Enrols with the token that was kept, however long the collector is out of reach. Nothing is watched until then, for the
/// company's policy says what. Without a token a service that `waits` does so for one, and for an enrolment by hand.
///
/// # Errors
/// When the token cannot be read, or the process cannot listen for a request to stop.
pub(super) fn make(data_dir: &Path, config: &Config, waits: bool) -> Result<Outcome> {
    if identity::is_enrolled(data_dir) || !(waits || setup::kept_token(data_dir)?.is_some()) {
        return Ok(Outcome::GoOn);
    }
    let mut stops = Stops::listen()?;
    // To the service manager a service that waits has started.
    host::ready();
    let stop = Arc::new(Notify::new());
    let (data, config, stopped) = (data_dir.to_owned(), config.clone(), stop.clone());
    let contact = run::spawn("first contact", stops.asker(), move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            tokio::select! {
                () = stopped.notified() => Ok(Outcome::Stopped),
                done = until_enrolled(&data, &config) => done.map(|()| Outcome::GoOn),
            }
        })
    })?;
    let Terminate = stops.wait();
    stop.notify_one();
    run::join(contact)
}

async fn until_enrolled(data_dir: &Path, config: &Config) -> Result<()> {
    let mut wait = FIRST_WAIT;
    let mut told = false;
    while identity::enrolled_device(data_dir).is_none() {
        let Some(token) = setup::kept_token(data_dir)? else {
            if !told {
                tracing::warn!(
                    "this PC is not enrolled and nothing is watched; run \"fileward-agent enrol --token -\""
                );
                told = true;
            }
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let Err(error) = enrol::enrol(data_dir, &token, config).await else {
            break;
        };
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

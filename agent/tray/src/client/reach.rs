//! Finds the service and makes sure who listens there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fileward_ipc::socket;
use fileward_ipc::stream::{self, Stream};

#[cfg(all(test, unix))]
mod unix;

/// Connects to the first service that answers and is to be believed.
pub(super) async fn connect() -> Result<Stream> {
    let mut failure = None;
    for socket in sockets() {
        match connect_to(&socket).await {
            Ok(stream) => return Ok(stream),
            // What the first one says is told: it is where the service should be.
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.context("No place to look for the service")?)
        .context("The Fileward service does not answer; is it running?")
}

async fn connect_to(socket: &Path) -> Result<Stream> {
    let stream = stream::connect(socket)
        .await
        .with_context(|| format!("Failed to connect to {}", socket.display()))?;
    if !stream::is_believed(&stream).context("Failed to see who listens")? {
        bail!("{} belongs to neither the system nor you: not used", socket.display());
    }
    Ok(stream)
}

fn sockets() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("FILEWARD_SOCKET").filter(|path| !path.is_empty()) {
        return vec![named.into()];
    }
    let own = directories::BaseDirs::new().map(|dirs| socket::of_folder(&dirs.data_dir().join("fileward")));
    [Some(socket::of_system()), own].into_iter().flatten().collect()
}

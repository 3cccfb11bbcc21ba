//! Finds the service's socket and makes sure who listens there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fileward_ipc::SYSTEM_SOCKET;
use tokio::net::UnixStream;

pub(super) type Stream = UnixStream;

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
    let stream = UnixStream::connect(socket)
        .await
        .with_context(|| format!("Failed to connect to {}", socket.display()))?;
    let peer = stream.peer_cred().context("Failed to see who listens")?.uid();
    if !is_believed(peer, rustix::process::getuid().as_raw()) {
        bail!("{} belongs to neither root nor you: not used", socket.display());
    }
    Ok(stream)
}

/// Whoever else listens could show findings that are none, and have files moved to a folder of their choice.
fn is_believed(peer: u32, own: u32) -> bool {
    peer == 0 || peer == own
}

fn sockets() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("FILEWARD_SOCKET").filter(|path| !path.is_empty()) {
        return vec![named.into()];
    }
    let own = directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("fileward/run/agent.sock"));
    [Some(PathBuf::from(SYSTEM_SOCKET)), own]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_user_are_believed() {
        assert!(is_believed(0, 1000));
        assert!(is_believed(1000, 1000));
        assert!(!is_believed(1001, 1000));
        assert!(!is_believed(65534, 0));
    }

    #[tokio::test]
    async fn the_users_own_service_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent.sock");
        let _listener = tokio::net::UnixListener::bind(&socket).unwrap();
        assert!(connect_to(&socket).await.is_ok());
        let error = connect_to(&folder.path().join("none")).await.unwrap_err();
        assert!(error.to_string().contains("Failed to connect"));
    }
}

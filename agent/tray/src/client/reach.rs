//! Finds the service and makes sure who listens there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fileward_ipc::socket;
use fileward_ipc::stream::{self, Stream};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[path = "unix.rs"]
    mod platform;
    #[cfg(windows)]
    #[path = "windows.rs"]
    mod platform;

    #[tokio::test]
    async fn the_users_own_service_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let socket = socket::of_folder(folder.path());
        let _listener = platform::listen(&socket);
        assert!(connect_to(&socket).await.is_ok());
        let nobodys = socket::of_folder(&folder.path().join("none"));
        let error = connect_to(&nobodys).await.unwrap_err();
        assert!(error.to_string().contains("Failed to connect"));
    }
}

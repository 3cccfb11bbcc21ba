//! Listens on the local socket. Anybody may connect: rights come from the peer's credentials, message by message.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

use super::authorise::Peer;
use super::connection::Connection;
use super::subscribers::Subscribers;
use super::{peer, toast};
use crate::pipeline::Shared;

/// The most clients at a time.
const CLIENTS: usize = 64;
/// After a client could not be taken: the PC is short of something, and a loop would not help it.
const PAUSE: Duration = Duration::from_millis(100);

/// The IPC server.
pub(crate) struct Server {
    listener: net::UnixListener,
    socket: PathBuf,
}

impl Server {
    /// Listens on `socket`.
    ///
    /// # Errors
    /// When another service listens there, or the socket cannot be made.
    pub(crate) fn bind(socket: &Path) -> Result<Self> {
        let failed = || format!("Failed to listen on {}", socket.display());
        let folder = socket.parent().with_context(failed)?;
        fs::create_dir_all(folder).with_context(failed)?;
        fs::set_permissions(folder, Permissions::from_mode(0o755)).with_context(failed)?;
        match net::UnixStream::connect(socket) {
            Ok(_) => bail!("another fileward-agent listens on {} already", socket.display()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(socket).with_context(failed)?;
            }
            Err(_) => {}
        }
        let listener = net::UnixListener::bind(socket).with_context(failed)?;
        listener.set_nonblocking(true).with_context(failed)?;
        fs::set_permissions(socket, Permissions::from_mode(0o666)).with_context(failed)?;
        let socket = socket.to_owned();
        Ok(Self { listener, socket })
    }

    /// Serves clients for as long as it is polled.
    ///
    /// # Errors
    /// When the socket cannot be waited on.
    pub(crate) async fn run(self, shared: Arc<Shared>) -> Result<()> {
        let listener = UnixListener::from_std(self.listener.try_clone()?)?;
        let subscribers = Arc::new(Subscribers::default());
        let toasts = toast::run(shared.clone(), subscribers.clone());
        tokio::join!(toasts, accept(listener, shared, subscribers));
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is in nobody's way if it stays: the next service sees that nobody listens.
        let _ = fs::remove_file(&self.socket);
    }
}

async fn accept(listener: UnixListener, shared: Arc<Shared>, subscribers: Arc<Subscribers>) {
    let clients = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let Ok(place) = clients.clone().acquire_owned().await else {
            return;
        };
        let (shared, subscribers) = (shared.clone(), subscribers.clone());
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move {
                    if let Err(error) = serve(stream, shared, subscribers).await {
                        tracing::debug!("a client's connection ended: {error:#}");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a client could not connect");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(stream: UnixStream, shared: Arc<Shared>, subscribers: Arc<Subscribers>) -> Result<()> {
    let peer = Peer {
        uid: peer::uid(&stream)?,
        service: peer::service(),
    };
    let (from, to) = stream.into_split();
    let connection = Connection {
        shared,
        subscribers,
        peer,
        to,
    };
    connection.serve(from).await
}

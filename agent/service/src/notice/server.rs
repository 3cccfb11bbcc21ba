//! Listens on the local socket. Anybody may connect: rights come from the peer's credentials, message by message.

use std::collections::VecDeque;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fileward_ipc::{ToClient, codec};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};

use super::admission::{Admission, Admitted};
use super::authorise::Peer;
use super::connection::Connection;
use super::subscribers::Subscribers;
use super::{peer, toast};
use crate::pipeline::Shared;

/// For how long a client that did not subscribe may say nothing.
const IDLE: Duration = Duration::from_mins(1);
/// How many refused clients are kept: one that is closed while it still says hello cannot read why.
const REFUSED: usize = 8;
/// How long a refused client may take to accept the reason; it fits into the buffer of a new socket.
const REFUSING: Duration = Duration::from_millis(100);
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
    let admission = Admission::default();
    let mut refused = VecDeque::with_capacity(REFUSED);
    loop {
        let accepted = async {
            let (stream, _) = listener.accept().await?;
            let peer = peer::of(&stream)?;
            io::Result::Ok((stream, peer))
        };
        let (stream, peer) = match accepted.await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a client could not connect");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        match admission.admit(peer.user) {
            Ok(admitted) => {
                let serving = serve(stream, peer, admitted, shared.clone(), subscribers.clone());
                tokio::spawn(serving);
            }
            Err(why) => {
                tracing::debug!("a client was refused: {why}");
                refused.truncate(REFUSED - 1);
                refused.push_front(refuse(stream, why).await);
            }
        }
    }
}

async fn serve(
    stream: UnixStream,
    peer: Peer,
    _admitted: Admitted,
    shared: Arc<Shared>,
    subscribers: Arc<Subscribers>,
) {
    let (from, to) = stream.into_split();
    let connection = Connection {
        shared,
        subscribers,
        peer,
        idle: IDLE,
        to,
    };
    if let Err(error) = connection.serve(from).await {
        tracing::debug!("a client's connection ended: {error:#}");
    }
}

/// Tells a client why it is not served, and gives it back to be kept for a while.
async fn refuse(mut stream: UnixStream, why: &str) -> UnixStream {
    let refusal = async {
        codec::write(&mut stream, &ToClient::Refused { why: why.into() }).await?;
        stream.shutdown().await?;
        anyhow::Ok(())
    };
    // It may have gone, and nobody waits for it.
    let _ = tokio::time::timeout(REFUSING, refusal).await;
    stream
}

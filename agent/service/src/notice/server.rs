//! Listens on the local socket. Anybody may connect: rights come from the peer's credentials, message by message.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fileward_ipc::{ToClient, codec};
use tokio::io::AsyncWriteExt as _;

use super::admission::{Admission, Admitted};
use super::authorise::Peer;
use super::connection::Connection;
use super::listener::{Clients, Listener, Stream};
use super::subscribers::Subscribers;
use super::toast;
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
pub(crate) struct Server(Listener);

impl Server {
    /// Listens on `socket`.
    ///
    /// # Errors
    /// When another service listens there, or the socket cannot be made.
    pub(crate) fn bind(socket: &Path) -> Result<Self> {
        Listener::bind(socket).map(Self)
    }

    /// Serves clients for as long as it is polled.
    ///
    /// # Errors
    /// When the socket cannot be waited on.
    pub(crate) async fn run(self, shared: Arc<Shared>) -> Result<()> {
        let clients = self.0.into_clients()?;
        let subscribers = Arc::new(Subscribers::default());
        let toasts = toast::run(shared.clone(), subscribers.clone());
        tokio::join!(toasts, accept(clients, shared, subscribers));
        Ok(())
    }
}

async fn accept(mut clients: Clients, shared: Arc<Shared>, subscribers: Arc<Subscribers>) {
    let admission = Admission::default();
    let mut refused = VecDeque::with_capacity(REFUSED);
    loop {
        let (stream, peer) = match clients.next().await {
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

async fn serve(stream: Stream, peer: Peer, _admitted: Admitted, shared: Arc<Shared>, subscribers: Arc<Subscribers>) {
    let (from, to) = tokio::io::split(stream);
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
async fn refuse(mut stream: Stream, why: &str) -> Stream {
    let refusal = async {
        codec::write(&mut stream, &ToClient::Refused { why: why.into() }).await?;
        stream.shutdown().await?;
        anyhow::Ok(())
    };
    // It may have gone, and nobody waits for it.
    let _ = tokio::time::timeout(REFUSING, refusal).await;
    stream
}

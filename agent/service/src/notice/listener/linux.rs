//! A Unix socket that everybody may connect to.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use fileward_places::UserId;
use tokio::net::{UnixListener, UnixStream};

use crate::notice::authorise::Peer;

pub(in crate::notice) type Stream = UnixStream;

/// The socket; it is removed with this.
pub(in crate::notice) struct Listener {
    listener: net::UnixListener,
    socket: PathBuf,
}

impl Listener {
    pub(in crate::notice) fn bind(socket: &Path) -> Result<Self> {
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

    /// Begins to take clients.
    pub(in crate::notice) fn into_clients(self) -> io::Result<Clients> {
        let listener = self.listener.try_clone()?;
        Ok(Clients {
            listener: UnixListener::from_std(listener)?,
            _socket: self,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It is in nobody's way if it stays: the next service sees that nobody listens.
        let _ = fs::remove_file(&self.socket);
    }
}

/// The clients that connect.
pub(in crate::notice) struct Clients {
    listener: UnixListener,
    _socket: Listener,
}

impl Clients {
    /// Waits for the next client.
    pub(in crate::notice) async fn next(&mut self) -> io::Result<(Stream, Peer)> {
        let (stream, _) = self.listener.accept().await?;
        let peer = peer(&stream)?;
        Ok((stream, peer))
    }
}

/// Who is at the other end, as the kernel tells.
fn peer(stream: &UnixStream) -> io::Result<Peer> {
    let uid = stream.peer_cred()?.uid();
    Ok(Peer {
        user: uid.into(),
        is_administrator: uid == 0,
        service: UserId::current(),
    })
}

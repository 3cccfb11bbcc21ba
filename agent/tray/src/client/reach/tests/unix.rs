//! A service that listens on a socket.

use std::path::Path;

use tokio::net::UnixListener;

pub(super) fn listen(socket: &Path) -> UnixListener {
    UnixListener::bind(socket).unwrap()
}

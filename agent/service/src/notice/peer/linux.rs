//! `SO_PEERCRED`.

use std::io;

use tokio::net::UnixStream;

/// The user at the other end, as the kernel tells.
pub(crate) fn uid(stream: &UnixStream) -> io::Result<u32> {
    Ok(stream.peer_cred()?.uid())
}

/// The user the service runs as.
pub(crate) fn service() -> u32 {
    rustix::process::geteuid().as_raw()
}

//! Unix sockets with the peer's credentials.

use std::io;
use std::path::Path;

use tokio::net::UnixStream;

pub(super) type Stream = UnixStream;

const ROOT: u32 = 0;

pub(super) async fn connect(socket: &Path) -> io::Result<Stream> {
    UnixStream::connect(socket).await
}

pub(super) fn is_believed(stream: &Stream) -> io::Result<bool> {
    let own = rustix::process::getuid().as_raw();
    Ok(may_be_believed(stream.peer_cred()?.uid(), own))
}

fn may_be_believed(peer: u32, own: u32) -> bool {
    peer == ROOT || peer == own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_user_are_believed() {
        assert!(may_be_believed(0, 1000));
        assert!(may_be_believed(1000, 1000));
        assert!(!may_be_believed(1001, 1000));
        assert!(!may_be_believed(65534, 0));
    }
}

//! `SO_PEERCRED`, and the rights in a folder's mode.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use tokio::net::UnixStream;

/// The user at the other end, as the kernel tells.
pub(crate) fn uid(stream: &UnixStream) -> io::Result<u32> {
    Ok(stream.peer_cred()?.uid())
}

/// The user the service runs as.
pub(crate) fn service() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether a user may make files in a folder, as far as owner and mode tell.
pub(crate) fn may_write(folder: &Path, uid: u32) -> bool {
    folder.metadata().is_ok_and(|folder| {
        let bits = if folder.uid() == uid { 0o300 } else { 0o003 };
        folder.is_dir() && folder.mode() & bits == bits
    })
}

//! `SO_PEERCRED`, and the rights in a folder's mode.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fileward_places::UserId;
use tokio::net::UnixStream;

use crate::notice::authorise::Peer;

/// Who is at the other end, as the kernel tells.
pub(crate) fn of(stream: &UnixStream) -> io::Result<Peer> {
    let uid = stream.peer_cred()?.uid();
    Ok(Peer {
        user: uid.into(),
        is_administrator: uid == 0,
        service: UserId::current(),
    })
}

/// Whether a user may make files in a folder, as far as owner and mode tell.
pub(crate) fn may_write(folder: &Path, user: UserId) -> bool {
    let uid = u32::from(user);
    folder.metadata().is_ok_and(|folder| {
        let bits = if folder.uid() == uid { 0o300 } else { 0o003 };
        folder.is_dir() && folder.mode() & bits == bits
    })
}

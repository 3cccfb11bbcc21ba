//! `SO_PEERCRED`, and the rights in a folder's mode.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fileward_places::UserId;

/// Whether a user may make files in a folder, as far as owner and mode tell.
pub(crate) fn may_write(folder: &Path, user: UserId) -> bool {
    let uid = u32::from(user);
    folder.metadata().is_ok_and(|folder| {
        let bits = if folder.uid() == uid { 0o300 } else { 0o003 };
        folder.is_dir() && folder.mode() & bits == bits
    })
}

//! The folder's access control list, with the groups that a user is certainly in.
//!
//! It errs to the safe side: a right that comes by a group of a domain counts only while its user is logged on.

use std::path::Path;

use crate::security::{Security, groups};
use crate::{User, UserId};

/// The users among `users` that may make files in `folder`; nobody where it cannot be told, or where it is a link.
pub(crate) fn writers<'a>(folder: &Path, users: impl IntoIterator<Item = &'a User>) -> Vec<UserId> {
    let is_folder = std::fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir());
    let Some(security) = Security::of(folder).ok().filter(|_| is_folder) else {
        return Vec::new();
    };
    let users = users.into_iter().map(|user| user.id);
    users.filter(|user| security.admits_files_of(&groups(*user))).collect()
}

//! Takes the copy. Of a user's registry only the keys are read that say where folders are.

use std::path::Path;

use windows_registry::{Key, LOCAL_MACHINE, Type, USERS};

use super::{Keys, Registry, SYNC_ROOTS};
use crate::folders::USER_SHELL_FOLDERS;
use crate::users::PROFILES;
use crate::{User, catalogue};

#[path = "hive.rs"]
mod hive;

/// How deep the keys of the machine are read: an entry of `SyncRootManager` has its folders in a key of its own.
const MACHINE_DEPTH: u8 = 2;

/// The registry, with the keys of `users`.
pub(crate) fn read(users: &[User]) -> Registry {
    let mut registry = Registry::default();
    for key in [PROFILES, SYNC_ROOTS] {
        copy(LOCAL_MACHINE, key, MACHINE_DEPTH, &mut registry.machine);
    }
    for user in users {
        if let Some(keys) = keys_of(user) {
            registry.users.insert(user.id, keys);
        }
    }
    registry
}

/// The keys of one user; `None` where they cannot be read, as of a user who never logged on.
fn keys_of(user: &User) -> Option<Keys> {
    // Whoever is logged on has their registry here.
    if let Ok(own) = USERS.open(user.id.to_string()) {
        return Some(user_keys(&own));
    }
    hive::keys(user, user_keys)
        .inspect_err(|error| tracing::info!(%error, "A logged-off user's registry is not read; defaults are used"))
        .ok()
}

fn user_keys(own: &Key) -> Keys {
    let mut keys = Keys::default();
    for key in std::iter::once(USER_SHELL_FOLDERS).chain(catalogue::builtin().user_keys()) {
        copy(own, key, 0, &mut keys);
    }
    keys
}

/// Copies `path` below `parent`, and the keys below it `depth` deep.
fn copy(parent: &Key, path: &str, depth: u8, keys: &mut Keys) {
    let Ok(key) = parent.open(path) else {
        return;
    };
    for (name, value) in key.values().into_iter().flatten() {
        let data = match value.ty() {
            Type::String | Type::ExpandString => String::try_from(value).ok(),
            Type::U32 => u32::try_from(value).ok().map(|number| number.to_string()),
            _ => None,
        };
        if let Some(data) = data {
            keys.set(path, &name, &data);
        }
    }
    if depth > 0 {
        for name in key.keys().into_iter().flatten() {
            copy(parent, &format!(r"{path}\{name}"), depth - 1, keys);
        }
    }
}

/// The file that holds a user's registry.
fn file(profile: &Path) -> std::path::PathBuf {
    profile.join("NTUSER.DAT")
}

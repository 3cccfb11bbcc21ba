//! The tables of Linux: SMBIOS or the device tree, `/sys/class/net`, `os-release`, and who is logged on.

use std::path::Path;

use super::{Release, Tables, told, valid_mac};

#[path = "linux/adapters.rs"]
mod adapters;
#[path = "linux/hardware.rs"]
mod hardware;
#[path = "linux/release.rs"]
mod release;
#[path = "linux/security.rs"]
mod security;
#[path = "linux/sessions.rs"]
mod sessions;

pub(super) fn tables() -> Tables {
    tables_under(Path::new("/"))
}

/// The tables under another root, so that recorded machines can be tested.
fn tables_under(root: &Path) -> Tables {
    let hardware = hardware::read(root);
    Tables {
        vendor: hardware.vendor,
        model: hardware.model,
        serial: hardware.serial,
        system_uuid: hardware.uuid,
        adapters: adapters::read(root),
        security: security::read(root),
        release: release::read(root),
        users: sessions::read(root),
    }
}

/// The text of a file; empty where it cannot be read.
fn text(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// The value of a line `KEY=value`, without the quotes a shell would take off.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut values = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
    let value = values.next()?.trim();
    let quoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    Some(quoted.unwrap_or(value)).filter(|value| !value.is_empty())
}

#[cfg(test)]
#[path = "linux/tests.rs"]
mod tests;

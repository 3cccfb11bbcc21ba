//! Network adapters with their permanent addresses.

use std::fs;
use std::path::Path;

use fileward_protocol::fingerprint::Adapter;

use super::{text, valid_mac};

/// `ARPHRD_ETHER`: Ethernet and Wi-Fi.
const ETHERNET: &str = "1";

/// `NET_ADDR_PERM`: the address in use is the permanent one.
const PERMANENT: &str = "0";

pub(super) fn read(root: &Path) -> Vec<Adapter> {
    let Ok(entries) = fs::read_dir(root.join("sys/class/net")) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| adapter(root, &entry.path()))
        .collect()
}

/// One adapter; `None` for what is no hardware (loopback, bridges, containers, tunnels) and what has no address of
/// its own.
fn adapter(root: &Path, interface: &Path) -> Option<Adapter> {
    let device = fs::canonicalize(interface.join("device")).ok()?;
    let is_virtual_function = device.join("physfn").exists();
    if is_virtual_function || text(&interface.join("type")).trim() != ETHERNET {
        return None;
    }
    // A Wi-Fi adapter may use a random address; its radio keeps the permanent one.
    let radio = valid_mac(&text(&interface.join("phy80211/macaddress")));
    let in_use = || {
        let permanent = text(&interface.join("addr_assign_type")).trim() == PERMANENT;
        permanent
            .then(|| valid_mac(&text(&interface.join("address"))))
            .flatten()
    };
    Some(Adapter {
        mac: radio.or_else(in_use)?,
        built_in: is_built_in(root, &device),
    })
}

/// Docks and USB adapters come and go. The firmware tells which ports lead out of the machine.
fn is_built_in(root: &Path, device: &Path) -> bool {
    let devices = fs::canonicalize(root.join("sys/devices")).unwrap_or_else(|_| root.join("sys/devices"));
    let inside = device.ancestors().take_while(|ancestor| **ancestor != devices);
    inside.into_iter().all(|ancestor| {
        let on_usb = ancestor
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("usb"));
        !on_usb && text(&ancestor.join("removable")).trim() != "removable"
    })
}

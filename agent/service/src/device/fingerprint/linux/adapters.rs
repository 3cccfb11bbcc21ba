//! Network adapters with their permanent addresses.

use std::fs;
use std::path::Path;

use fileward_protocol::fingerprint::Adapter;

use super::super::hypervisor;
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
    let devices = fs::canonicalize(root.join("sys/devices")).unwrap_or_else(|_| root.join("sys/devices"));
    let above: Vec<_> = device
        .ancestors()
        .take_while(|ancestor| **ancestor != devices)
        .collect();
    let usb = above.iter().any(|device| is_named(device, &["usb"]));
    Some(Adapter {
        mac: radio.or_else(in_use)?,
        // Docks and USB adapters come and go. The firmware tells which ports lead out of the machine.
        built_in: !usb
            && above
                .iter()
                .all(|device| text(&device.join("removable")).trim() != "removable"),
        usb,
        is_virtual: above.iter().any(|device| is_of_hypervisor(device)),
    })
}

/// virtio without PCI, Hyper-V's bus and Xen's interfaces by their names, all others by the number of their maker.
fn is_of_hypervisor(device: &Path) -> bool {
    is_named(device, &["virtio", "VMBUS", "vif-"])
        || ["vendor", "subsystem_vendor"].iter().any(|maker| {
            let maker = text(&device.join(maker));
            let number = maker.trim().strip_prefix("0x");
            number.is_some_and(|number| u16::from_str_radix(number, 16).is_ok_and(hypervisor::makes))
        })
}

fn is_named(device: &Path, starts: &[&str]) -> bool {
    let name = device.file_name().unwrap_or_default().to_string_lossy();
    starts.iter().any(|start| name.starts_with(start))
}

//! Which of Windows' many network interfaces are adapters, and what they are reported as.

use fileward_protocol::fingerprint::Adapter;

use super::{hypervisor, valid_mac};

/// `IF_TYPE_ETHERNET_CSMACD` and `IF_TYPE_IEEE80211`: Ethernet and Wi-Fi.
const KINDS: [u32; 2] = [6, 71];

/// What Windows tells of an interface.
#[derive(Clone, Debug, Default)]
pub(super) struct Interface {
    /// Its type by IANA's list.
    pub(super) kind: u32,
    /// Whether hardware is behind it.
    pub(super) is_hardware: bool,
    /// Whether it is a layer of a driver above another interface.
    pub(super) is_filter: bool,
    /// The address it was made with, whatever address it uses.
    pub(super) permanent: Vec<u8>,
    /// The device behind it, such as `PCI\VEN_8086&DEV_15FC…` or `USB\VID_0BDA…`; empty where it is not told.
    pub(super) device: String,
}

impl Interface {
    /// The adapter; `None` for what is no hardware and what has no address of its own.
    pub(super) fn adapter(&self) -> Option<Adapter> {
        let bus = self.device.split('\\').next().unwrap_or_default().to_ascii_uppercase();
        // Drivers of tunnels and bridges may call themselves hardware; their devices tell.
        let is_software = matches!(bus.as_str(), "ROOT" | "SWD" | "HTREE" | "COMPOSITEBUS");
        if !KINDS.contains(&self.kind) || !self.is_hardware || self.is_filter || is_software {
            return None;
        }
        let pairs: Vec<String> = self.permanent.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Adapter {
            mac: valid_mac(&pairs.join(":"))?,
            // Of docks on Thunderbolt Windows does not tell here that they can be pulled.
            built_in: !matches!(bus.as_str(), "USB" | "PCMCIA" | "BTH"),
            usb: bus == "USB",
            is_virtual: matches!(bus.as_str(), "VMBUS" | "XENBUS" | "XENVIF") || self.makers().any(hypervisor::makes),
        })
    }

    /// Who made the device and who the board it is on, by `PCI\VEN_vvvv&DEV_dddd&SUBSYS_bbbbssss`: maker, device, board
    /// and its maker.
    fn makers(&self) -> impl Iterator<Item = u16> {
        let id = self.device.split('\\').nth(1).unwrap_or_default();
        id.split('&').filter_map(|part| {
            let maker = part
                .strip_prefix("VEN_")
                .or_else(|| part.strip_prefix("SUBSYS_")?.get(4..))?;
            u16::from_str_radix(maker, 16).ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(device: &str) -> Interface {
        Interface {
            kind: 6,
            is_hardware: true,
            is_filter: false,
            permanent: vec![0x8c, 0x8c, 0xaa, 0, 0, 1],
            device: device.to_owned(),
        }
    }

    #[test]
    fn what_is_on_the_board_is_built_in_and_what_is_plugged_in_or_made_by_a_hypervisor_is_marked() {
        let marks = |device| {
            let adapter = interface(device).adapter().unwrap();
            assert_eq!(adapter.mac, "8c:8c:aa:00:00:01", "{device}");
            (adapter.built_in, adapter.usb, adapter.is_virtual)
        };
        let (board, usb, bluetooth, guest) = (
            (true, false, false),
            (false, true, false),
            (false, false, false),
            (true, false, true),
        );
        for (device, expected) in [
            (r"PCI\VEN_8086&DEV_15FC&SUBSYS_22D817AA\3&11583659&0&FE", board),
            ("", board),
            (r"USB\VID_0BDA&PID_8153\000001", usb),
            (r"BTH\MS_BTHPAN\6&2C8C1E8E&0&2", bluetooth),
            (r"VMBUS\{f8615163-df3e-46c5-913f-f2d2f965ed0e}\{0}", guest),
            (r"PCI\VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00\3&13C0B0C5&0&18", guest),
            (r"PCI\VEN_8086&DEV_10D3&SUBSYS_07D015AD&REV_00\000C29FFFF000000", guest),
        ] {
            assert_eq!(marks(device), expected, "{device}");
        }
    }

    #[test]
    fn what_is_no_adapter_is_left_out() {
        let pci = || interface(r"PCI\VEN_8086&DEV_15FC\1");
        for none in [
            interface(r"ROOT\VMS_MP\0000"),
            interface(r"SWD\MSRRAS\MS_NDISWANIP"),
            Interface { kind: 24, ..pci() },
            Interface {
                is_hardware: false,
                ..pci()
            },
            Interface {
                is_filter: true,
                ..pci()
            },
            Interface {
                permanent: vec![0; 6],
                ..pci()
            },
            Interface {
                permanent: Vec::new(),
                ..pci()
            },
        ] {
            assert_eq!(none.adapter(), None, "{none:?}");
        }
    }
}

//! What identifies this device to people; see [`fileward_protocol::fingerprint`]. Identity itself is the key.

use fileward_protocol::fingerprint::{Adapter, Fingerprint, Os};
use fileward_protocol::ids::{CompanyKey, Purpose};
use sysinfo::System;

#[cfg(any(windows, test))]
mod edition;
mod hardware;
#[cfg(any(windows, test))]
mod interface;
#[cfg(any(windows, test))]
mod smbios;

#[cfg(target_os = "linux")]
#[path = "fingerprint/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "fingerprint/windows.rs"]
mod platform;

/// What only the OS's own tables tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tables {
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    adapters: Vec<Adapter>,
    release: Release,
    users: Vec<String>,
}

/// Which OS it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Release {
    name: String,
    version: String,
    build: String,
}

/// Takes the fingerprint. The serial number is told only as a hash with the company's key; without the key, as
/// before enrolment, not at all.
pub(crate) fn take(key: Option<&CompanyKey>) -> Fingerprint {
    let mut tables = platform::tables();
    if tables.adapters.is_empty() {
        tables.adapters.extend(main_adapter());
    }
    tables.adapters.sort();
    tables.adapters.dedup_by(|a, b| a.mac == b.mac);
    tables.users.sort();
    tables.users.dedup();
    let serial = tables
        .serial
        .zip(key)
        .map(|(serial, key)| key.hash(Purpose::Serial, serial.as_bytes()));
    Fingerprint {
        vendor: tables.vendor,
        model: tables.model,
        serial,
        adapters: tables.adapters,
        os: Os {
            name: tables.release.name,
            version: tables.release.version,
            build: tables.release.build,
            kernel: System::kernel_version().unwrap_or_default(),
            arch: System::cpu_arch(),
        },
        host_name: System::host_name().ok(),
        users: tables.users,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The address in use, where the tables tell no permanent one: a container, or a virtual machine with a random one.
fn main_adapter() -> Option<Adapter> {
    let address = mac_address::get_mac_address().ok()??;
    let mac = valid_mac(&address.to_string())?;
    Some(Adapter { mac, built_in: false })
}

/// The address in the protocol's spelling; `None` for one that no adapter can have.
fn valid_mac(text: &str) -> Option<String> {
    let mac = text.trim().to_ascii_lowercase();
    let pairs: Vec<u8> = mac
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16))
        .collect::<Result<_, _>>()
        .ok()?;
    let well_spelt = mac.len() == 17 && pairs.len() == 6;
    let real = pairs.iter().any(|pair| *pair != 0) && pairs.iter().any(|pair| *pair != 0xff);
    (well_spelt && real).then_some(mac)
}

/// A text out of a firmware table, unless it is one of the fillers that makers leave there.
fn told(text: &str) -> Option<String> {
    const FILLERS: &[&str] = &[
        "",
        "0123456789",
        "123456789",
        "1234567890",
        "base board serial number",
        "chassis serial number",
        "default",
        "default string",
        "empty",
        "invalid",
        "n/a",
        "na",
        "none",
        "not applicable",
        "not available",
        "not present",
        "not set",
        "not specified",
        "null",
        "o.e.m.",
        "oem",
        "serial number",
        "system manufacturer",
        "system product name",
        "system serial number",
        "system version",
        "tbd by oem",
        "to be filled by o.e.m.",
        "to be filled by oem",
        "type1productconfigid",
        "undefined",
        "unknown",
    ];
    let text: String = text
        .trim_matches(|c: char| c.is_whitespace() || c == '\0')
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let plain = text.to_lowercase();
    let mut marks = plain.chars().filter(|c| c.is_alphanumeric());
    let first = marks.next();
    let one_mark_only = marks.all(|mark| Some(mark) == first);
    (!FILLERS.contains(&plain.as_str()) && !one_mark_only).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_tells_its_kernel_its_architecture_and_this_agents_version() {
        let fingerprint = take(None);
        assert!(!fingerprint.os.kernel.is_empty() && !fingerprint.os.arch.is_empty());
        assert_eq!(fingerprint.agent_version, env!("CARGO_PKG_VERSION"));
        assert_eq!(fingerprint.serial, None);
    }

    #[test]
    fn fillers_are_not_told() {
        for filler in [
            "To be filled by O.E.M.",
            "Default string",
            " None\n",
            "00000000",
            "XXXXXXXX",
            "0000-0000-0000",
            "........",
            "\0",
        ] {
            assert_eq!(told(filler), None, "{filler:?}");
        }
        assert_eq!(told(" PF2ABC3D\n"), Some("PF2ABC3D".to_owned()));
        assert_eq!(told("Phytium FT-2000\0"), Some("Phytium FT-2000".to_owned()));
    }

    #[test]
    fn addresses_no_adapter_has_are_left_out() {
        for wrong in [
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "",
            "8c:8c:aa:01:02",
            "8c8caa010203",
            "8:c:a:1:2:3",
        ] {
            assert_eq!(valid_mac(wrong), None, "{wrong:?}");
        }
        assert_eq!(valid_mac("8C:8C:AA:01:02:03\n"), Some("8c:8c:aa:01:02:03".to_owned()));
    }
}

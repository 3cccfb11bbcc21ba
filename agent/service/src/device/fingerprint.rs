//! What identifies this device to people; see [`fileward_protocol::fingerprint`]. Identity itself is the key.

use std::path::Path;

use fileward_policy::subject::Protection;
use fileward_protocol::fingerprint::{Adapter, Fingerprint, Os, Security, SystemDrive};
use fileward_protocol::ids::{CompanyKey, Purpose};
use fileward_protocol::report::Word;
use sysinfo::System;
use uuid::Uuid;

#[cfg(any(windows, test))]
mod edition;
mod hardware;
mod hypervisor;
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
    system_uuid: Option<Uuid>,
    adapters: Vec<Adapter>,
    security: Security,
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

/// Takes the fingerprint. Serial number and UUID are told only as hashes with the company's key; without the key, as
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
    let hashed = |purpose, text: Option<String>| Some(key?.hash(purpose, text?.as_bytes()));
    Fingerprint {
        vendor: tables.vendor,
        model: tables.model,
        serial: hashed(Purpose::Serial, tables.serial),
        system_uuid: hashed(Purpose::SystemUuid, tables.system_uuid.map(|uuid| uuid.to_string())),
        adapters: tables.adapters,
        security: tables.security,
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
    Some(Adapter {
        mac,
        built_in: false,
        usb: false,
        is_virtual: false,
    })
}

/// How the drive is encrypted that has `folder`.
fn system_drive(system: &fileward_places::System, folder: &Path) -> SystemDrive {
    match system.protection(folder) {
        Protection::Encrypted(by) => Word::new(&by).map_or(SystemDrive::Unknown, |by| SystemDrive::Encrypted { by }),
        Protection::Plain => SystemDrive::Plain,
        Protection::Unknown => SystemDrive::Unknown,
    }
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

/// A UUID out of SMBIOS, unless it is one that makers leave there: all zeros and all ones by the specification (DSP0134,
/// 7.2.1), and the one of AMI's template in either order of its bytes.
fn told_uuid(uuid: Uuid) -> Option<Uuid> {
    const FILLERS: [Uuid; 4] = [
        Uuid::nil(),
        Uuid::max(),
        Uuid::from_u128(0x0300_0200_0400_0500_0006_0007_0008_0009),
        Uuid::from_u128(0x0002_0003_0004_0005_0006_0007_0008_0009),
    ];
    (!FILLERS.contains(&uuid)).then_some(uuid)
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
        assert_eq!((fingerprint.serial, fingerprint.system_uuid), (None, None));
    }

    #[test]
    fn a_uuid_that_many_machines_share_is_not_told() {
        for filler in [
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "03000200-0400-0500-0006-000700080009",
            "00020003-0004-0005-0006-000700080009",
        ] {
            assert_eq!(told_uuid(filler.parse().unwrap()), None, "{filler}");
        }
        let own = "4c4c4544-0042-3510-8052-b4c04f4e3732".parse().unwrap();
        assert_eq!(told_uuid(own), Some(own));
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

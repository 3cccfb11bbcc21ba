//! What identifies a device to people. Identity itself is the device's key; all of this may change.

use serde::{Deserialize, Serialize};

use crate::ids::KeyedHash;
use crate::report::Word;

/// A device's attributes, as the OS tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fingerprint {
    /// The maker, as in SMBIOS.
    pub vendor: Option<String>,
    /// The model, as in SMBIOS.
    pub model: Option<String>,
    /// The serial number, hashed with the company's key.
    pub serial: Option<KeyedHash>,
    /// The system's UUID, as in SMBIOS, hashed with the company's key.
    pub system_uuid: Option<KeyedHash>,
    /// Network adapters with their permanent addresses, ordered by address.
    pub adapters: Vec<Adapter>,
    /// What guards the machine and its system drive.
    pub security: Security,
    /// The operating system.
    pub os: Os,
    /// The host's name.
    pub host_name: Option<String>,
    /// Names of the users logged on at a desktop or a console, ordered.
    pub users: Vec<String>,
    /// The agent's version.
    pub agent_version: String,
}

/// One network adapter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Adapter {
    /// The permanent address: six pairs of lower-case hexadecimal digits, joined by colons.
    pub mac: String,
    /// Whether it is part of the machine, be that a virtual one. Docks and USB adapters are not.
    pub built_in: bool,
    /// Whether it is plugged in by USB.
    #[serde(default)]
    pub usb: bool,
    /// Whether a hypervisor makes it.
    #[serde(default, rename = "virtual")]
    pub is_virtual: bool,
}

/// What guards the machine and its system drive, as firmware and OS tell it. A word that a later version adds is
/// unknown to this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Security {
    /// The trusted platform module.
    pub tpm: Tpm,
    /// Whether the firmware starts signed systems only.
    pub secure_boot: SecureBoot,
    /// The drive the system starts from.
    pub system_drive: SystemDrive,
}

words! {
    /// The trusted platform module.
    #[derive(Default)]
    pub enum Tpm {
        /// There is none, or it is switched off.
        Absent = "absent",
        /// There is one, of a version that is not told.
        Present = "present",
        /// Of version 1.2.
        V1 = "1.2",
        /// Of version 2.0.
        V2 = "2.0",
        /// It cannot be told.
        #[default]
        #[serde(other)]
        Unknown = "unknown",
    }
}

words! {
    /// Secure Boot.
    #[derive(Default)]
    pub enum SecureBoot {
        /// The firmware starts whatever it finds.
        Off = "off",
        /// The firmware starts signed systems only.
        On = "on",
        /// The firmware has no such thing.
        Unsupported = "unsupported",
        /// It cannot be told.
        #[default]
        #[serde(other)]
        Unknown = "unknown",
    }
}

/// The drive the system starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SystemDrive {
    /// Encrypted.
    Encrypted {
        /// By what: `bitlocker`, `luks`, ….
        by: Word,
    },
    /// Not encrypted.
    Plain,
    /// It cannot be told.
    #[default]
    #[serde(other)]
    Unknown,
}

impl std::fmt::Display for SystemDrive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Encrypted { by } => by.fmt(f),
            Self::Plain => f.write_str("plain"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// The operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Os {
    /// Name, such as `Debian GNU/Linux`.
    pub name: String,
    /// Version, such as `12`.
    pub version: String,
    /// Build or point release, such as `12.11`.
    pub build: String,
    /// The kernel's release.
    pub kernel: String,
    /// The processor's architecture, such as `x86_64`.
    pub arch: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_agent_leaves_out_is_unknown() {
        let told = r#"{"model":"20XW","adapters":[{"mac":"02:00:00:00:00:01","built_in":true}]}"#;
        let read: Fingerprint = serde_json::from_str(told).unwrap();
        assert_eq!((read.system_uuid, read.security), (None, Security::default()));
        assert!(!read.adapters[0].usb && !read.adapters[0].is_virtual);
    }

    #[test]
    fn what_a_later_agent_adds_is_unknown() {
        let told = serde_json::json!({"tpm": "3.0", "secure_boot": "audit", "system_drive": {"state": "half", "by": "x"}, "lid": 1});
        assert_eq!(serde_json::from_value::<Security>(told).unwrap(), Security::default());
    }

    #[test]
    fn security_is_told_in_words() {
        let security = Security {
            tpm: Tpm::V2,
            secure_boot: SecureBoot::On,
            system_drive: SystemDrive::Encrypted {
                by: Word::new("bitlocker").unwrap(),
            },
        };
        let told = serde_json::json!({
            "tpm": "2.0", "secure_boot": "on", "system_drive": {"state": "encrypted", "by": "bitlocker"}
        });
        assert_eq!(serde_json::to_value(&security).unwrap(), told);
        assert_eq!(serde_json::from_value::<Security>(told).unwrap(), security);
    }
}

//! What identifies a device to people. Identity itself is the device's key; all of this may change.

use serde::{Deserialize, Serialize};

use crate::ids::KeyedHash;

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
    /// Network adapters with their permanent addresses, ordered by address.
    pub adapters: Vec<Adapter>,
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
    /// Whether it is part of the machine. Docks, USB and virtual adapters are not.
    pub built_in: bool,
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

//! The tables of Windows: SMBIOS from the firmware, the registry, the network interfaces, and who is logged on.

use windows_registry::{Key, LOCAL_MACHINE};

use super::edition::Edition;
use super::hardware::Hardware;
use super::{Tables, smbios};

#[path = "windows/adapters.rs"]
mod adapters;
#[path = "windows/firmware.rs"]
mod firmware;
#[path = "windows/kernel.rs"]
mod kernel;
#[path = "windows/security.rs"]
mod security;
#[path = "windows/sessions.rs"]
mod sessions;
#[path = "windows/tpm.rs"]
mod tpm;

pub(super) fn tables() -> Tables {
    let hardware = Hardware::from(smbios::read(&firmware::smbios()));
    Tables {
        vendor: hardware.vendor,
        model: hardware.model,
        serial: hardware.serial,
        system_uuid: hardware.uuid,
        adapters: adapters::read(),
        security: security::read(),
        release: edition().into(),
        users: sessions::read(),
    }
}

fn edition() -> Edition {
    let key = LOCAL_MACHINE.open(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion").ok();
    let text = |name: &str| text(key.as_ref(), name);
    Edition {
        product: text("ProductName"),
        id: text("EditionID"),
        installation: text("InstallationType"),
        display: text("DisplayVersion"),
        release: text("ReleaseId"),
        build: text("CurrentBuild"),
        update: key.as_ref().and_then(|key| key.get_u32("UBR").ok()),
        kernel_build: kernel::build(),
    }
}

/// A value of the registry; empty where it is missing or no text.
fn text(key: Option<&Key>, name: &str) -> String {
    key.and_then(|key| key.get_string(name).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use fileward_protocol::fingerprint::{SecureBoot, Tpm};

    use super::super::Release;
    use super::*;

    #[test]
    fn this_windows_tells_its_name_and_build() {
        let release = Release::from(edition());
        assert!(release.name.contains("Windows"), "{release:?}");
        assert!(release.build.starts_with(|c: char| c.is_ascii_digit()), "{release:?}");
    }

    #[test]
    fn what_guards_this_pc_can_be_asked() {
        // Wine has the library and no TPM, and no key for Secure Boot; on a PC all of it may be anything.
        let security = security::read();
        if LOCAL_MACHINE.open(r"SOFTWARE\Wine").is_ok() {
            let told = (security.tpm, security.secure_boot);
            assert_eq!(told, (Tpm::Absent, SecureBoot::Unsupported));
        }
    }

    #[test]
    fn the_interfaces_and_sessions_of_this_pc_can_be_listed() {
        for adapter in adapters::read() {
            assert_eq!(adapter.mac.len(), 17);
        }
        assert!(sessions::read().iter().all(|user| !user.is_empty()));
    }
}

//! TPM and Secure Boot as the kernel shows them, and what the root file system lies on.

use std::fs;
use std::path::Path;

use fileward_places::System;
use fileward_protocol::fingerprint::{SecureBoot, Security, Tpm};

use super::super::system_drive;
use super::text;

/// The variable of UEFI (section 3.3 of its specification) below the kernel's folder; four bytes of attributes stand
/// before its value.
const SECURE_BOOT: &str = "efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const ATTRIBUTES: usize = 4;

pub(super) fn read(root: &Path) -> Security {
    let system = System { root: root.into() };
    Security {
        tpm: tpm(&root.join("sys/class/tpm")),
        secure_boot: secure_boot(&root.join("sys/firmware")),
        system_drive: system_drive(&system, root),
    }
}

/// A kernel that knows no TPM has no such folder; the version is told since Linux 5.6.
fn tpm(class: &Path) -> Tpm {
    let Ok(mut entries) = fs::read_dir(class) else {
        return Tpm::Unknown;
    };
    let Some(Ok(first)) = entries.next() else {
        return Tpm::Absent;
    };
    match text(&first.path().join("tpm_version_major")).trim() {
        "1" => Tpm::V1,
        "2" => Tpm::V2,
        _ => Tpm::Present,
    }
}

fn secure_boot(firmware: &Path) -> SecureBoot {
    let efi = firmware.join("efi");
    if !efi.exists() {
        return if firmware.exists() {
            SecureBoot::Unsupported
        } else {
            SecureBoot::Unknown
        };
    }
    match fs::read(efi.join(SECURE_BOOT))
        .as_deref()
        .map(|bytes| bytes.get(ATTRIBUTES))
    {
        Ok(Some(1)) => SecureBoot::On,
        Ok(Some(0)) => SecureBoot::Off,
        _ => SecureBoot::Unknown,
    }
}

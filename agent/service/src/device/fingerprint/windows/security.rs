//! TPM, Secure Boot and the encryption of the drive that Windows starts from.

use std::path::Path;

use fileward_places::System;
use fileward_protocol::fingerprint::{SecureBoot, Security};
use windows_registry::LOCAL_MACHINE;

use super::super::system_drive;
use super::{text, tpm};

/// `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`.
const MISSING: i32 = 0x8007_0002_u32.cast_signed();

pub(super) fn read() -> Security {
    // Told in the registry, not by the environment, which is the caller's.
    let windows = LOCAL_MACHINE.open(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion").ok();
    let windows = text(windows.as_ref(), "SystemRoot");
    let drive = Path::new(&windows).ancestors().last().unwrap_or(Path::new(""));
    Security {
        tpm: tpm::read(),
        secure_boot: secure_boot(),
        system_drive: system_drive(&System::default(), drive),
    }
}

fn secure_boot() -> SecureBoot {
    let state = match LOCAL_MACHINE.open(r"SYSTEM\CurrentControlSet\Control\SecureBoot\State") {
        Ok(state) => state,
        // Windows makes the key where the firmware has Secure Boot.
        Err(error) if error.code().0 == MISSING => return SecureBoot::Unsupported,
        Err(_) => return SecureBoot::Unknown,
    };
    match state.get_u32("UEFISecureBootEnabled") {
        Ok(0) => SecureBoot::Off,
        Ok(1) => SecureBoot::On,
        _ => SecureBoot::Unknown,
    }
}

//! The TPM, by the library of its base services.
#![allow(
    unsafe_code,
    clippy::cast_possible_truncation,
    reason = "calls of the OS, which take sizes in 32 bits"
)]

use std::ptr;

use fileward_protocol::fingerprint::Tpm;
use windows_sys::Win32::Foundation::FreeLibrary;
use windows_sys::Win32::System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW};
use windows_sys::Win32::System::TpmBaseServices::{TPM_DEVICE_INFO, TPM_VERSION_12, TPM_VERSION_20};
use windows_sys::core::{s, w};

/// `Tbsi_GetDeviceInfo`, which takes the size of the structure and the structure.
type GetDeviceInfo = unsafe extern "system" fn(u32, *mut TPM_DEVICE_INFO) -> u32;

const SUCCESS: u32 = 0;
/// `TBS_E_TPM_NOT_FOUND` (`winerror.h`).
const NOT_FOUND: u32 = 0x8028_400f;

/// Asks the library, which is loaded for this alone: where it is missing, nothing else should be.
pub(super) fn read() -> Tpm {
    // SAFETY: the name is a text of the program, and only Windows' own folder is searched.
    let library = unsafe { LoadLibraryExW(w!("tbs.dll"), ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
    if library.is_null() {
        return Tpm::Unknown;
    }
    // SAFETY: the library is loaded, and the name is a text of the program.
    let found = unsafe { GetProcAddress(library, s!("Tbsi_GetDeviceInfo")) };
    let told = found.map_or(Tpm::Unknown, |function| {
        // SAFETY: the function of this name has this signature, whatever the version of Windows.
        ask(unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, GetDeviceInfo>(function) })
    });
    // SAFETY: it was loaded once, and nothing of it is used from here on.
    unsafe { FreeLibrary(library) };
    told
}

fn ask(get_device_info: GetDeviceInfo) -> Tpm {
    let mut info = TPM_DEVICE_INFO::default();
    // SAFETY: the structure is as long as is said.
    let told = unsafe { get_device_info(size_of::<TPM_DEVICE_INFO>() as u32, &raw mut info) };
    match (told, info.tpmVersion) {
        (SUCCESS, TPM_VERSION_12) => Tpm::V1,
        (SUCCESS, TPM_VERSION_20) => Tpm::V2,
        (SUCCESS, _) => Tpm::Present,
        (NOT_FOUND, _) => Tpm::Absent,
        _ => Tpm::Unknown,
    }
}

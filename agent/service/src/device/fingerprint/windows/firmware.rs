//! The raw tables of the firmware.
#![allow(unsafe_code)]

use windows_sys::Win32::System::SystemInformation::{GetSystemFirmwareTable, RSMB};

/// The SMBIOS table with Microsoft's header; empty where there is none.
pub(super) fn smbios() -> Vec<u8> {
    // SAFETY: no memory is given; the OS tells how much it needs.
    let length = unsafe { GetSystemFirmwareTable(RSMB, 0, std::ptr::null_mut(), 0) };
    let mut table = vec![0; length as usize];
    // SAFETY: the memory is as long as is said.
    let written = unsafe { GetSystemFirmwareTable(RSMB, 0, table.as_mut_ptr(), length) };
    // It tells a greater length, and writes nothing, should the table have grown.
    if written > length {
        return Vec::new();
    }
    table.truncate(written as usize);
    table
}

//! Network adapters with their permanent addresses.
#![allow(unsafe_code)]

use std::ptr;

use fileward_protocol::fingerprint::Adapter;
use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::Foundation::NO_ERROR;
use windows_sys::Win32::NetworkManagement::IpHelper::{FreeMibTable, GetIfTable2, MIB_IF_ROW2};
use windows_sys::core::GUID;

use super::super::interface::Interface;
use super::text;

/// Where Windows keeps the device behind an interface: the class of network adapters.
const CONNECTIONS: &str = r"SYSTEM\CurrentControlSet\Control\Network\{4D36E972-E325-11CE-BFC1-08002BE10318}";

/// `HardwareInterface` and `FilterInterface` of `InterfaceAndOperStatusFlags` (`netioapi.h`).
const HARDWARE: u8 = 1;
const FILTER: u8 = 2;

pub(super) fn read() -> Vec<Adapter> {
    let mut table = ptr::null_mut();
    // SAFETY: the table is allocated for this process to free.
    if unsafe { GetIfTable2(&raw mut table) } != NO_ERROR {
        return Vec::new();
    }
    // SAFETY: the OS wrote as many rows, one behind the other, as the table says; they are copied before it is freed.
    unsafe {
        let rows = std::slice::from_raw_parts((&raw const (*table).Table).cast(), (*table).NumEntries as usize);
        let adapters = rows.iter().filter_map(|row| interface(row).adapter()).collect();
        FreeMibTable(table.cast());
        adapters
    }
}

fn interface(row: &MIB_IF_ROW2) -> Interface {
    let flags = row.InterfaceAndOperStatusFlags._bitfield;
    let length = (row.PhysicalAddressLength as usize).min(row.PermanentPhysicalAddress.len());
    Interface {
        kind: row.Type,
        is_hardware: flags & HARDWARE != 0,
        is_filter: flags & FILTER != 0,
        permanent: row.PermanentPhysicalAddress[..length].to_vec(),
        device: device(&row.InterfaceGuid),
    }
}

fn device(interface: &GUID) -> String {
    let id = uuid::Uuid::from_fields(interface.data1, interface.data2, interface.data3, &interface.data4);
    let path = format!(r"{CONNECTIONS}\{}\Connection", id.braced());
    text(LOCAL_MACHINE.open(path).ok().as_ref(), "PnPInstanceId")
}

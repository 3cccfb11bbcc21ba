//! How a volume's disk is attached. External disks call themselves fixed; only their bus tells that they will be unplugged.

#![allow(unsafe_code)]

use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{
    BusType1394, BusTypeUsb, CreateFileW, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, OPEN_EXISTING,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::{
    IOCTL_STORAGE_QUERY_PROPERTY, PropertyStandardQuery, STORAGE_DEVICE_DESCRIPTOR, STORAGE_PROPERTY_QUERY,
    StorageDeviceProperty,
};

/// Whether the disk of the volume at `point` hangs on a bus that leads out of the PC. Memory cards that are soldered in look like
/// those in a slot, so cards are left to the kind of their drive.
pub(super) fn is_outside(point: &Path) -> bool {
    super::name(point)
        .and_then(|name| open(&name))
        .and_then(|device| descriptor(&device))
        .is_some_and(|descriptor| descriptor.RemovableMedia || [BusTypeUsb, BusType1394].contains(&descriptor.BusType))
}

/// Opens a device to ask about it: that takes no rights, and does not wake a disk that sleeps.
fn open(name: &str) -> Option<OwnedHandle> {
    let name = super::wide(Path::new(name));
    // SAFETY: the name ends with a NUL.
    let handle = unsafe {
        CreateFileW(
            name.as_ptr(),
            0,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            null(),
            OPEN_EXISTING,
            0,
            null_mut(),
        )
    };
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    (handle != INVALID_HANDLE_VALUE).then(|| unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn descriptor(device: &OwnedHandle) -> Option<STORAGE_DEVICE_DESCRIPTOR> {
    let query = STORAGE_PROPERTY_QUERY {
        PropertyId: StorageDeviceProperty,
        QueryType: PropertyStandardQuery,
        AdditionalParameters: [0],
    };
    let mut descriptor = STORAGE_DEVICE_DESCRIPTOR::default();
    let mut length = 0;
    // SAFETY: the handle is open for the whole call, and both structures are as large as the call is told. What the device
    // says beyond its fixed part is cut off.
    let told = unsafe {
        DeviceIoControl(
            device.as_raw_handle(),
            IOCTL_STORAGE_QUERY_PROPERTY,
            (&raw const query).cast(),
            size(&query),
            (&raw mut descriptor).cast(),
            size(&descriptor),
            &raw mut length,
            null_mut(),
        )
    };
    (told != 0 && length >= size(&descriptor)).then_some(descriptor)
}

/// The size of one of these small structures.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn size<T>(_of: &T) -> u32 {
    size_of::<T>() as u32
}

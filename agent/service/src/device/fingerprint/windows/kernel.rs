//! The kernel's own number.
#![allow(
    unsafe_code,
    clippy::cast_possible_truncation,
    reason = "calls of the OS, which take sizes in 32 bits"
)]

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;

/// The build, such as 22631. `GetVersionExW` tells an old one to programs whose manifest names no newer.
pub(super) fn build() -> Option<u32> {
    let mut version = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: the structure says its own size.
    let status = unsafe { RtlGetVersion(&raw mut version) };
    (status >= 0 && version.dwBuildNumber > 0).then_some(version.dwBuildNumber)
}

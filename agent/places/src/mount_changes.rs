//! Tells when file systems come and go. Mounting over a folder changes nothing in the folder above it, so no anchor shows it.

#[cfg(target_os = "linux")]
#[path = "mount_changes/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "mount_changes/windows.rs"]
mod platform;

pub use platform::MountChanges;

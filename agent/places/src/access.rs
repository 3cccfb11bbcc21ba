//! Who may write into a folder: by its owner, its group and its access control list, not by trying.

#[cfg(target_os = "linux")]
#[path = "access/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "access/windows.rs"]
mod platform;

pub(crate) use platform::writers;

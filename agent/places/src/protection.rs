//! Whether what is written into a folder is encrypted on its disk, whether its file system tells about changes, and whether it may
//! be watched without holding its volume.

#[cfg(target_os = "linux")]
#[path = "protection/linux/mod.rs"]
mod platform;
#[cfg(windows)]
#[path = "protection/windows/mod.rs"]
mod platform;

#[cfg(windows)]
pub use platform::Volume;
pub(crate) use platform::Volumes;
#[cfg(windows)]
pub(crate) use platform::{device_root, dos_device};

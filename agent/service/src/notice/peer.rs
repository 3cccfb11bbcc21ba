//! Who is at the other end of a connection.

#[cfg(target_os = "linux")]
#[path = "peer/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "peer/windows.rs"]
mod platform;

pub(super) use platform::may_write;

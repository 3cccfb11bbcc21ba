//! The users of the PC whose folders are watched.

#[cfg(target_os = "linux")]
#[path = "users/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "users/windows.rs"]
mod platform;

#[cfg(windows)]
pub(crate) use platform::PROFILES;
pub(crate) use platform::{all, of_home};

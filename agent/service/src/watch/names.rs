//! Names and paths as they are stored: the OS's own, whatever a user or a program made of them.

#[cfg(unix)]
#[path = "names/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "names/windows.rs"]
mod platform;

pub(crate) use platform::{bytes, long, name};

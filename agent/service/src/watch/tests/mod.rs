//! The whole stage on real folders.

mod behaviour;
mod journal;
#[cfg(target_os = "linux")]
mod limits;
mod places;
mod random;
pub(super) mod site;
mod storms;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

//! Where a service listens.

use std::path::{Path, PathBuf};

#[cfg(unix)]
#[path = "socket/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "socket/windows.rs"]
mod platform;

#[cfg(windows)]
pub use platform::CLIENT_RIGHTS;

/// Where the service of the system listens.
pub fn of_system() -> PathBuf {
    platform::of_system()
}

/// Where a service with a state folder of its own listens.
pub fn of_folder(data: &Path) -> PathBuf {
    platform::of_folder(data)
}

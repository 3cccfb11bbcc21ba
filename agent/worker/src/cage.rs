//! What the worker gives up before it reads the first byte of a file.

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
#[path = "cage/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "cage/windows.rs"]
mod platform;

#[cfg(all(test, target_os = "linux"))]
pub(super) use platform::close_file_system;
#[cfg(windows)]
pub(super) use platform::{CPU_SECONDS, MEMORY};
pub(super) use platform::{WITHOUT_SECOND_LOCK, close_inherited_files, enter};

/// What of the cage holds on this PC. Without the rest there is no worker at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cage {
    /// Whether the file system and the network are closed by a second lock: Landlock besides the forbidden calls on Linux, a token
    /// that opens nothing besides a low integrity on Windows.
    pub(super) has_second_lock: bool,
}

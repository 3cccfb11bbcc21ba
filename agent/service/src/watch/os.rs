//! What only the OS can tell or do for this stage.

#[cfg(target_os = "linux")]
#[path = "os/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "os/windows.rs"]
mod platform;

pub(super) use platform::{calm_thread, suspended, writer};

/// Whether somebody has a file open for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Nobody has.
    None,
    /// Somebody has.
    Busy,
    /// The OS does not tell.
    Unknown,
}

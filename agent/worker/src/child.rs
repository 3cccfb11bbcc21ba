//! The worker as a process: starting it without rights, and ending it.

#[cfg(target_os = "linux")]
#[path = "child/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "child/windows.rs"]
mod platform;

/// A running worker: `id()` names its process, `end()` ends it at once and says how it had ended or ends now.
pub(super) use platform::Child;
/// How strictly the process is held from outside.
pub(super) use platform::Hold;
/// The program that becomes the worker: this very one.
pub(super) use platform::own_program;
/// Starts a worker in a hold, and gives the channel over which it talks.
pub(super) use platform::start;

//! The socket pair or pipe between service and worker: whole frames, with a few open files each.

#[cfg(target_os = "linux")]
#[path = "channel/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "channel/windows.rs"]
mod platform;

pub(super) use platform::{Channel, Inherited, Peer, hands_over};

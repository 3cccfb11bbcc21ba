//! The socket pair between service and worker: whole frames, with at most one open file each.

#[cfg(target_os = "linux")]
#[path = "channel/linux.rs"]
mod platform;

pub(super) use platform::{Channel, Peer, hands_over};

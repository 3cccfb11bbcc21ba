//! Where clients of this PC connect, and what they connect with.
//!
//! [`Listener`] makes sure that it is the only one and may be made outside a runtime; [`Clients`] needs one.

#[cfg(target_os = "linux")]
#[path = "listener/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "listener/windows.rs"]
mod platform;

pub(super) use platform::{Clients, Listener, Stream};

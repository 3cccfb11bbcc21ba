//! A client's connection to a service.

use std::io;
use std::path::Path;

#[cfg(unix)]
#[path = "stream/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "stream/windows.rs"]
mod platform;

/// What client and service speak over.
pub type Stream = platform::Stream;

/// Connects to the service that listens at `socket`.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] or [`io::ErrorKind::ConnectionRefused`] when no service listens there.
pub async fn connect(socket: &Path) -> io::Result<Stream> {
    platform::connect(socket).await
}

/// Whether the service at the other end runs as the system or as this very user. Whoever else listens could show
/// findings that are none, and have files moved to a folder of their choice.
///
/// # Errors
/// When the OS does not tell who listens.
pub fn is_believed(stream: &Stream) -> io::Result<bool> {
    platform::is_believed(stream)
}

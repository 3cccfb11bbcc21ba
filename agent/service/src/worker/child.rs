//! The worker as a process: starting it without rights, and ending it.

#[cfg(target_os = "linux")]
#[path = "child/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "child/windows.rs"]
mod platform;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::channel::{Channel, Peer};

pub(super) use platform::own_program;

/// Starts a worker that talks over the channel that is returned.
pub(super) fn start(program: &Path, arguments: &[OsString]) -> io::Result<(Child, Channel)> {
    let (channel, peer): (Channel, Peer) = Channel::pair()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(peer)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    platform::drop_rights(&mut command);
    Ok((command.spawn()?, channel))
}

/// Ends a worker at once, and says how it had ended or ends now.
pub(super) fn end(child: &mut Child) -> String {
    // It has nothing to lose or to save, so there is no need to ask it first.
    let _ = child.kill();
    child
        .wait()
        .map_or_else(|error| error.to_string(), |status| status.to_string())
}

//! Starting the worker on Linux.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::channel::{Channel, Peer};

/// The users a worker of root becomes: its own if the package made one, else the one that owns nothing.
const USERS: [&str; 2] = ["fileward-worker", "nobody"];
/// The kernel's own number for nobody.
const NOBODY: (u32, u32) = (65534, 65534);

/// This very program, even if an update has replaced it on disk, and even where the new user cannot follow its path.
pub(crate) fn own_program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// There is one hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hold;

impl Hold {
    /// All there are, the strictest first.
    pub(crate) const ALL: [Self; 1] = [Self];
}

#[derive(Debug)]
pub(crate) struct Child(std::process::Child);

pub(crate) fn start(program: &Path, arguments: &[OsString], _: Hold) -> io::Result<(Child, Channel)> {
    let (channel, peer): (Channel, Peer) = Channel::pair()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        // A second heap asks for a file when it shrinks, which ends a worker.
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir("/")
        .stdin(peer)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    drop_rights(&mut command);
    Ok((Child(command.spawn()?), channel))
}

impl Child {
    #[cfg(test)]
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn end(&mut self) -> String {
        // It has nothing to lose or to save, so there is no need to ask it first.
        let _ = self.0.kill();
        let status = self.0.wait();
        status.map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

/// Lets the child of root become an unprivileged user. Supplementary groups go too: the standard library clears
/// them with the user.
fn drop_rights(command: &mut Command) {
    if rustix::process::geteuid().is_root() {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let (user, group) = unprivileged(&users).unwrap_or(NOBODY);
        command.uid(user).gid(group);
    }
}

/// The user and group numbers of the first of [`USERS`] that exists and is not root.
fn unprivileged(passwd: &str) -> Option<(u32, u32)> {
    USERS.iter().find_map(|user| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
        let mut fields = line.split(':').skip(2);
        let ids = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        (ids.0 != 0 && ids.1 != 0).then_some(ids)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_has_its_own_user_or_is_nobody() {
        let nobody = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        let own = format!("{nobody}fileward-worker:x:990:991::/:/bin/false\n");
        assert_eq!(unprivileged(nobody), Some((65534, 65533)));
        assert_eq!(unprivileged(&own), Some((990, 991)));
    }

    #[test]
    fn a_user_that_is_root_under_another_name_is_not_taken() {
        assert_eq!(unprivileged("fileward-worker:x:0:0::/:/bin/false\n"), None);
        assert_eq!(unprivileged("nobody:x:broken\n"), None);
    }
}

//! Mounts of a user that nobody else on this machine sees: a mount namespace for the agent and for what its user mounts.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::pc::Pc;
use crate::process::{Running, eventually, have, output};

/// A mount namespace that lasts as long as the test.
#[derive(Debug)]
pub struct Mounts {
    holder: Running,
    _folder: TempDir,
}

/// A gocryptfs volume that only its user may enter: it is mounted without `allow_other`.
#[derive(Debug)]
pub struct Vault {
    at: PathBuf,
    _gocryptfs: Running,
}

impl Mounts {
    /// Begins one. `None`, with a printed reason, where that cannot be.
    pub fn begin() -> Option<Self> {
        if !have(&["unshare", "nsenter", "gocryptfs", "fusermount3"]) {
            return None;
        }
        if !rustix::process::geteuid().is_root() || !Path::new("/dev/fuse").exists() {
            eprintln!("SKIPPED: this needs root and /dev/fuse");
            return None;
        }
        let folder = TempDir::new().expect("a temporary folder");
        // A device that every user may open, as on any PC; in a container it may be root's alone.
        let make = format!(
            "mount -t tmpfs none {0} && mknod -m 666 {0}/fuse c 10 229 && mount --bind {0}/fuse /dev/fuse \
             && echo ready && exec sleep infinity",
            folder.path().display()
        );
        let unshare = ["--mount", "--propagation", "private", "sh", "-c", &make];
        let mut holder = Running::start(Command::new("unshare").args(unshare));
        holder.line("ready");
        Some(Self {
            holder,
            _folder: folder,
        })
    }

    /// A command of this program inside, as the user who runs the tests.
    pub fn enter(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.nsenter();
        command.arg(program.as_ref());
        command
    }

    /// A command of this program inside, as the PC's user.
    pub fn enter_as(&self, pc: &Pc, program: impl AsRef<Path>) -> Command {
        let mut command = self.nsenter();
        if let Some((uid, gid)) = pc.user() {
            command.arg(format!("--setuid={uid}")).arg(format!("--setgid={gid}"));
        }
        command.arg(program.as_ref()).env("HOME", pc.home());
        command
    }

    /// Lets the PC's user mount a new encrypted volume at a folder of theirs.
    pub fn vault(&self, pc: &Pc, at: &Path) -> Vault {
        let name = at.file_name().expect("a folder below the home").to_string_lossy();
        let cipher = pc.root().join(format!("cipher-{name}"));
        std::fs::create_dir(&cipher).expect("the folder is ours");
        pc.give(&cipher);
        let secret = ["-q", "-extpass", "echo secret"];
        let init = ["-init", "-scryptn", "10"];
        output(self.enter_as(pc, "gocryptfs").args(secret).args(init).arg(&cipher));
        let mut mount = self.enter_as(pc, "gocryptfs");
        mount.args(secret).args(["-fg", "-nonempty"]).arg(&cipher).arg(at);
        let gocryptfs = Running::start(&mut mount);
        eventually("the volume is mounted", || self.is_mounted(at).then_some(()));
        Vault {
            at: at.to_owned(),
            _gocryptfs: gocryptfs,
        }
    }

    /// Lets the PC's user unmount a volume.
    pub fn lock(&self, pc: &Pc, vault: &Vault) {
        output(self.enter_as(pc, "fusermount3").arg("-u").arg(&vault.at));
        eventually("the volume is unmounted", || {
            (!self.is_mounted(&vault.at)).then_some(())
        });
    }

    /// Whether a folder is a mount point inside.
    fn is_mounted(&self, at: &Path) -> bool {
        let table = format!("/proc/{}/mountinfo", self.holder.pid());
        let table = std::fs::read_to_string(table).expect("the namespace lasts");
        table.contains(&format!(" {} ", at.display()))
    }

    fn nsenter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.pid()));
        command
    }
}

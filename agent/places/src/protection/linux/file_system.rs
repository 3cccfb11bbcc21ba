//! What the kind of a file system says, and what it says of one folder.

use std::path::Path;

use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags};

use super::mounts::Mount;

/// `ECRYPTFS_SUPER_MAGIC`.
const ECRYPTFS: u64 = 0xf15f;

/// Where a file system keeps what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Encrypted, by this program.
    Encrypting(&'static str),
    /// On the device whose number the mount has.
    Device,
    /// On devices behind an anonymous number, which the mount's source names.
    Devices,
    /// Likewise; it can also encrypt by itself, which cannot be seen from outside.
    MaybeEncryptingDevices,
    /// In memory, from where it may be swapped out.
    Memory,
    /// On a server, or wherever a program puts it.
    Foreign,
}

/// Where the file system of `mount` keeps what is written.
pub(super) fn kind(mount: &Mount) -> Kind {
    match mount.kind.as_str() {
        "ecryptfs" => Kind::Encrypting("ecryptfs"),
        "fuse.gocryptfs" => Kind::Encrypting("gocryptfs"),
        "fuse.cryfs" => Kind::Encrypting("cryfs"),
        "fuse.encfs" => Kind::Encrypting("encfs"),
        "fuse.securefs" => Kind::Encrypting("securefs"),
        "fuse.veracrypt" => Kind::Encrypting("veracrypt"),
        "btrfs" => Kind::Devices,
        "bcachefs" => Kind::MaybeEncryptingDevices,
        "tmpfs" | "ramfs" | "devtmpfs" | "hugetlbfs" => Kind::Memory,
        _ if mount.device.0 != 0 => Kind::Device,
        _ => Kind::Foreign,
    }
}

/// Whether a file system of this kind tells about changes that are not made through this very mount.
pub(super) fn tells_changes(kind: &str) -> bool {
    match kind {
        // Local data that only this mount changes.
        "fuse.gocryptfs" | "fuse.cryfs" | "fuse.encfs" | "fuse.securefs" | "fuse.veracrypt" | "fuseblk" => true,
        // Others change it as well, on a server, on the host of a virtual machine or beneath the mount.
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "ncpfs" | "afs" | "ceph" | "coda" | "9p" | "virtiofs"
        | "vboxsf" | "vmhgfs" | "prl_fs" | "lustre" | "glusterfs" | "beegfs" | "gpfs" | "gfs2" | "ocfs2"
        | "orangefs" | "autofs" | "fuse" => false,
        other => !other.starts_with("fuse."),
    }
}

/// What encrypts this very folder or file, as the kernel says.
pub(super) fn encrypts(path: &Path) -> Option<&'static str> {
    let flags = AtFlags::NO_AUTOMOUNT | AtFlags::SYMLINK_NOFOLLOW;
    let status = rustix::fs::statx(CWD, path, flags, StatxFlags::TYPE).ok()?;
    // A file system that does not know the attribute leaves it out of the mask, and then its value means nothing.
    let both = status.stx_attributes_mask & status.stx_attributes;
    if both.contains(StatxAttributes::ENCRYPTED) {
        return Some("fscrypt");
    }
    let file_system = rustix::fs::statfs(path).ok()?;
    (u64::try_from(file_system.f_type) == Ok(ECRYPTFS)).then_some("ecryptfs")
}

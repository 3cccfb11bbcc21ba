//! POSIX: the mode, or the access control list in its place, and the groups of the user database.
//!
//! A network file system may decide otherwise on its server; then the user is told when they try.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::unistd::{self, Uid, getgrouplist};
use rustix::fs::{Mode, OFlags, ResolveFlags, fgetxattr, fstat, openat2};
use rustix::io::Errno;

use crate::{User, UserId};

/// To make a file in a folder takes the rights to write it and to search it.
const WRITE_AND_SEARCH: u16 = 0o3;

/// The users among `users` that may make files in `folder`; nobody where it cannot be told. No symlink is followed.
pub(crate) fn writers<'a>(folder: &Path, users: impl IntoIterator<Item = &'a User>) -> Vec<UserId> {
    let Ok(rights) = open(folder).and_then(|folder| Rights::of(&folder)) else {
        return Vec::new();
    };
    let users = users.into_iter().map(|user| user.id);
    users
        .filter(|user| {
            let uid = u32::from(*user);
            rights.admit(uid, || groups(uid))
        })
        .collect()
}

fn open(folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let no_links = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(openat2(rustix::fs::CWD, folder, flags, Mode::empty(), no_links)?)
}

/// Every group of a user that the user database knows; none of others.
fn groups(uid: u32) -> Vec<u32> {
    let Ok(Some(user)) = unistd::User::from_uid(Uid::from_raw(uid)) else {
        return Vec::new();
    };
    let groups = CString::new(user.name)
        .ok()
        .and_then(|name| getgrouplist(&name, user.gid).ok());
    groups
        .unwrap_or_default()
        .into_iter()
        .map(unistd::Gid::as_raw)
        .collect()
}

/// A folder's rights, each as `rwx` in three bits.
#[derive(Debug, Default)]
struct Rights {
    owner: (u32, u16),
    users: Vec<(u32, u16)>,
    groups: Vec<(u32, u16)>,
    others: u16,
}

impl Rights {
    fn of(folder: impl AsFd) -> io::Result<Self> {
        let stat = fstat(&folder)?;
        // The largest that the kernel allows: XATTR_SIZE_MAX in linux/limits.h.
        let mut list = vec![0; 65_536];
        match fgetxattr(&folder, c"system.posix_acl_access", &mut list[..]) {
            Ok(length) => {
                Self::listed(&list[..length], stat.st_uid, stat.st_gid).ok_or_else(|| io::ErrorKind::InvalidData.into())
            }
            Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(Self::by_mode(stat.st_mode, stat.st_uid, stat.st_gid)),
            Err(error) => Err(error.into()),
        }
    }

    fn by_mode(mode: u32, owner: u32, group: u32) -> Self {
        let bits = |shift: u32| u16::try_from(mode >> shift & 0o7).unwrap_or_default();
        Self {
            owner: (owner, bits(6)),
            users: Vec::new(),
            groups: vec![(group, bits(3))],
            others: bits(0),
        }
    }

    /// Reads an access control list as `linux/posix_acl_xattr.h` has it: version 2, then a tag, bits and an id each.
    fn listed(list: &[u8], owner: u32, group: u32) -> Option<Self> {
        let (version, entries) = list.split_first_chunk()?;
        if u32::from_le_bytes(*version) != 2 {
            return None;
        }
        let mut rights = Self::default();
        let mut mask = 0o7;
        let (entries, rest) = entries.as_chunks::<8>();
        for [tag_0, tag_1, bits_0, bits_1, id @ ..] in entries {
            let bits = u16::from_le_bytes([*bits_0, *bits_1]);
            let id = u32::from_le_bytes(*id);
            match u16::from_le_bytes([*tag_0, *tag_1]) {
                0x01 => rights.owner = (owner, bits),
                0x02 => rights.users.push((id, bits)),
                0x04 => rights.groups.push((group, bits)),
                0x08 => rights.groups.push((id, bits)),
                0x10 => mask = bits,
                0x20 => rights.others = bits,
                _ => return None,
            }
        }
        for (_, bits) in rights.users.iter_mut().chain(&mut rights.groups) {
            *bits &= mask;
        }
        rest.is_empty().then_some(rights)
    }

    /// Whether a user may make files; `groups` is asked only when it depends on them.
    fn admit(&self, uid: u32, groups: impl FnOnce() -> Vec<u32>) -> bool {
        let enough = |bits: u16| bits & WRITE_AND_SEARCH == WRITE_AND_SEARCH;
        let mut by_name = std::iter::once(&self.owner).chain(&self.users);
        if let Some((_, bits)) = by_name.find(|(id, _)| *id == uid) {
            return enough(*bits);
        }
        let groups = groups();
        let mut theirs = self.groups.iter().filter(|(id, _)| groups.contains(id)).peekable();
        if theirs.peek().is_none() {
            return enough(self.others);
        }
        theirs.any(|(_, bits)| enough(*bits))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    use std::process::Command;

    use rustix::fs::{XattrFlags, setxattr};

    use super::*;

    const ALICE: u32 = 4001;
    const BOB: u32 = 4002;
    const STAFF: u32 = 5001;
    const AUDIT: u32 = 5002;

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let entry = |(tag, bits, id): &(u16, u16, u32)| {
            [&tag.to_le_bytes()[..], &bits.to_le_bytes(), &id.to_le_bytes()].concat()
        };
        [2_u32.to_le_bytes().to_vec(), entries.iter().flat_map(entry).collect()].concat()
    }

    /// Whether the kernel lets a process of this user and these groups make a file.
    fn kernel_admits(folder: &Path, uid: u32, groups: &[u32]) -> bool {
        let joined = groups.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={uid}"), format!("--regid={}", groups[0])]);
        command
            .arg(format!("--groups={joined}"))
            .arg("touch")
            .arg(folder.join("file"));
        let made = command.output().unwrap().status.success();
        let _ = fs::remove_file(folder.join("file"));
        made
    }

    #[test]
    fn what_is_said_of_a_folder_is_what_the_kernel_does() {
        if !rustix::process::geteuid().is_root() {
            println!("not root: no folder can be given to others; nothing is tested");
            return;
        }
        let base = tempfile::tempdir().unwrap();
        fs::set_permissions(&base, fs::Permissions::from_mode(0o755)).unwrap();
        let none = u32::MAX;
        let lists = [
            vec![],
            // A mask that shows in the mode's group bits while the group itself may not write.
            vec![(1, 7, none), (2, 7, BOB), (4, 5, none), (16, 7, none), (32, 0, none)],
            vec![(1, 7, none), (2, 7, BOB), (4, 7, none), (16, 5, none), (32, 0, none)],
            vec![(1, 5, none), (4, 0, none), (8, 7, AUDIT), (16, 7, none), (32, 7, none)],
            vec![(1, 7, none), (4, 7, none), (8, 5, AUDIT), (16, 7, none), (32, 7, none)],
        ];
        let peers = [
            (ALICE, vec![ALICE]),
            (BOB, vec![BOB]),
            (BOB, vec![BOB, STAFF]),
            (BOB, vec![STAFF]),
            (BOB, vec![BOB, AUDIT]),
        ];
        let mut seen = [0, 0];
        for acl in &lists {
            for mode in [0o700, 0o770, 0o750, 0o755, 0o777, 0o707, 0o772, 0o2775, 0o070, 0o1777] {
                let folder = base.path().join("folder");
                fs::create_dir(&folder).unwrap();
                chown(&folder, Some(ALICE), Some(STAFF)).unwrap();
                fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
                if !acl.is_empty() {
                    setxattr(&folder, "system.posix_acl_access", &list(acl), XattrFlags::empty()).unwrap();
                }
                let rights = Rights::of(open(&folder).unwrap()).unwrap();
                for (uid, groups) in &peers {
                    let said = rights.admit(*uid, || groups.clone());
                    assert_eq!(
                        said,
                        kernel_admits(&folder, *uid, groups),
                        "{mode:o} {acl:?} {uid} {groups:?}"
                    );
                    seen[usize::from(said)] += 1;
                }
                fs::remove_dir(&folder).unwrap();
                if !acl.is_empty() {
                    break;
                }
            }
        }
        assert!(seen[0] > 10 && seen[1] > 10, "{seen:?}");
    }

    #[test]
    fn a_list_that_is_damaged_admits_nobody() {
        let sound = list(&[(1, 7, 0), (4, 7, 0), (32, 7, 0)]);
        assert!(Rights::listed(&sound, ALICE, STAFF).is_some());
        for damaged in [
            &b""[..],
            &b"\x03\0\0\0"[..],
            &sound[..sound.len() - 1],
            &list(&[(64, 7, 0)]),
        ] {
            assert!(Rights::listed(damaged, ALICE, STAFF).is_none(), "{damaged:?}");
        }
    }

    #[test]
    fn a_folder_behind_a_link_has_no_writers() {
        let base = tempfile::tempdir().unwrap();
        let real = base.path().canonicalize().unwrap().join("real");
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o777)).unwrap();
        let link = real.with_file_name("link");
        symlink(&real, &link).unwrap();
        let user = User {
            id: BOB.into(),
            name: "bob".into(),
            home: "/home/bob".into(),
        };
        assert_eq!(writers(&real, [&user]), [BOB.into()]);
        assert_eq!(writers(&link, [&user]), []);
        assert_eq!(writers(&link.join("."), [&user]), []);
    }

    const DATABASE: &str = "FILEWARD_TEST_DATABASE";

    /// Runs where `/etc/passwd` and `/etc/group` are those of [`a_member_may_write_by_primary_and_supplementary_group`].
    #[test]
    #[ignore = "not a test: it is started with a user database of its own"]
    fn with_other_user_database() {
        let Some(folder) = std::env::var_os(DATABASE) else {
            eprintln!("started by hand, without a user database: nothing to do");
            return;
        };
        let user = |uid: u32| User {
            id: uid.into(),
            name: String::new(),
            home: "/".into(),
        };
        let users = [ALICE, BOB, BOB + 1, BOB + 2, BOB + 3].map(user);
        assert_eq!(
            writers(Path::new(&folder), &users),
            [ALICE, BOB, BOB + 1].map(UserId::from)
        );
    }

    #[test]
    fn a_member_may_write_by_primary_and_supplementary_group() {
        if !rustix::process::geteuid().is_root() {
            println!("not root: the user database cannot be covered by another; nothing is tested");
            return;
        }
        let base = tempfile::tempdir().unwrap();
        let base = base.path().canonicalize().unwrap();
        let folder = base.join("store");
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(ALICE), Some(STAFF)).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
        let line = |uid: u32, gid: u32| format!("u{uid}:x:{uid}:{gid}::/:/bin/sh\n");
        // By supplementary group, by primary group, and in neither; the last is not in the database at all.
        let passwd = [
            line(ALICE, ALICE),
            line(BOB, BOB),
            line(BOB + 1, STAFF),
            line(BOB + 2, AUDIT),
        ]
        .concat();
        fs::write(base.join("passwd"), passwd).unwrap();
        fs::write(
            base.join("group"),
            format!("staff:x:{STAFF}:u{BOB}\naudit:x:{AUDIT}:u{BOB}\n"),
        )
        .unwrap();
        let script = "mount --bind passwd /etc/passwd && mount --bind group /etc/group && exec \"$0\" \"$@\"";
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", script])
            .arg(std::env::current_exe().unwrap())
            .args(["with_other_user_database", "--ignored"])
            .current_dir(&base)
            .env(DATABASE, &folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

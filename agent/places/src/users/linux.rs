//! Users by `/etc/passwd`, and by the owner of their home where a directory (sssd, winbind, systemd-homed) keeps them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::{System, User};

/// The ids of people where `/etc/login.defs` does not say otherwise.
const DEFAULT_IDS: RangeInclusive<u32> = 1000..=60_000;

/// The overflow id: a file system that does not know an owner says this.
const NOBODY: u32 = 65_534;

/// A line of `/etc/passwd`.
struct Entry {
    name: String,
    uid: u32,
    home: PathBuf,
    shell: String,
}

/// Every person of the PC; beside them whoever runs this program from a login, root among others.
pub(crate) fn all(system: &System) -> io::Result<Vec<User>> {
    let entries = entries(&fs::read(system.path("/etc/passwd"))?);
    let ids = person_ids(&fs::read_to_string(system.path("/etc/login.defs")).unwrap_or_default());
    let me = rustix::process::geteuid().as_raw();
    let my_home = std::env::var_os("HOME").map(PathBuf::from);

    let mut users = BTreeMap::new();
    for entry in &entries {
        let person = ids.contains(&entry.uid) && can_log_in(&entry.shell);
        let running = entry.uid == me && my_home.as_ref().is_some_and(|home| *home == entry.home);
        let home = system.path(&entry.home);
        if (person || running) && entry.home != Path::new("/") && may_be_home(&home, entry.uid) {
            users.entry(home.clone()).or_insert_with(|| User {
                id: entry.uid.into(),
                name: entry.name.clone(),
                home,
            });
        }
    }
    for user in directory_users(system, &entries, *ids.start()) {
        users.entry(user.home.clone()).or_insert(user);
    }
    Ok(users.into_values().collect())
}

/// The user that `home` belongs to.
pub(crate) fn of_home(system: &System, home: &Path) -> io::Result<User> {
    let home = std::path::absolute(home)?;
    let metadata = fs::metadata(&home)?;
    if !metadata.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let uid = metadata.uid();
    let passwd = fs::read(system.path("/etc/passwd")).unwrap_or_default();
    let known = entries(&passwd).into_iter().find(|entry| entry.uid == uid);
    let name = known.map_or_else(|| folder_name(&home), |entry| entry.name);
    Ok(User {
        id: uid.into(),
        name,
        home,
    })
}

/// The lines of `/etc/passwd` that can be read; a broken one hides nobody else.
fn entries(passwd: &[u8]) -> Vec<Entry> {
    let entry = |line: &[u8]| {
        let fields: Vec<_> = line.split(|byte| *byte == b':').collect();
        let [name, _, uid, _, _, home, shell] = fields.as_slice() else {
            return None;
        };
        let home = Path::new(OsStr::from_bytes(home));
        (!name.is_empty() && home.is_absolute()).then_some(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            uid: std::str::from_utf8(uid).ok()?.parse().ok()?,
            home: home.into(),
            shell: String::from_utf8_lossy(shell).into_owned(),
        })
    };
    passwd.split(|byte| *byte == b'\n').filter_map(entry).collect()
}

/// Owners of homes that `/etc/passwd` does not know: `/home/NAME`, and `/home/DOMAIN/NAME` where root owns `DOMAIN`.
fn directory_users(system: &System, known: &[Entry], least_id: u32) -> Vec<User> {
    let user = |home: PathBuf, uid: u32| {
        let strange = uid >= least_id && uid != NOBODY && !known.iter().any(|entry| entry.uid == uid);
        strange.then(|| User {
            id: uid.into(),
            name: folder_name(&home),
            home,
        })
    };
    let mut users = Vec::new();
    for (folder, owner) in folders(&system.path("/home")) {
        if owner == 0 {
            users.extend(folders(&folder).into_iter().filter_map(|(home, uid)| user(home, uid)));
        } else {
            users.extend(user(folder, owner));
        }
    }
    users
}

/// The real folders in `parent`, with their owners.
fn folders(parent: &Path) -> Vec<(PathBuf, u32)> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            metadata.is_dir().then(|| (entry.path(), metadata.uid()))
        })
        .collect()
}

/// Whether `home` is a folder of `uid`. One that cannot be looked at, such as a FUSE mount of the user's, may be.
fn may_be_home(home: &Path, uid: u32) -> bool {
    match fs::metadata(home) {
        Ok(metadata) => metadata.is_dir() && metadata.uid() == uid,
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

fn can_log_in(shell: &str) -> bool {
    !matches!(
        shell.rsplit('/').next(),
        Some("nologin" | "false" | "sync" | "shutdown" | "halt")
    )
}

/// The ids of people by `/etc/login.defs`.
fn person_ids(login_defs: &str) -> RangeInclusive<u32> {
    let value = |key: &str, default: u32| {
        login_defs
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix(key))
            .filter(|rest| rest.starts_with(char::is_whitespace))
            .filter_map(|rest| rest.split_whitespace().next()?.parse().ok())
            .next_back()
            .unwrap_or(default)
    };
    value("UID_MIN", *DEFAULT_IDS.start())..=value("UID_MAX", *DEFAULT_IDS.end())
}

fn folder_name(home: &Path) -> String {
    home.file_name()
        .unwrap_or(home.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system_with(passwd: &str, login_defs: &str) -> (tempfile::TempDir, System) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::create_dir_all(root.join("home")).unwrap();
        fs::write(root.join("etc/passwd"), passwd).unwrap();
        fs::write(root.join("etc/login.defs"), login_defs).unwrap();
        (folder, System { root })
    }

    /// An id that counts as a person's and that this test may give to a folder.
    fn test_id() -> u32 {
        let me = rustix::process::geteuid().as_raw();
        if me == 0 { 4321 } else { me }
    }

    fn home(system: &System, path: &str, uid: u32) -> PathBuf {
        let home = system.path(path);
        fs::create_dir_all(&home).unwrap();
        std::os::unix::fs::chown(&home, Some(uid), None).unwrap();
        home
    }

    #[test]
    fn people_are_told_from_services() {
        let uid = test_id();
        let passwd = format!(
            "root:x:0:0:root:/root:/bin/bash\n\
             daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
             broken line\n\
             zhang:x:{uid}:{uid}:张:/home/zhang:/bin/bash\n\
             ghost:x:{uid}:{uid}::/home/ghost:/bin/bash\n\
             robot:x:{uid}:{uid}::/home/robot:/usr/sbin/nologin\n\
             nobody:x:65534:65534:nobody:/:/bin/sh\n"
        );
        let (_folder, system) = system_with(&passwd, "");
        let zhang = home(&system, "/home/zhang", uid);
        home(&system, "/home/robot", uid);
        let names: Vec<_> = all(&system)
            .unwrap()
            .into_iter()
            .map(|user| (user.name, user.home))
            .collect();
        assert_eq!(names, [("zhang".to_owned(), zhang)]);
    }

    #[test]
    fn login_defs_moves_the_range() {
        assert_eq!(person_ids(""), DEFAULT_IDS);
        assert_eq!(
            person_ids("# UID_MIN 1\nUID_MIN\t\t 500\nUID_MAX 2000\nUID_MINIMUM 7\n"),
            500..=2000
        );
        assert_eq!(person_ids("UID_MIN many\n"), DEFAULT_IDS);
    }

    #[test]
    fn users_of_a_directory_are_known_by_their_homes() {
        let (_folder, system) = system_with("root:x:0:0:root:/root:/bin/bash\n", "UID_MIN 1000\n");
        let uid = test_id();
        home(&system, "/home/li", uid);
        if rustix::process::geteuid().is_root() {
            home(&system, "/home/EXAMPLE.COM/wang", 1_200_001_104);
            home(&system, "/home/lost", NOBODY);
        } else {
            println!("not root: homes of other owners are not tested");
        }
        let names: Vec<_> = all(&system).unwrap().into_iter().map(|user| user.name).collect();
        let expected: &[_] = if rustix::process::geteuid().is_root() {
            &["wang", "li"]
        } else {
            &["li"]
        };
        assert_eq!(names, expected);
    }

    #[test]
    fn a_home_makes_a_user_even_without_an_entry() {
        let (_folder, system) = system_with("", "");
        let uid = test_id();
        let path = home(&system, "/srv/wu", uid);
        let user = of_home(&system, &path).unwrap();
        assert_eq!((user.id, user.name.as_str()), (uid.into(), "wu"));
        assert!(of_home(&system, &system.path("/srv/nobody-here")).is_err());
        assert!(of_home(&system, &system.path("/etc/passwd")).is_err());
    }
}

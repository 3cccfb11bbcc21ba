//! Users by the registry's `ProfileList`: whoever ever logged on here has a profile.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::security::Security;
use crate::{System, User, UserId, names};

/// Where the profiles are listed, each in a key named by its user's SID.
pub(crate) const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Every person with a profile.
pub(crate) fn all(system: &System) -> io::Result<Vec<User>> {
    let registry = system.registry(&[]);
    let mut users: Vec<User> = registry
        .machine
        .below(PROFILES)
        .filter_map(|(key, _)| {
            // Not a SID at all is `S-….bak`, what is left of a damaged profile.
            let id: UserId = key.parse().ok().filter(|_| is_person(key))?;
            let home = registry
                .machine
                .value(&format!(r"{PROFILES}\{key}"), "ProfileImagePath")?;
            let home = real(&crate::folders::expand(home, |_| None)?);
            Some(User {
                id,
                name: name(&home),
                home,
            })
        })
        .collect();
    // SYSTEM itself has a profile: an empty list is one that could not be read.
    if registry.machine.below(PROFILES).next().is_none() {
        return Err(ErrorKind::NotFound.into());
    }
    users.sort_by(|one, other| one.home.cmp(&other.home));
    Ok(users)
}

/// The user that `home` belongs to: by the list, or else by its owner.
pub(crate) fn of_home(system: &System, home: &Path) -> io::Result<User> {
    let home = real(&std::path::absolute(home)?);
    if !std::fs::metadata(&home)?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let listed = all(system)
        .unwrap_or_default()
        .into_iter()
        .find(|user| names::same_path(&user.home, &home));
    if let Some(user) = listed {
        return Ok(user);
    }
    let owner = Security::of(&home)?.owner;
    Ok(User {
        id: owner.ok_or(ErrorKind::PermissionDenied)?,
        name: name(&home),
        home,
    })
}

/// Whether `sid` is a local or domain account, or one of Entra; services have others.
fn is_person(sid: &str) -> bool {
    ["S-1-5-21-", "S-1-12-1-"].iter().any(|start| sid.starts_with(start))
}

/// As the disk has it.
fn real(home: &Path) -> PathBuf {
    std::fs::canonicalize(home).map_or_else(|_| home.into(), |real| names::plain(&real))
}

/// The folder's name; the account's own would have to be asked for at a domain controller, which may be out of reach.
fn name(home: &Path) -> String {
    home.file_name()
        .unwrap_or(home.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Registry;
    use crate::system::Recorded;

    #[test]
    fn people_are_told_from_services_and_damaged_profiles() {
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| {
            let home = folder.path().join(name);
            std::fs::create_dir(&home).unwrap();
            home.to_str().unwrap().to_owned()
        };
        let mut registry = Registry::default();
        for (key, path) in [
            ("S-1-5-18", home("system")),
            ("S-1-5-21-1-2-3-1001", home("张三")),
            ("S-1-5-21-1-2-3-1002.bak", home("damaged")),
            ("S-1-12-1-1-2-3-4", home("entra")),
            ("S-1-5-80-1-2-3-4", home("service")),
            ("S-1-5-21-1-2-3-1003", "%NoSuchVariable%\\x".into()),
        ] {
            registry
                .machine
                .set(&format!(r"{PROFILES}\{key}"), "ProfileImagePath", &path);
        }
        let recorded = Recorded {
            registry,
            ..Recorded::default()
        };
        let system = System {
            recorded: Some(Arc::new(recorded)),
        };
        let users = all(&system).unwrap();
        let found: Vec<_> = users
            .iter()
            .map(|user| (user.id.to_string(), user.name.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("S-1-12-1-1-2-3-4".to_owned(), "entra"),
                ("S-1-5-21-1-2-3-1001".to_owned(), "张三")
            ]
        );
        assert_eq!(of_home(&system, &users[1].home).unwrap(), users[1]);
        assert!(of_home(&system, &folder.path().join("nobody-here")).is_err());
        let unreadable = System {
            recorded: Some(Arc::default()),
        };
        assert!(all(&unreadable).is_err());
    }
}

//! Territory by owner and access: a user's folder is one that they own, or one that no other user of the PC owns and
//! that they may write in.
//!
//! The owner alone does not tell: profiles belong to SYSTEM or Administrators, a drive of an earlier installation to
//! accounts that are gone, and FAT has no owners. Each folder above, up to the profile or the drive, must not be another
//! user's either. Junctions, symlinks and mount points are followed to where they lead, and that is judged.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use fileward_protocol::health::{PlaceState, Unavailable};
use windows_sys::Win32::Foundation::{
    ERROR_BAD_NET_NAME, ERROR_BAD_NETPATH, ERROR_DEV_NOT_EXIST, ERROR_NETNAME_DELETED, ERROR_NETWORK_UNREACHABLE,
    ERROR_NOT_READY, ERROR_UNEXP_NET_ERR,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_OFFLINE, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, FILE_ATTRIBUTE_RECALL_ON_OPEN,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_NO_RECALL, FILE_FLAG_OPEN_REPARSE_POINT,
};

use super::{Location, Step};
use crate::protection::device_root;
use crate::security::{Security, groups};
use crate::{User, UserId, names};

/// Whose folders may be watched.
#[derive(Clone, Debug)]
pub(crate) enum Territory {
    /// A user's.
    User {
        /// The user and the groups they are certainly in.
        ids: Vec<UserId>,
        /// The other users of the PC.
        others: Vec<UserId>,
        /// The profile as the list of profiles spells it.
        home: PathBuf,
        /// The profile as the disk has it.
        real_home: PathBuf,
    },
    /// The machine's: what an administrator named.
    Machine,
}

impl Territory {
    /// What `user`, one of `users`, owns.
    pub(crate) fn of(user: &User, users: &[User]) -> Self {
        Self::User {
            ids: groups(user.id),
            others: users.iter().map(|other| other.id).filter(|id| *id != user.id).collect(),
            home: user.home.clone(),
            real_home: real(&user.home).unwrap_or_else(|_| user.home.clone()),
        }
    }

    /// Looks at a child of a folder that lies inside.
    pub(crate) fn step(&self, child: &Path) -> Step {
        let Ok(metadata) = fs::symlink_metadata(child) else {
            return Step::Nothing;
        };
        if metadata.is_dir() {
            // As the disk spells it, whatever the pattern's case is.
            let child = real(child).unwrap_or_else(|_| child.into());
            return if self.owns(&child) {
                Step::Inside(child)
            } else {
                Step::Outside { link: false }
            };
        }
        if !metadata.is_symlink() {
            return Step::Nothing;
        }
        match real(child) {
            Ok(real) if !real.is_dir() => Step::Nothing,
            Ok(real) if self.admits(child, &real) => Step::Inside(real),
            Ok(_) => Step::Outside { link: true },
            Err(_) => Step::Nothing,
        }
    }

    /// Finds out what `spelled`, an absolute path, leads to.
    pub(crate) fn locate(&self, spelled: &Path) -> Location {
        let unlinked = self.without_links_above_home(spelled);
        let found = real(spelled).and_then(|real| Ok((fs::metadata(&real)?.is_dir(), real)));
        let (path, state) = match found {
            Ok((false, _)) => (unlinked.clone(), PlaceState::Unavailable(Unavailable::Missing)),
            Ok((true, real)) if self.admits(spelled, &real) => {
                let state =
                    fs::read_dir(&real).map_or_else(|error| PlaceState::Unavailable(why(&error)), |_| PlaceState::Ok);
                (real, state)
            }
            Ok(_) => (unlinked.clone(), PlaceState::Unavailable(Unavailable::OutsideUser)),
            Err(error) => (unlinked.clone(), PlaceState::Unavailable(why(&error))),
        };
        Location {
            // Another case is no link.
            spelled: if names::same_path(&unlinked, &path) {
                path.clone()
            } else {
                unlinked
            },
            path,
            state,
        }
    }

    /// The nearest folder at or above `path` that exists, if it lies inside, or if it is the root of a drive and `path`
    /// itself: what a user keeps there is told apart by its owner. Never another one above the home.
    pub(crate) fn nearest_folder(&self, path: &Path) -> Option<PathBuf> {
        let folder = path.ancestors().find(|folder| folder.is_dir())?;
        let real = real(folder).ok()?;
        let inside = match self {
            Self::User { real_home, .. } => {
                names::same_path(&real, real_home)
                    || (real.parent().is_none() && names::same_path(folder, path))
                    || self.admits(folder, &real)
            }
            Self::Machine => true,
        };
        inside.then_some(real)
    }

    /// Whether the folder `real`, reached by `spelled`, lies inside.
    fn admits(&self, spelled: &Path, real: &Path) -> bool {
        match self {
            Self::User { real_home, .. } => {
                real.parent().is_some()
                    && names::below(real_home, real).is_none()
                    && self.owns(real)
                    && real
                        .ancestors()
                        .skip(1)
                        .take_while(|folder| !names::same_path(folder, real_home))
                        .all(|folder| !self.is_anothers(folder))
            }
            // An administrator can spell it as it is; a link on the way may be anybody's.
            Self::Machine => names::same_path(spelled, real),
        }
    }

    fn owns(&self, folder: &Path) -> bool {
        match self {
            Self::User { ids, others, .. } => Security::of(folder).is_ok_and(|security| match security.owner {
                Some(owner) if ids.first() == Some(&owner) => true,
                Some(owner) if others.contains(&owner) => false,
                _ => security.admits_files_of(ids),
            }),
            Self::Machine => true,
        }
    }

    fn is_anothers(&self, folder: &Path) -> bool {
        match self {
            Self::User { others, .. } => Security::of(folder)
                .ok()
                .and_then(|security| security.owner)
                .is_some_and(|owner| others.contains(&owner)),
            Self::Machine => false,
        }
    }

    /// `spelled` without the links that an administrator put above the home, resolved as far as its parent.
    fn without_links_above_home(&self, spelled: &Path) -> PathBuf {
        let spelled = match self {
            Self::User { home, real_home, .. } => {
                names::below(spelled, home).map_or_else(|| spelled.into(), |below| real_home.join(below))
            }
            Self::Machine => spelled.to_path_buf(),
        };
        spelled.components().collect()
    }
}

/// `path`, which is there, with its names as the folders above list them.
fn as_the_disk_spells(path: &Path) -> PathBuf {
    let mut spelled = PathBuf::new();
    for name in path.components() {
        let entries = fs::read_dir(&spelled).into_iter().flatten().flatten();
        let mut listed = entries.map(|entry| entry.file_name());
        match listed.find(|listed| names::same(listed, name.as_os_str())) {
            Some(listed) => spelled.push(listed),
            None => spelled.push(name),
        }
    }
    spelled
}

/// Reads a small file that `owner` owns, or whoever if it is `None`; `None` if it is not there, is another person's, is
/// no plain file, or would have to be fetched.
pub(crate) fn read_of(owner: Option<UserId>, path: &Path, most_bytes: u64) -> Option<Vec<u8>> {
    let real = fs::canonicalize(path).ok()?;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_OPEN_NO_RECALL)
        .open(real)
        .ok()?;
    let metadata = file.metadata().ok()?;
    let attributes = metadata.file_attributes();
    let is_strange = attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 || is_elsewhere(attributes);
    if !metadata.is_file() || is_strange || metadata.len() > most_bytes {
        return None;
    }
    if let Some(user) = owner {
        let security = Security::of_open(&file).ok()?;
        let is_theirs = security.owner == Some(user) || security.admits_files_of(&groups(user));
        if !is_theirs {
            return None;
        }
    }
    let mut bytes = Vec::new();
    file.take(most_bytes).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether a file with these attributes has its content elsewhere, as cloud drives and archives keep it: to read it would
/// fetch it.
fn is_elsewhere(attributes: u32) -> bool {
    let fetched = FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS | FILE_ATTRIBUTE_RECALL_ON_OPEN;
    attributes & fetched != 0
}

/// `path` with every link resolved, spelled as the disk has it and without `\\?\`.
fn real(path: &Path) -> io::Result<PathBuf> {
    // The letter that Windows would name may be one that only a session has.
    if device_root(path).is_some() {
        fs::metadata(path)?;
        return if is_free_of_links(path) {
            Ok(path.components().collect())
        } else {
            Err(ErrorKind::PermissionDenied.into())
        };
    }
    match fs::canonicalize(path) {
        Ok(real) => Ok(names::plain(&real)),
        // Volumes that the mount manager does not know, as VeraCrypt may make them, have no name to resolve to.
        Err(_) if is_free_of_links(path) => Ok(as_the_disk_spells(path)),
        Err(error) => Err(error),
    }
}

/// Whether `path` is there, and no link on the way.
fn is_free_of_links(path: &Path) -> bool {
    path.is_absolute()
        && path
            .ancestors()
            // Above a device there are no folders.
            .take_while(|folder| device_root(path).is_none_or(|root| folder.starts_with(root)))
            .all(|folder| fs::symlink_metadata(folder).is_ok_and(|metadata| !metadata.is_symlink()))
}

/// Why a folder that cannot be opened cannot be watched.
fn why(error: &io::Error) -> Unavailable {
    let gone = [
        ERROR_NOT_READY,
        ERROR_BAD_NETPATH,
        ERROR_BAD_NET_NAME,
        ERROR_NETNAME_DELETED,
        ERROR_NETWORK_UNREACHABLE,
        ERROR_UNEXP_NET_ERR,
        ERROR_DEV_NOT_EXIST,
    ];
    let code = error.raw_os_error().map(i32::cast_unsigned);
    if code.is_some_and(|code| gone.contains(&code)) {
        return Unavailable::NotMounted;
    }
    match error.kind() {
        ErrorKind::PermissionDenied => Unavailable::PermissionDenied,
        _ => Unavailable::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_does_not_resolve_is_spelled_as_the_disk_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = real(folder.path()).unwrap();
        fs::create_dir_all(folder.join(r"Msg\File")).unwrap();
        assert_eq!(as_the_disk_spells(&folder.join(r"mSG\fILE")), folder.join(r"Msg\File"));
    }

    #[test]
    fn a_drive_is_where_a_search_begins_and_no_place() {
        let home = tempfile::tempdir().unwrap();
        let user = User {
            id: UserId::current(),
            name: "zhang".into(),
            home: home.path().into(),
        };
        let territory = Territory::of(&user, std::slice::from_ref(&user));
        let drive = home.path().ancestors().last().unwrap();
        assert_eq!(territory.nearest_folder(drive), Some(drive.into()));
        assert_eq!(territory.nearest_folder(&drive.join("nothing-is-called-so")), None);
        assert_eq!(
            territory.locate(drive).state,
            PlaceState::Unavailable(Unavailable::OutsideUser)
        );
    }

    #[test]
    fn what_another_user_of_the_pc_owns_is_not_entered() {
        let home = tempfile::tempdir().unwrap();
        let owner = UserId::current();
        let user = |id: UserId, below: &str| {
            let home = home.path().join(below);
            fs::create_dir_all(home.join("Desktop")).unwrap();
            User {
                id,
                name: below.into(),
                home,
            }
        };
        let users = [user(owner, "zhang"), user("S-1-5-21-9-9-9-1001".parse().unwrap(), "li")];
        // This test makes every folder, so all are of the first.
        let of = |user: &User| Territory::of(user, &users);
        assert_eq!(
            of(&users[0]).locate(&users[0].home.join("Desktop")).state,
            PlaceState::Ok
        );
        let outside = PlaceState::Unavailable(Unavailable::OutsideUser);
        assert_eq!(of(&users[1]).locate(&users[1].home.join("Desktop")).state, outside);
        assert_eq!(
            of(&users[1]).step(&users[1].home.join("Desktop")),
            Step::Outside { link: false }
        );
    }

    #[test]
    fn a_file_of_a_cloud_that_is_not_here_is_not_read() {
        assert!(is_elsewhere(
            FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS | FILE_ATTRIBUTE_REPARSE_POINT
        ));
        assert!(is_elsewhere(FILE_ATTRIBUTE_OFFLINE));
        assert!(!is_elsewhere(FILE_ATTRIBUTE_REPARSE_POINT));
    }
}

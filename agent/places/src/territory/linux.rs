//! Territory by owner: a user's folder is one that this user owns and that nobody but root can put another in place of.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use fileward_protocol::health::{PlaceState, Unavailable};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::{Location, Step};
use crate::{User, UserId};

const ROOT: u32 = 0;

/// Whose folders may be watched.
#[derive(Clone, Debug)]
pub(crate) enum Territory {
    /// A user's.
    User {
        /// The user's id.
        uid: u32,
        /// Their home as spelled in the user database.
        home: PathBuf,
        /// Their home with every symlink resolved.
        real_home: PathBuf,
    },
    /// The machine's: what an administrator named.
    Machine,
}

impl Territory {
    /// What `user` owns; whoever else there is.
    pub(crate) fn of(user: &User, _users: &[User]) -> Self {
        Self::User {
            uid: user.id.into(),
            home: user.home.clone(),
            real_home: fs::canonicalize(&user.home).unwrap_or_else(|_| user.home.clone()),
        }
    }

    /// Looks at a child of a folder that lies inside.
    pub(crate) fn step(&self, child: &Path) -> Step {
        let Ok(metadata) = fs::symlink_metadata(child) else {
            return Step::Nothing;
        };
        if metadata.is_dir() {
            return if self.owns(&metadata) {
                Step::Inside(child.into())
            } else {
                Step::Outside { link: false }
            };
        }
        if !metadata.is_symlink() {
            return Step::Nothing;
        }
        match fs::canonicalize(child) {
            Ok(real) if !real.is_dir() => Step::Nothing,
            Ok(real) if self.admits(child, &real) => Step::Inside(real),
            Ok(_) => Step::Outside { link: true },
            Err(_) => Step::Nothing,
        }
    }

    /// Finds out what `spelled`, an absolute path, leads to.
    pub(crate) fn locate(&self, spelled: &Path) -> Location {
        let unlinked = self.without_links_above_home(spelled);
        // A mount that only its user may enter resolves, and then may not even be looked at.
        let found = fs::canonicalize(spelled).and_then(|real| Ok((fs::metadata(&real)?.is_dir(), real)));
        let (path, state) = match found {
            Ok((false, _)) => (resolve_parent(spelled), PlaceState::Unavailable(Unavailable::Missing)),
            Ok((true, real)) if self.admits(spelled, &real) => {
                let state =
                    fs::read_dir(&real).map_or_else(|error| PlaceState::Unavailable(why(&error)), |_| PlaceState::Ok);
                (real, state)
            }
            Ok(_) => (unlinked.clone(), PlaceState::Unavailable(Unavailable::OutsideUser)),
            Err(error) => (resolve_parent(spelled), PlaceState::Unavailable(why(&error))),
        };
        Location {
            path,
            spelled: unlinked,
            state,
        }
    }

    /// The nearest folder at or above `path` that exists, if it lies inside; never one above the home.
    pub(crate) fn nearest_folder(&self, path: &Path) -> Option<PathBuf> {
        let folder = path.ancestors().find(|folder| folder.is_dir())?;
        let real = fs::canonicalize(folder).ok()?;
        let inside = match self {
            Self::User { real_home, .. } => real == *real_home || self.admits(folder, &real),
            Self::Machine => true,
        };
        inside.then_some(real)
    }

    /// Whether the folder `real`, reached by `spelled`, lies inside.
    fn admits(&self, spelled: &Path, real: &Path) -> bool {
        match self {
            Self::User { uid, real_home, .. } => {
                owner(real) == Some(*uid)
                    && !real_home.starts_with(real)
                    && real
                        .ancestors()
                        .skip(1)
                        .take_while(|folder| *folder != real_home)
                        .all(|folder| owner(folder).is_some_and(|owner| owner == *uid || owner == ROOT))
            }
            Self::Machine => {
                spelled == real
                    || [spelled, real]
                        .iter()
                        .all(|path| path.ancestors().skip(1).all(|folder| owner(folder) == Some(ROOT)))
                        && fs::symlink_metadata(spelled).is_ok_and(|metadata| metadata.uid() == ROOT)
            }
        }
    }

    fn owns(&self, folder: &Metadata) -> bool {
        match self {
            Self::User { uid, .. } => folder.uid() == *uid,
            Self::Machine => true,
        }
    }

    /// `spelled` without the links that an administrator put above the home.
    fn without_links_above_home(&self, spelled: &Path) -> PathBuf {
        if let Self::User { home, real_home, .. } = self
            && let Ok(below) = spelled.strip_prefix(home)
        {
            return real_home.join(below);
        }
        spelled.into()
    }
}

/// Reads a small file that `owner` owns, or whoever if it is `None`; `None` if it is not there, is another's, or is no
/// plain file.
pub(crate) fn read_of(owner: Option<UserId>, path: &Path, most_bytes: u64) -> Option<Vec<u8>> {
    // The user may put anything here at any time, a named pipe among others: the open file is judged, not its path.
    let real = fs::canonicalize(path).ok()?;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(real)
        .ok()?;
    let metadata = file.metadata().ok()?;
    let is_theirs = owner.is_none_or(|owner| UserId::from(metadata.uid()) == owner);
    if !metadata.is_file() || !is_theirs || metadata.len() > most_bytes {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(most_bytes).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn owner(folder: &Path) -> Option<u32> {
    fs::symlink_metadata(folder).ok().map(|metadata| metadata.uid())
}

/// `path` with the symlinks of its nearest existing parent resolved.
fn resolve_parent(path: &Path) -> PathBuf {
    path.ancestors()
        .skip(1)
        .find_map(|parent| {
            let real = fs::canonicalize(parent).ok()?;
            Some(real.join(path.strip_prefix(parent).ok()?))
        })
        .unwrap_or_else(|| path.into())
}

/// Why a folder that cannot be opened cannot be watched.
fn why(error: &io::Error) -> Unavailable {
    let gone = [
        Errno::NOTCONN,
        Errno::STALE,
        Errno::IO,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::TIMEDOUT,
        Errno::NODEV,
        Errno::NXIO,
        Errno::NETUNREACH,
    ];
    if error
        .raw_os_error()
        .is_some_and(|code| gone.iter().any(|errno| errno.raw_os_error() == code))
    {
        return Unavailable::NotMounted;
    }
    match error.kind() {
        ErrorKind::PermissionDenied => Unavailable::PermissionDenied,
        _ => Unavailable::Missing,
    }
}

//! Where to look: chat apps, clouds, users' folders, stores and their encryption.
//!
//! The catalogue of apps and clouds is data (`catalogue.toml`), each row with its grade and source.
//! [`survey()`] turns it into concrete folders for the users of this PC.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fileward_policy::Effective;
use fileward_policy::subject::Protection;
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::{App, PlaceKind};

mod access;
mod catalogue;
mod folders;
mod mount_changes;
mod names;
mod pattern;
mod protection;
mod registry;
#[cfg(windows)]
mod security;
mod session_drives;
mod survey;
mod system;
mod territory;
mod told;
mod user_id;
mod users;

pub use mount_changes::MountChanges;
#[cfg(windows)]
pub use protection::Volume;
pub use registry::{Keys, Registry};
pub use session_drives::{SessionDrives, Sessions};
#[cfg(windows)]
pub use system::Recorded;
pub use system::{Options, System};
pub use user_id::{NotAUserId, UserId};

/// A user of this PC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The login name.
    pub name: String,
    /// The home folder.
    pub home: PathBuf,
}

impl User {
    /// The user that the folder `home` belongs to, whatever the user database says about them.
    ///
    /// # Errors
    ///
    /// When `home` is not a folder, or cannot be read.
    pub fn of_home(home: &Path) -> std::io::Result<Self> {
        System::default().user_of_home(home)
    }
}

/// A folder to watch, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Why it is watched.
    pub kind: PlaceKind,
    /// The chat app or cloud it belongs to.
    pub app: Option<App>,
    /// The user it belongs to; `None` for a store that belongs to the machine.
    pub owner: Option<Arc<User>>,
    /// The folder, absolute and with every symlink resolved at the time of the survey.
    pub root: PathBuf,
    /// The chat account, as its folder is called. It stays on this PC.
    pub account: Option<String>,
    /// How it was found.
    pub found: Found,
    /// Whether it can be watched.
    pub state: PlaceState,
    /// Whether its file system tells about changes and may be watched for them; otherwise it is polled.
    pub events: bool,
    /// For a store: what it must have and what it has.
    pub store: Option<Store>,
}

impl Place {
    /// Whether what lies at `relative`, a path inside this place, is left alone: an app's message database, or a
    /// folder that the catalogue knows to hold no received files. Asked of a folder, it holds for all below it.
    pub fn passes_over(&self, relative: &Path) -> bool {
        catalogue::builtin().passes_over(&self.found.by, relative)
    }
}

/// How a place was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The catalogue row or the policy key, such as `wechat-linux-native` or `store[0]`.
    pub by: String,
    /// How sure the catalogue is: `A`, `B`, `C` or `U`; `None` where it needs no catalogue.
    pub grade: Option<char>,
}

/// A store's protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Whether the policy demands encryption.
    pub require_encryption: bool,
    /// What it has.
    pub protection: Protection,
    /// The ids of its users that may make files in it: of its owner, or of everybody where it belongs to the machine.
    pub writers: Vec<UserId>,
}

/// Everything found at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The places, ordered by root; no two have the same root.
    pub places: Vec<Arc<Place>>,
    /// Existing folders whose direct children decide about places, if they may be watched: when one changes, survey again.
    pub anchors: BTreeSet<PathBuf>,
}

impl Survey {
    /// The place that `path` lies in: the one with the longest root.
    pub fn place_of(&self, path: &Path) -> Option<&Arc<Place>> {
        path.ancestors().find_map(|folder| self.place_at(folder))
    }

    /// The place that `path` lies in, and `path` with the root as it is spelled there: others may know the root by another case.
    pub fn locate(&self, path: &Path) -> Option<(&Arc<Place>, PathBuf)> {
        let place = self.place_of(path)?;
        Some((place, names::rebase(path, &place.root)?))
    }

    fn place_at(&self, folder: &Path) -> Option<&Arc<Place>> {
        match self.places.binary_search_by(|place| place.root.as_path().cmp(folder)) {
            Ok(at) => self.places.get(at),
            Err(_) if names::CASE_COUNTS => None,
            // Rare: whoever tells of a file mostly spells it as the survey does.
            Err(_) => self.places.iter().find(|place| names::same_path(&place.root, folder)),
        }
    }
}

/// `path` as people write it: on Windows without the `\\?\` that programs put before long ones.
pub fn plain(path: &Path) -> PathBuf {
    names::plain(path)
}

/// The users of this PC whose folders are watched.
///
/// # Errors
///
/// When the user database cannot be read.
pub fn users() -> std::io::Result<Vec<User>> {
    System::default().users()
}

/// Finds every place of `users` that `policy` names, with the default [`Options`], also on the drives that only
/// `sessions` have.
pub fn survey(users: &[User], policy: &Effective, sessions: &Sessions) -> Survey {
    survey::survey(&System::default(), users, policy, Options::default(), sessions)
}

/// Whether what is written at `path`, an existing absolute path, is encrypted on its disk.
pub fn protection(path: &Path) -> Protection {
    System::default().protection(path)
}

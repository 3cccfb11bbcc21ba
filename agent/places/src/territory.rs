//! What belongs to whom. The service may read everything, so a folder is watched for a user only where that user
//! could have read it anyway: a link to somebody else's folder leads nowhere.

#[cfg(target_os = "linux")]
#[path = "territory/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "territory/windows.rs"]
mod platform;

use std::path::PathBuf;

use fileward_protocol::health::PlaceState;

pub(crate) use platform::{Territory, read_of};

/// What one child of a folder leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A folder inside the territory, with every symlink resolved.
    Inside(PathBuf),
    /// A folder outside it.
    Outside {
        /// Whether the child is a link.
        link: bool,
    },
    /// Not a folder.
    Nothing,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The folder with every symlink resolved; as it was spelled where that leads nowhere.
    pub(crate) path: PathBuf,
    /// As it was spelled, resolved only as far as its parent.
    pub(crate) spelled: PathBuf,
    /// Whether it can be watched.
    pub(crate) state: PlaceState,
}

impl Location {
    /// Whether a link leads there.
    pub(crate) fn is_linked(&self) -> bool {
        self.path != self.spelled
    }
}

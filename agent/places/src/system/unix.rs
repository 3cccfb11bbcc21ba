//! A tree of files says everything about a PC.

use std::path::{Path, PathBuf};

use crate::User;
use crate::registry::Registry;

/// The PC that is surveyed. Everything about it is read below `root`, so that a test can show a recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The folder that stands for `/`; absolute, without symlinks.
    pub root: PathBuf,
}

impl Default for System {
    fn default() -> Self {
        Self { root: "/".into() }
    }
}

impl System {
    /// There is none.
    #[expect(clippy::unused_self, reason = "other systems have one")]
    pub(crate) fn registry(&self, _users: &[User]) -> Registry {
        Registry::default()
    }

    /// Whether the PC, and not one session alone, has this letter. Without letters none is missing.
    #[expect(clippy::unused_self, reason = "other systems have letters")]
    pub(crate) fn has_letter(&self, _letter: char) -> bool {
        true
    }

    /// Where the absolute path `path` of that PC is found on this one.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// What `path` is called on that PC.
    pub(crate) fn name(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.root) {
            Ok(below) => Path::new("/").join(below),
            Err(_) => path.to_path_buf(),
        }
    }
}

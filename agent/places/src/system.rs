//! The PC that is surveyed: this one, or a tree recorded from another.

use std::io;
use std::path::{Path, PathBuf};

use fileward_policy::Effective;
use fileward_policy::subject::Protection;

use crate::{Survey, User, protection, survey, users};

/// The PC that is surveyed. Everything about it is read below `root`, so that a test can show a recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The folder that stands for `/`; absolute, without symlinks.
    pub root: PathBuf,
}

/// What a survey looks for beyond its defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also use the catalogue's rows of grade C and U.
    pub unconfirmed: bool,
}

impl Default for System {
    fn default() -> Self {
        Self { root: "/".into() }
    }
}

impl System {
    /// The users of this PC whose folders are watched.
    ///
    /// # Errors
    ///
    /// When the user database cannot be read.
    pub fn users(&self) -> io::Result<Vec<User>> {
        users::all(self)
    }

    /// The user that the folder `home` belongs to; see [`User::of_home`].
    ///
    /// # Errors
    ///
    /// When `home` is not a folder, or cannot be read.
    pub fn user_of_home(&self, home: &Path) -> io::Result<User> {
        users::of_home(self, home)
    }

    /// Finds every place of `users` that `policy` names.
    pub fn survey(&self, users: &[User], policy: &Effective, options: Options) -> Survey {
        survey::survey(self, users, policy, options)
    }

    /// Whether what is written at `path`, an existing absolute path, is encrypted on its disk.
    pub fn protection(&self, path: &Path) -> Protection {
        protection::Volumes::read(self).protection(path)
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

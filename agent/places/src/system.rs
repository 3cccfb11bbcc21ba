//! The PC that is surveyed: this one, or one that was recorded.

#[cfg(unix)]
#[path = "system/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "system/windows.rs"]
mod platform;

use std::io;
use std::path::Path;

use fileward_policy::Effective;
use fileward_policy::subject::Protection;

use crate::{Sessions, Survey, User, protection, survey, users};

#[cfg(windows)]
pub use platform::Recorded;
pub use platform::System;
#[cfg(windows)]
pub(crate) use platform::{drive_type, letters};

/// What a survey looks for beyond its defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also use the catalogue's rows of grade C and U.
    pub unconfirmed: bool,
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
        survey::survey(self, users, policy, options, &Sessions::new())
    }

    /// Whether what is written at `path`, an existing absolute path, is encrypted on its disk.
    pub fn protection(&self, path: &Path) -> Protection {
        protection::Volumes::read(self).protection(path)
    }
}

//! SKELETON
use std::io;
use std::path::Path;

use crate::{System, User};

pub(crate) fn all(_system: &System) -> io::Result<Vec<User>> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn of_home(_system: &System, _home: &Path) -> io::Result<User> {
    Err(io::ErrorKind::Unsupported.into())
}

//! SKELETON
use std::path::Path;

use fileward_places::UserId;

pub(crate) fn may_write(_folder: &Path, _user: UserId) -> bool {
    false
}

//! Whether two names mean the same file, as the OS has it: on Windows "Desktop" is "desktop".

#[cfg(unix)]
#[path = "names/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "names/windows.rs"]
mod platform;

use std::path::{Path, PathBuf};

pub(crate) use platform::{CASE_COUNTS, is_local, plain, same, same_bytes};

/// What follows `base` in `path`; `None` if it does not lie there.
pub(crate) fn below(path: &Path, base: &Path) -> Option<PathBuf> {
    let mut names = path.components();
    for name in base.components() {
        if !same(names.next()?.as_os_str(), name.as_os_str()) {
            return None;
        }
    }
    Some(names.as_path().to_path_buf())
}

/// `path`, which lies in `base` or is it, with `base` as it is spelled here.
pub(crate) fn rebase(path: &Path, base: &Path) -> Option<PathBuf> {
    let below = below(path, base)?;
    Some(base.components().chain(below.components()).collect())
}

/// Whether both paths have the same names.
pub(crate) fn same_path(one: &Path, other: &Path) -> bool {
    below(one, other).is_some_and(|rest| rest.as_os_str().is_empty())
}

/// What stands between `before` and `after` in `name`; `None` if the name does not begin and end so.
pub(crate) fn between<'a>(name: &'a [u8], before: &str, after: &str) -> Option<&'a [u8]> {
    let end = name.len().checked_sub(after.len())?;
    let (start, last) = name.split_at_checked(end)?;
    let (first, open) = start.split_at_checked(before.len())?;
    (same_bytes(first, before.as_bytes()) && same_bytes(last, after.as_bytes())).then_some(open)
}

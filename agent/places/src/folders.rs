//! The folders that every desktop has: desktop, downloads, documents, configuration.

#[cfg(target_os = "linux")]
#[path = "folders/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "folders/windows.rs"]
mod platform;

use std::path::PathBuf;

pub(crate) use platform::known;

/// A user's folders. Paths are as spelled; they need not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The desktop; several where nothing says which.
    pub(crate) desktop: Vec<Folder>,
    /// The downloads folder, likewise.
    pub(crate) downloads: Vec<Folder>,
    /// Every folder that may be the documents folder of some app.
    pub(crate) documents: Vec<PathBuf>,
    /// The configuration folder.
    pub(crate) config: PathBuf,
}

/// A folder and what named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The folder.
    pub(crate) path: PathBuf,
    /// What named it.
    pub(crate) by: &'static str,
}

//! The folders that every desktop has: desktop, downloads, documents, configuration.

#[cfg(target_os = "linux")]
#[path = "folders/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "folders/windows.rs"]
mod platform;

use std::path::{Path, PathBuf};

use crate::pattern::Base;

pub(crate) use platform::known;
#[cfg(windows)]
pub(crate) use platform::{USER_SHELL_FOLDERS, expand};

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
    /// On Windows, what else the user's programs keep.
    pub(crate) local_app_data: Option<PathBuf>,
    /// On Windows, the folder that all users share.
    pub(crate) public: Option<PathBuf>,
    /// On Windows, the roots of the PC's own drives.
    pub(crate) drives: Vec<PathBuf>,
    /// The home.
    pub(crate) home: PathBuf,
}

impl Known {
    /// Without the folders to look for apps in that are out of reach. Desktop and downloads stay: they are shown as what
    /// they are.
    pub(crate) fn within(mut self, reach: impl Fn(&Path) -> bool) -> Self {
        self.documents.retain(|folder| reach(folder));
        self.local_app_data = self.local_app_data.filter(|folder| reach(folder));
        if !reach(&self.config) {
            // Nothing of an app's lies there.
            self.config.clone_from(&self.home);
        }
        self
    }

    /// The folders that `base` stands for; none for one that only the catalogue knows.
    pub(crate) fn bases(&self, base: &Base) -> &[PathBuf] {
        match base {
            Base::Home => std::slice::from_ref(&self.home),
            Base::Documents => &self.documents,
            Base::Config => std::slice::from_ref(&self.config),
            Base::LocalAppData => self.local_app_data.as_slice(),
            Base::Public => self.public.as_slice(),
            Base::Drives => &self.drives,
            Base::Named(_) => &[],
        }
    }
}

/// A folder and what named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The folder.
    pub(crate) path: PathBuf,
    /// What named it.
    pub(crate) by: &'static str,
}

//! The only way to a user's file: down from a place's root, without following a link or crossing a mount.
//!
//! Paths come from folders that users control and may change at any moment, so nothing is ever opened by its whole path.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use fileward_places::Place;

use super::sighting::Stat;

#[cfg(target_os = "linux")]
#[path = "open/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "open/windows.rs"]
mod platform;

#[cfg(windows)]
pub(super) use platform::path_of_handle;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// A regular file.
    File(Stat),
    /// A file of which only the name is on this PC: its content lies in a cloud, and reading would fetch it.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "Linux has no such files"))]
    Away(Stat),
    /// A folder.
    Folder,
    /// Nothing that could be a file of this place, or nothing of just this spelling. The nearest folder above it that is there lies on `device`; a file
    /// that lay on another one is out of sight, not gone.
    Absent {
        /// The device of the nearest folder that is there.
        device: u64,
        /// Whether the place's root is there.
        root: bool,
    },
    /// It cannot be told: it may not be read, or it lies on another mount.
    Hidden,
}

/// A folder's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FolderId {
    /// The device number.
    pub(crate) device: u64,
    /// The inode number.
    pub(crate) inode: u64,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A regular file.
    File(OsString, Stat),
    /// What is on this PC by name only; see [`Look::Away`].
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "Linux has no such files"))]
    Away(OsString),
    /// A folder.
    Folder(OsString),
    /// There, but it could not be looked at.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows tells of every file with its name"))]
    Hidden(OsString),
    /// Another mount.
    #[cfg_attr(windows, expect(dead_code, reason = "On Windows a mount is a link, and left out"))]
    Mount(OsString),
}

/// An open root of a place. It is held only for a short time: an open folder keeps its volume from being ejected.
pub(crate) struct Root {
    path: PathBuf,
    folder: platform::Folder,
}

impl Root {
    /// Opens the folder at `path`, which must be absolute and free of links.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_path_buf(),
            folder: platform::root(path)?,
        })
    }

    /// The root's identity.
    pub(crate) fn id(&self) -> io::Result<FolderId> {
        self.folder.id()
    }

    /// The entries of `path`, which is the root or a folder below it. Links and special files are left out.
    pub(crate) fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.folder.list(self.relative(path)?)
    }

    /// Opens the regular file `path` below the root.
    pub(crate) fn file(&self, path: &Path) -> io::Result<(File, Stat)> {
        self.folder.file(self.relative(path)?)
    }

    /// Whether the file `path` is still what a listing has just told, as far as a listing can be wrong.
    pub(crate) fn confirms(&self, path: &Path, listed: &Stat) -> bool {
        self.relative(path)
            .is_ok_and(|relative| self.folder.confirms(relative, listed))
    }

    fn relative<'a>(&self, path: &'a Path) -> io::Result<&'a Path> {
        path.strip_prefix(&self.path)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "It is not in this place"))
    }
}

/// Opens files of places, and a root once for those that follow each other. As short-lived as a [`Root`].
#[derive(Default)]
pub(crate) struct Opener {
    root: Option<Root>,
}

impl Opener {
    /// Opens a file as [`open`] does.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn open(&mut self, place: &Place, path: &Path) -> io::Result<(File, Stat)> {
        let root = match self.root.take() {
            Some(root) if root.path == place.root => root,
            _ => Root::open(&place.root)?,
        };
        self.root.insert(root).file(path)
    }
}

/// Makes sure that folders can be opened here at all; without that, every place would look as if it were out of reach.
///
/// # Errors
/// What the OS withholds, and who may have taken it away.
pub(crate) fn require() -> io::Result<()> {
    platform::require()
}

/// Opens the regular file `path` of `place` for reading.
///
/// # Errors
/// When it is not there, not a regular file, not readable, or reached only through a link or another mount.
pub(crate) fn open(place: &Place, path: &Path) -> io::Result<(File, Stat)> {
    Opener::default().open(place, path)
}

/// Tells what is at `path`, which lies in the place with the root `root` or is that root.
pub(crate) fn look(root: &Path, path: &Path) -> Look {
    match Root::open(root) {
        Ok(open) => match open.relative(path) {
            Ok(relative) => open.folder.look(relative),
            Err(_) => Look::Hidden,
        },
        Err(error) if platform::is_absent(&error) => match platform::device_above(root) {
            Some(device) => Look::Absent { device, root: false },
            None => Look::Hidden,
        },
        Err(_) => Look::Hidden,
    }
}

/// The path that the disk has for what lies at `path`, in the place with the root `root`, where that is another one: Windows
/// finds a file by a name in any case and by the short one, but only its own name is its path here.
pub(crate) fn other_spelling(root: &Path, path: &Path) -> Option<PathBuf> {
    let open = Root::open(root).ok()?;
    let relative = open.relative(path).ok()?;
    let spelled = open.folder.spelling(relative)?;
    (spelled != relative).then(|| root.join(spelled))
}

/// Whether `error` means that nothing is there, as against that it cannot be told.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    platform::is_absent(error)
}

/// The device of the nearest folder above `path` that is there; `None` when that cannot be told.
pub(crate) fn device_above(path: &Path) -> Option<u64> {
    platform::device_above(path)
}

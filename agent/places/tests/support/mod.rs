//! A user with a home that a test fills, and policies to look at it with.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{chown, lchown, symlink};
use std::path::{Path, PathBuf};

use fileward_places::{Options, Survey, System, User};
use fileward_policy::Effective;

mod policy;

#[allow(unused_imports, reason = "each test file takes what it needs")]
pub(crate) use policy::{of_kind, policy, the, with_store};

/// An id that owns nothing else on the PC, so that root's folders are another's.
const USER_ID: u32 = 4321;

pub(crate) struct Pc {
    folder: tempfile::TempDir,
    pub(crate) system: System,
    pub(crate) user: User,
}

impl Pc {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let me = rustix::process::geteuid().as_raw();
        let uid = if me == 0 { USER_ID } else { me };
        let home = folder.path().canonicalize().unwrap().join("home/zhang");
        fs::create_dir_all(&home).unwrap();
        if me == 0 {
            chown(&home, Some(uid), None).unwrap();
        }
        Self {
            folder,
            system: System::default(),
            user: User {
                id: uid.into(),
                name: "zhang".into(),
                home,
            },
        }
    }

    /// The folder that holds the home; it is not the user's, at least where root runs the test.
    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn home(&self, below: impl AsRef<OsStr>) -> PathBuf {
        self.user.home.join(Path::new(below.as_ref()))
    }

    /// Makes a folder of the user's in their home, with its parents.
    pub(crate) fn folder(&self, below: impl AsRef<OsStr>) -> PathBuf {
        let path = self.home(below);
        fs::create_dir_all(&path).unwrap();
        for folder in path.ancestors().take_while(|folder| *folder != self.user.home) {
            self.own(folder);
        }
        path
    }

    pub(crate) fn file(&self, below: &str, content: &str) -> PathBuf {
        let path = self.home(below);
        if let Some((parent, _)) = below.rsplit_once('/') {
            self.folder(parent);
        }
        fs::write(&path, content).unwrap();
        self.own(&path);
        path
    }

    pub(crate) fn link(&self, below: &str, target: &Path) {
        let path = self.home(below);
        if let Some((parent, _)) = below.rsplit_once('/') {
            self.folder(parent);
        }
        symlink(target, &path).unwrap();
        self.own(&path);
    }

    pub(crate) fn own(&self, path: &Path) {
        if rustix::process::geteuid().is_root() {
            lchown(path, Some(self.user.id.into()), None).unwrap();
        }
    }

    pub(crate) fn survey(&self) -> Survey {
        self.survey_with(&policy(), Options::default())
    }

    pub(crate) fn survey_with(&self, policy: &Effective, options: Options) -> Survey {
        self.system.survey(std::slice::from_ref(&self.user), policy, options)
    }
}

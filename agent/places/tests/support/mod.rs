//! A user with a home that a test fills, and policies to look at it with.
#![allow(dead_code, reason = "each test file uses a part")]
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fileward_places::{Options, Place, Survey, System, User};
use fileward_policy::Effective;
use fileward_policy::effective;
use fileward_protocol::vocabulary::{App, PlaceKind};

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

/// The places of one kind.
pub(crate) fn of_kind(survey: &Survey, kind: PlaceKind) -> Vec<Arc<Place>> {
    survey
        .places
        .iter()
        .filter(|place| place.kind == kind)
        .cloned()
        .collect()
}

/// The only place of one kind.
pub(crate) fn the(survey: &Survey, kind: PlaceKind) -> Arc<Place> {
    let places = of_kind(survey, kind);
    assert_eq!(places.len(), 1, "{places:#?}");
    places[0].clone()
}

pub(crate) fn with_store(path: &str) -> Effective {
    let mut policy = policy();
    policy.stores = vec![effective::Store::Folder {
        path: path.into(),
        require_encryption: true,
    }];
    policy
}

/// A policy that watches everything and names no store.
pub(crate) fn policy() -> Effective {
    let place = |apps: &[App]| {
        Some(effective::Place {
            grace: Duration::ZERO,
            apps: apps.to_vec(),
        })
    };
    Effective {
        name: "test".into(),
        stores: Vec::new(),
        places: effective::Places {
            desktop: place(&[]),
            downloads: place(&[]),
            chat_cache: place(App::CHAT),
            personal_cloud: place(&[]),
            exclude: Vec::new(),
        },
        work_file: effective::WorkFile {
            families: Vec::new(),
            also_when_detected: false,
            min_size: 0,
            evidence: effective::EvidenceRules {
                store_copy: true,
                registered: true,
                company_names: Vec::new(),
                properties: BTreeMap::new(),
                labels: true,
                content: true,
            },
            when_unsure: effective::WhenUnsure {
                company_apps: effective::Unsure::Count,
                personal_apps: effective::Unsure::Ask,
                desktop: effective::Unsure::Count,
                downloads: effective::Unsure::Ask,
                personal_cloud: effective::Unsure::Ask,
            },
        },
        sensitivity: Vec::new(),
        rules: effective::Rules {
            outside_store: None,
            unencrypted_in_chat: None,
            oversize_in_chat: None,
            personal_cloud: None,
            unfiled_account: None,
            stale_chat_cache: None,
            store_unprotected: None,
        },
        notice: effective::Notice {
            language: "auto".into(),
            at_most_every: Duration::ZERO,
            offer: Vec::new(),
        },
        report: effective::Report {
            keep_closed: Duration::ZERO,
            send_file_name: true,
            during_grace: effective::DuringGrace::Count,
            heartbeat: Duration::ZERO,
        },
    }
}

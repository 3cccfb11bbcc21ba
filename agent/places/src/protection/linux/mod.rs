//! Protection from the mount down: an encrypting file system, an encrypted folder, then the device and all below it.
//!
//! The first layer that encrypts decides. Where a layer has several legs, such as a volume over two disks, all must be
//! encrypted. What cannot be told is [`Protection::Unknown`], never a guess.

mod device;
mod file_system;
mod mounts;

use std::path::{Path, PathBuf};

use fileward_policy::subject::Protection;

use crate::System;
use file_system::Kind;
use mounts::Mounts;

/// How many image files may lie in one another.
const DEEPEST: u8 = 8;

/// What is mounted at one time.
pub(crate) struct Volumes<'a> {
    system: &'a System,
    mounts: Mounts,
}

impl<'a> Volumes<'a> {
    /// Reads what is mounted.
    pub(crate) fn read(system: &'a System) -> Self {
        let table = std::fs::read(system.path("/proc/self/mountinfo")).unwrap_or_else(|error| {
            tracing::warn!(%error, "Failed to read the mount table");
            Vec::new()
        });
        Self {
            system,
            mounts: Mounts::parse(&table),
        }
    }

    /// Whether the file system of `folder` tells about changes, whoever makes them.
    pub(crate) fn tell_changes(&self, folder: &Path) -> bool {
        self.mounts
            .of(&self.system.name(folder))
            .is_some_and(|mount| file_system::tells_changes(&mount.kind))
    }

    /// Whether `folder` may be kept open for long: watching one holds no file system here.
    #[expect(clippy::unused_self, reason = "on other systems it depends on the volume")]
    pub(crate) fn may_be_held(&self, _folder: &Path) -> bool {
        true
    }

    /// Whether what is written at `path` is encrypted on its disk.
    pub(crate) fn protection(&self, path: &Path) -> Protection {
        self.protection_at(path, 0)
    }

    fn protection_at(&self, path: &Path, depth: u8) -> Protection {
        let Some(mount) = self.mounts.of(&self.system.name(path)) else {
            return Protection::Unknown;
        };
        if depth > DEEPEST {
            return Protection::Unknown;
        }
        let kind = file_system::kind(mount);
        if let Kind::Encrypting(name) = kind {
            return Protection::Encrypted(name.into());
        }
        if let Some(name) = file_system::encrypts(path) {
            return Protection::Encrypted(name.into());
        }
        let image = |file: PathBuf| self.protection_at(&self.system.path(file), depth + 1);
        match kind {
            Kind::Device => device::by_number(self.system, mount.device, &image),
            Kind::Devices => device::by_source(self.system, &mount.source, &image),
            Kind::MaybeEncryptingDevices => match device::by_source(self.system, &mount.source, &image) {
                Protection::Plain => Protection::Unknown,
                told => told,
            },
            Kind::Memory => Protection::Plain,
            Kind::Encrypting(_) | Kind::Foreign => Protection::Unknown,
        }
    }
}

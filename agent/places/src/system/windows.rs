//! The registry and the drives say where everything is; their paths are real ones also on a recorded PC.

#![allow(unsafe_code)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives};
use windows_sys::Win32::System::WindowsProgramming::{DRIVE_FIXED, DRIVE_REMOVABLE};

use crate::User;
use crate::protection::Volume;
use crate::registry::{self, Registry};

/// The PC that is surveyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// What is taken for its registry and its drives; `None` for this PC itself.
    pub recorded: Option<Arc<Recorded>>,
}

/// What was recorded of a PC, or made up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Its registry.
    pub registry: Registry,
    /// The folders that stand for the roots of its drives.
    pub drives: Vec<PathBuf>,
    /// Its volumes, by the folder that each is mounted at. Other folders lie on the volumes of this PC.
    pub volumes: HashMap<PathBuf, Volume>,
}

impl System {
    /// What matters of the registry, with the keys of `users`.
    pub(crate) fn registry(&self, users: &[User]) -> Registry {
        match &self.recorded {
            Some(recorded) => recorded.registry.clone(),
            None => registry::read(users),
        }
    }

    /// Where the absolute path `path` of that PC is found on this one.
    #[expect(clippy::unused_self, reason = "on other systems a recorded PC is below a folder")]
    pub(crate) fn path(&self, path: impl Into<PathBuf>) -> PathBuf {
        path.into()
    }

    /// Whether the PC, and not one session alone, has this letter.
    #[expect(clippy::unused_self, reason = "letters are real ones also on a recorded PC")]
    pub(crate) fn has_letter(&self, letter: char) -> bool {
        letters().any(|root| root.starts_with(letter))
    }

    /// The roots of the drives that are part of this PC or plugged into it.
    pub(crate) fn drives(&self) -> Vec<PathBuf> {
        if let Some(recorded) = &self.recorded {
            return recorded.drives.clone();
        }
        letters().filter(|root| is_local(root)).map(PathBuf::from).collect()
    }
}

/// The roots that have a letter, such as `C:\`.
pub(crate) fn letters() -> impl Iterator<Item = String> {
    // SAFETY: the call takes nothing.
    let set = unsafe { GetLogicalDrives() };
    ('A'..='Z')
        .enumerate()
        .filter(move |(bit, _)| set >> bit & 1 == 1)
        .map(|(_, letter)| format!(r"{letter}:\"))
}

/// The kind of the drive that `root` names.
pub(crate) fn drive_type(root: &str) -> u32 {
    let root: Vec<u16> = root.encode_utf16().chain([0]).collect();
    // SAFETY: the text ends with a NUL.
    unsafe { GetDriveTypeW(root.as_ptr()) }
}

fn is_local(root: &str) -> bool {
    matches!(drive_type(root), DRIVE_FIXED | DRIVE_REMOVABLE)
}

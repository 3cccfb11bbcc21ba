//! Protection from the folder down: EFS on the folder, then the volume it lies on, by its device and by BitLocker.
//!
//! Windows ejects no volume, and VeraCrypt dismounts none, while somebody has a folder on it open, as whoever watches it has.

#![allow(unsafe_code)]

mod bitlocker;
mod bus;

use std::collections::HashMap;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fileward_policy::subject::Protection;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_ENCRYPTED, GetVolumeNameForVolumeMountPointW, GetVolumePathNameW, QueryDosDeviceW,
};
use windows_sys::Win32::System::WindowsProgramming::{DRIVE_FIXED, DRIVE_RAMDISK, DRIVE_REMOVABLE};

use crate::System;
use crate::session_drives::is_veracrypt;
use crate::system::drive_type;

/// Longer than the name of any device.
const LONGEST: usize = 1024;

/// The kernel's folder of devices.
const GLOBAL: &str = r"\\?\GLOBALROOT\Device";

/// The longest path that Windows has.
const LONGEST_PATH: usize = 32_768;

/// What a volume is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// The kind of its drive, as `GetDriveTypeW` gives it.
    pub kind: u32,
    /// The device behind it, such as `\Device\HarddiskVolume3`; `\??\C:\a` for a folder that has a letter (`subst`).
    pub device: Option<String>,
    /// Whether its disk is plugged in from outside.
    pub plugged_in: bool,
}

/// The volumes at one time.
#[derive(Default)]
pub(crate) struct Volumes {
    /// What is taken for some of them, by the folder that each is mounted at.
    recorded: HashMap<PathBuf, Volume>,
    /// What was found out about volumes, likewise.
    found: Mutex<HashMap<PathBuf, Arc<Volume>>>,
    /// Of those that were asked about.
    protections: Mutex<HashMap<PathBuf, Protection>>,
}

impl Volumes {
    /// Begins to look at volumes; what was found out holds as long as this.
    pub(crate) fn read(system: &System) -> Self {
        let recorded = system.recorded.as_ref().map(|recorded| recorded.volumes.clone());
        Self {
            recorded: recorded.unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Whether the file system of `folder` tells about changes, whoever makes them.
    pub(crate) fn tell_changes(&self, folder: &Path) -> bool {
        self.of(folder)
            .is_some_and(|(_, volume)| matches!(volume.kind, DRIVE_FIXED | DRIVE_REMOVABLE | DRIVE_RAMDISK))
    }

    /// Whether `folder` may be kept open for long: nobody will want its volume to go.
    pub(crate) fn may_be_held(&self, folder: &Path) -> bool {
        self.of(folder).is_some_and(|(_, volume)| volume.stays())
    }

    /// Whether what is written at `path` is encrypted on its disk.
    pub(crate) fn protection(&self, path: &Path) -> Protection {
        let Ok(metadata) = std::fs::symlink_metadata(path) else {
            return Protection::Unknown;
        };
        if metadata.file_attributes() & FILE_ATTRIBUTE_ENCRYPTED != 0 {
            return Protection::Encrypted("efs".into());
        }
        let Some((point, volume)) = self.of(path) else {
            return Protection::Unknown;
        };
        let mut known = self.protections.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(point)
            .or_insert_with_key(|point| volume.protection(point))
            .clone()
    }

    /// The volume of `path`, and the folder it is mounted at.
    fn of(&self, path: &Path) -> Option<(PathBuf, Arc<Volume>)> {
        let recorded = |folder: &&Path| self.recorded.contains_key(*folder);
        let point = match path.ancestors().find(recorded) {
            Some(point) => point.to_path_buf(),
            None => mount_point(path)?,
        };
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let look = |point: &PathBuf| Arc::new(self.recorded.get(point).cloned().unwrap_or_else(|| Volume::at(point)));
        let volume = Arc::clone(known.entry(point.clone()).or_insert_with_key(look));
        Some((point, volume))
    }
}

impl Volume {
    /// The volume that is mounted at `point`.
    fn at(point: &Path) -> Self {
        let kind = point.to_str().map_or(0, drive_type);
        Self {
            kind,
            device: device(point),
            plugged_in: kind == DRIVE_FIXED && !is_systems(point) && bus::is_outside(point),
        }
    }

    /// Whether it is part of the PC. What has a letter by `subst` gives it up as long as nobody uses it.
    fn stays(&self) -> bool {
        let by_device = |device: &String| !is_veracrypt(device) && !device.starts_with(r"\??\");
        matches!(self.kind, DRIVE_FIXED | DRIVE_RAMDISK)
            && !self.plugged_in
            && self.device.as_ref().is_none_or(by_device)
    }

    fn protection(&self, point: &Path) -> Protection {
        match self.kind {
            DRIVE_FIXED | DRIVE_REMOVABLE => {}
            // Memory is swapped out.
            DRIVE_RAMDISK => return Protection::Plain,
            // On a server, or nobody knows where.
            _ => return Protection::Unknown,
        }
        match &self.device {
            Some(device) if is_veracrypt(device) => Protection::Encrypted("veracrypt".into()),
            _ => bitlocker::protection(point),
        }
    }
}

/// Whether Windows itself runs from the volume at `point`.
fn is_systems(point: &Path) -> bool {
    std::env::var_os("SystemRoot").is_some_and(|root| mount_point(Path::new(&root)).as_deref() == Some(point))
}

/// The root of the device that `path` names, such as `\\?\GLOBALROOT\Device\VeraCryptVolumeV\`; `None` for paths by letters
/// and servers.
pub(crate) fn device_root(path: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(GLOBAL).ok()?;
    let device = below.iter().next()?;
    // With the separator at its end it is the root folder and not the device itself.
    Some(Path::new(GLOBAL).join(device).join(""))
}

/// The folder that the volume of `path` is mounted at, such as `C:\`.
fn mount_point(path: &Path) -> Option<PathBuf> {
    if let Some(root) = device_root(path) {
        return Some(root);
    }
    let path = wide(path);
    let mut found = vec![0; LONGEST_PATH];
    let length = u32::try_from(found.len()).ok()?;
    // SAFETY: the path ends with a NUL, and the buffer is as long as the call is told.
    let told = unsafe { GetVolumePathNameW(path.as_ptr(), found.as_mut_ptr(), length) } != 0;
    told.then(|| text(&found).into())
}

/// The device that a drive letter or a folder of a volume leads to, such as `\Device\HarddiskVolume3`.
fn device(volume: &Path) -> Option<String> {
    if let Some(device) = volume.to_str()?.strip_prefix(r"\\?\GLOBALROOT") {
        return Some(device.trim_end_matches('\\').into());
    }
    dos_device(name(volume)?.strip_prefix(r"\\?\")?)
}

/// The name of the device of the volume at `point`: `\\?\C:` or `\\?\Volume{…}`.
fn name(point: &Path) -> Option<String> {
    let letter = point.to_str()?;
    if letter.len() == r"C:\".len() {
        return Some(format!(r"\\?\{}", letter.trim_end_matches('\\')));
    }
    let mut found = [0; 64];
    let point = wide(point);
    // SAFETY: the name ends with a NUL; such a volume name has 49 characters, and the buffer as many as the call is told.
    let told = unsafe { GetVolumeNameForVolumeMountPointW(point.as_ptr(), found.as_mut_ptr(), 64) } != 0;
    let name = told.then(|| text(&found))?;
    Some(name.to_str()?.trim_end_matches('\\').to_owned())
}

/// The device that a name of MS-DOS leads to. Letters of one session only are not seen by a service.
pub(crate) fn dos_device(name: &str) -> Option<String> {
    let name = wide(Path::new(name));
    let mut found = [0; LONGEST];
    // SAFETY: the name ends with a NUL, and the buffer is as long as the call is told.
    let length = unsafe { QueryDosDeviceW(name.as_ptr(), found.as_mut_ptr(), 1024) };
    (length > 0).then(|| text(&found).to_string_lossy().into_owned())
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

fn text(buffer: &[u16]) -> std::ffi::OsString {
    let text: Vec<u16> = buffer.iter().copied().take_while(|unit| *unit != 0).collect();
    std::ffi::OsString::from_wide(&text)
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::System::WindowsProgramming::DRIVE_REMOTE;

    use super::*;

    #[test]
    fn a_path_by_its_device_has_the_root_of_the_device() {
        let path = Path::new(r"\\?\GLOBALROOT\Device\VeraCryptVolumeV\工作\a");
        let root = device_root(path).unwrap();
        assert_eq!(root.as_os_str(), r"\\?\GLOBALROOT\Device\VeraCryptVolumeV\");
        assert_eq!(device(&root).as_deref(), Some(r"\Device\VeraCryptVolumeV"));
        for other in [r"C:\a", r"\\server\share\a", r"\\?\GLOBALROOT\Device"] {
            assert_eq!(device_root(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn only_what_is_part_of_the_pc_stays() {
        let volume = |kind, device: &str, plugged_in| Volume {
            kind,
            device: Some(device.into()),
            plugged_in,
        };
        let disk = r"\Device\HarddiskVolume3";
        assert!(volume(DRIVE_FIXED, disk, false).stays());
        assert!(volume(DRIVE_RAMDISK, r"\Device\RamDisk", false).stays());
        for goes in [
            volume(DRIVE_FIXED, disk, true),
            volume(DRIVE_REMOVABLE, disk, false),
            volume(DRIVE_REMOTE, r"\Device\LanmanRedirector\;Z:\server\share", false),
            volume(DRIVE_FIXED, r"\??\C:\Work", false),
            volume(DRIVE_FIXED, r"\Device\VeraCryptVolumeX", false),
            Volume::default(),
        ] {
            assert!(!goes.stays(), "{goes:?}");
        }
    }

    #[test]
    fn a_folder_lies_on_a_volume_with_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let volume = mount_point(folder.path()).unwrap();
        assert!(folder.path().starts_with(&volume), "{}", volume.display());
        assert!(Volumes::default().tell_changes(folder.path()));
        assert!(Volumes::default().may_be_held(folder.path()));
        assert_eq!(
            Volumes::default().protection(&folder.path().join("nothing")),
            Protection::Unknown
        );
    }
}

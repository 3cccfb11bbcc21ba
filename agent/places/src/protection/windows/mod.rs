//! Protection from the folder down: EFS on the folder, then the volume it lies on, by its device and by BitLocker.

#![allow(unsafe_code)]

mod bitlocker;

use std::collections::HashMap;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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

/// The volumes at one time.
#[derive(Default)]
pub(crate) struct Volumes {
    /// What was found out about volumes, by the folder that each is mounted at.
    known: Mutex<HashMap<PathBuf, Protection>>,
}

impl Volumes {
    /// Begins to look at volumes; what was found out holds as long as this.
    pub(crate) fn read(_system: &System) -> Self {
        Self::default()
    }

    /// Whether the file system of `folder` tells about changes, whoever makes them.
    #[expect(clippy::unused_self, reason = "other systems read a table for it")]
    pub(crate) fn tell_changes(&self, folder: &Path) -> bool {
        mount_point(folder).is_some_and(|volume| matches!(kind(&volume), DRIVE_FIXED | DRIVE_REMOVABLE | DRIVE_RAMDISK))
    }

    /// Whether what is written at `path` is encrypted on its disk.
    pub(crate) fn protection(&self, path: &Path) -> Protection {
        let Ok(metadata) = std::fs::symlink_metadata(path) else {
            return Protection::Unknown;
        };
        if metadata.file_attributes() & FILE_ATTRIBUTE_ENCRYPTED != 0 {
            return Protection::Encrypted("efs".into());
        }
        let Some(volume) = mount_point(path) else {
            return Protection::Unknown;
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(volume)
            .or_insert_with_key(|volume| of_volume(volume))
            .clone()
    }
}

fn of_volume(volume: &Path) -> Protection {
    match kind(volume) {
        DRIVE_FIXED | DRIVE_REMOVABLE => {}
        // Memory is swapped out.
        DRIVE_RAMDISK => return Protection::Plain,
        // On a server, or nobody knows where.
        _ => return Protection::Unknown,
    }
    match device(volume) {
        Some(device) if is_veracrypt(&device) => Protection::Encrypted("veracrypt".into()),
        _ => bitlocker::protection(volume),
    }
}

fn kind(volume: &Path) -> u32 {
    volume.to_str().map_or(0, drive_type)
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
    let name = volume.to_str()?;
    if let Some(device) = name.strip_prefix(r"\\?\GLOBALROOT") {
        return Some(device.trim_end_matches('\\').into());
    }
    if name.len() == r"C:\".len() {
        return dos_device(name.trim_end_matches('\\'));
    }
    let mut found = [0; 64];
    let point = wide(volume);
    // SAFETY: the name ends with a NUL; such a volume name has 49 characters, and the buffer as many as the call is told.
    let told = unsafe { GetVolumeNameForVolumeMountPointW(point.as_ptr(), found.as_mut_ptr(), 64) } != 0;
    let name = told.then(|| text(&found))?;
    dos_device(name.to_str()?.strip_prefix(r"\\?\")?.trim_end_matches('\\'))
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
    fn a_folder_lies_on_a_volume_with_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let volume = mount_point(folder.path()).unwrap();
        assert!(folder.path().starts_with(&volume), "{}", volume.display());
        assert!(Volumes::default().tell_changes(folder.path()));
        assert_eq!(
            Volumes::default().protection(&folder.path().join("nothing")),
            Protection::Unknown
        );
    }
}

//! Block devices in `/sys`: through volumes, arrays and partitions down to the disks.

use std::fs;
use std::path::{Path, PathBuf};

use fileward_policy::subject::Protection;

use crate::System;

/// How many devices may stand on one another.
const DEEPEST: u8 = 16;

/// How an image file behind a loop device is protected.
type Image<'a> = &'a dyn Fn(PathBuf) -> Protection;

/// The protection of the block device `major:minor`.
pub(super) fn by_number(system: &System, (major, minor): (u32, u32), image: Image<'_>) -> Protection {
    match fs::canonicalize(system.path(format!("/sys/dev/block/{major}:{minor}"))) {
        Ok(folder) => of_device(&folder, image, 0),
        Err(_) => Protection::Unknown,
    }
}

/// The protection of all devices of the file system that was mounted from `source`; several are joined by `:`.
pub(super) fn by_source(system: &System, source: &Path, image: Image<'_>) -> Protection {
    let Some(source) = source.to_str() else {
        return Protection::Unknown;
    };
    let Some(folders) = source
        .split(':')
        .map(|path| named(system, path))
        .collect::<Option<Vec<_>>>()
    else {
        return Protection::Unknown;
    };
    all(btrfs_siblings(system, &folders)
        .unwrap_or(folders)
        .iter()
        .map(|folder| of_device(folder, image, 0)))
}

/// The folder in `/sys` of the device file `path`, such as `/dev/sda2` or `/dev/mapper/home`.
fn named(system: &System, path: &str) -> Option<PathBuf> {
    let file = fs::canonicalize(system.path(path)).unwrap_or_else(|_| path.into());
    let class = system.path("/sys/class/block");
    if let Ok(folder) = fs::canonicalize(class.join(file.file_name()?)) {
        return Some(folder);
    }
    let mapper_name = path.strip_prefix("/dev/mapper/")?;
    fs::read_dir(class)
        .ok()?
        .flatten()
        .filter_map(|entry| fs::canonicalize(entry.path()).ok())
        .find(|folder| text(&folder.join("dm/name")) == mapper_name)
}

/// Every device of the btrfs that `folders` belong to; the mount names only one of them.
fn btrfs_siblings(system: &System, folders: &[PathBuf]) -> Option<Vec<PathBuf>> {
    fs::read_dir(system.path("/sys/fs/btrfs"))
        .ok()?
        .flatten()
        .find_map(|entry| {
            let devices: Vec<_> = fs::read_dir(entry.path().join("devices"))
                .ok()?
                .flatten()
                .filter_map(|device| fs::canonicalize(device.path()).ok())
                .collect();
            folders.iter().any(|folder| devices.contains(folder)).then_some(devices)
        })
}

fn of_device(folder: &Path, image: Image<'_>, depth: u8) -> Protection {
    if depth > DEEPEST {
        return Protection::Unknown;
    }
    let is_mapped = folder.join("dm").is_dir();
    if is_mapped && let Some(protection) = of_mapping(folder) {
        return protection;
    }
    let below = |folder: &Path| of_device(folder, image, depth + 1);
    if let Some(legs) = legs(folder) {
        return all(legs.iter().map(|leg| leg.as_deref().map_or(Protection::Unknown, below)));
    }
    if is_mapped {
        return Protection::Unknown;
    }
    if folder.join("partition").exists() {
        return folder.parent().map_or(Protection::Unknown, below);
    }
    let backing = text(&folder.join("loop/backing_file"));
    if !backing.is_empty() {
        // The kernel marks a file that has lost its name; whatever has that name now is another one.
        return if backing.ends_with(" (deleted)") {
            Protection::Unknown
        } else {
            image(backing.into())
        };
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    // Disks of this PC keep what they are given. What stands behind the others is elsewhere: a server, a pool.
    let elsewhere = ["nbd", "rbd", "drbd", "zd", "loop"]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    if elsewhere {
        Protection::Unknown
    } else {
        Protection::Plain
    }
}

/// What the device mapper says of one of its devices; `None` where that depends on what it stands on.
fn of_mapping(folder: &Path) -> Option<Protection> {
    let uuid = text(&folder.join("dm/uuid"));
    let encrypted = |by: &str| Some(Protection::Encrypted(by.into()));
    match uuid
        .strip_prefix("CRYPT-")
        .map(|rest| rest.split('-').next().unwrap_or_default())
    {
        Some("LUKS1" | "LUKS2") => encrypted("luks"),
        Some("TCRYPT") => encrypted("veracrypt"),
        Some("BITLK") => encrypted("bitlocker"),
        Some("FVAULT2") => encrypted("filevault"),
        Some("PLAIN" | "LOOPAES") => encrypted("dm-crypt"),
        // These check what they store and do not hide it.
        Some("VERITY" | "INTEGRITY" | "SUBDEV") => None,
        Some(_) => Some(Protection::Unknown),
        // VeraCrypt makes its mappings without an id.
        None if uuid.is_empty() && is_veracrypt(&text(&folder.join("dm/name"))) => encrypted("veracrypt"),
        None => None,
    }
}

/// `veracrypt1`, and `veracrypt1_0` for the lower layers of a cascade.
fn is_veracrypt(name: &str) -> bool {
    name.strip_prefix("veracrypt")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'))
}

/// The devices that this one stands on; `None` inside where one cannot be found, `None` if it stands on none.
fn legs(folder: &Path) -> Option<Vec<Option<PathBuf>>> {
    let legs: Vec<_> = fs::read_dir(folder.join("slaves"))
        .ok()?
        .flatten()
        .map(|leg| fs::canonicalize(leg.path()).ok())
        .collect();
    (!legs.is_empty()).then_some(legs)
}

/// Encrypted only if every leg is; plain as soon as one is.
fn all(legs: impl Iterator<Item = Protection>) -> Protection {
    let mut result = None;
    for leg in legs {
        match (leg, &result) {
            (Protection::Plain, _) => return Protection::Plain,
            (Protection::Unknown, _) => result = Some(Protection::Unknown),
            (encrypted, None) => result = Some(encrypted),
            (Protection::Encrypted(_), Some(_)) => {}
        }
    }
    result.unwrap_or(Protection::Unknown)
}

fn text(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

//! Windows: one component after the other, each opened below the handle of the one before, and never what a link leads to.
//!
//! A name is opened in any case, and then taken for what was asked for only if the disk spells it so: a file has one path.
//! A handle on a folder keeps those above it from being renamed, so none outlives a call by more than its caller needs.

use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::OwnedHandle;
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Foundation::{
    ERROR_DIRECTORY, ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_REPARSE_POINT_ENCOUNTERED,
    ERROR_STOPPED_ON_SYMLINK,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_DEVICE, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_OFFLINE, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS,
    FILE_ATTRIBUTE_RECALL_ON_OPEN, FILE_ATTRIBUTE_REPARSE_POINT,
};
use windows_sys::Win32::System::SystemServices::{
    IO_REPARSE_TAG_CLOUD, IO_REPARSE_TAG_CLOUD_MASK, IO_REPARSE_TAG_DEDUP, IO_REPARSE_TAG_HSM, IO_REPARSE_TAG_HSM2,
    IO_REPARSE_TAG_ONEDRIVE, IO_REPARSE_TAG_WOF,
};

use super::{Entry, FolderId, Look};
use crate::watch::sighting::Stat;
use nt::{Access, Details};

#[path = "windows/nt.rs"]
mod nt;

pub(in crate::watch) use nt::path as path_of_handle;

/// An open folder.
pub(super) struct Folder(OwnedHandle);

pub(super) fn root(path: &Path) -> io::Result<Folder> {
    let mut components = path.components();
    let (Some(Component::Prefix(prefix)), Some(Component::RootDir)) = (components.next(), components.next()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut volume = volume(prefix.kind())?;
    if matches!(prefix.kind(), Prefix::Verbatim(name) if name == "GLOBALROOT") {
        // What follows is the kernel's name of a device, such as `Device\VeraCryptVolumeV`.
        for name in components.by_ref().take(2) {
            volume.extend(checked(name)?);
            volume.push(b'\\'.into());
        }
    }
    let volume = nt::open(None, &volume, Access::Look)?;
    Folder(volume).folder(components.as_path())
}

/// Nothing that Windows 10 has could be withheld.
#[expect(clippy::unnecessary_wraps, reason = "other systems may withhold what it takes")]
pub(super) fn require() -> io::Result<()> {
    Ok(())
}

impl Folder {
    pub(super) fn id(&self) -> io::Result<FolderId> {
        let id = nt::details(&self.0)?.id;
        Ok(FolderId {
            device: id.device,
            inode: id.inode,
        })
    }

    pub(super) fn file(&self, relative: &Path) -> io::Result<(File, Stat)> {
        let folder = self.parent(relative)?;
        let name = name_of(relative)?;
        let (_, seen) = folder.entry(&name)?;
        regular(&seen)?;
        // What a filter of the system keeps in another form is read through it; the file itself reads as it is.
        let access = if seen.attributes & FILE_ATTRIBUTE_REPARSE_POINT == 0 {
            Access::Read
        } else {
            Access::ReadThroughFilter
        };
        let file = nt::open(Some(&folder.0), &name, access)?;
        exact(&file, relative)?;
        let opened = nt::details(&file)?;
        let stat = regular(&opened)?;
        if opened.id != seen.id {
            return Err(io::Error::other("It was replaced while it was opened"));
        }
        Ok((File::from(file), stat))
    }

    pub(super) fn look(&self, relative: &Path) -> Look {
        if relative.as_os_str().is_empty() {
            return Look::Folder;
        }
        let found = self.at(relative).and_then(|(handle, details)| {
            exact(&handle, relative)?;
            Ok(details)
        });
        match found {
            Ok(details) => match what(details.attributes, details.tag) {
                What::File => Look::File(stat(&details)),
                What::Away if details.attributes & FILE_ATTRIBUTE_DIRECTORY == 0 => Look::Away(stat(&details)),
                What::Away => Look::Hidden,
                What::Folder => Look::Folder,
                What::Neither => self.absent(relative),
            },
            Err(error) if is_absent(&error) => self.absent(relative),
            Err(_) => Look::Hidden,
        }
    }

    fn absent(&self, relative: &Path) -> Look {
        for folder in relative.ancestors().skip(1) {
            match self.folder(folder).and_then(|folder| folder.id()) {
                Ok(id) => {
                    return Look::Absent {
                        device: id.device,
                        root: true,
                    };
                }
                Err(error) if is_absent(&error) => {}
                Err(_) => return Look::Hidden,
            }
        }
        Look::Hidden
    }

    pub(super) fn list(&self, relative: &Path) -> io::Result<Vec<Entry>> {
        let within = self.folder(relative)?;
        exact(&within.0, relative)?;
        let device = within.id()?.device;
        let within = nt::open(Some(&within.0), &[], Access::List)?;
        let mut entries = Vec::new();
        nt::list(&within, device, |name, details| {
            if name == "." || name == ".." {
                return;
            }
            entries.extend(match what(details.attributes, details.tag) {
                What::File => Some(Entry::File(name, stat(&details))),
                What::Away => Some(Entry::Away(name)),
                What::Folder => Some(Entry::Folder(name)),
                What::Neither => None,
            });
        })?;
        Ok(entries)
    }

    /// A listing tells what the folder knows of a file, which is behind while somebody writes it, or when it is written under
    /// another of its names.
    pub(super) fn confirms(&self, relative: &Path, listed: &Stat) -> bool {
        self.look(relative) == Look::File(*listed)
    }

    /// `relative` as the disk spells it; `None` where nothing is or the system does not tell.
    pub(super) fn spelling(&self, relative: &Path) -> Option<PathBuf> {
        let (handle, _) = self.at(relative).ok()?;
        spelling(&handle, relative)
    }

    /// Opens what is at `relative`, be it a link, and looks at it.
    fn at(&self, relative: &Path) -> io::Result<(OwnedHandle, Details)> {
        self.parent(relative)?.entry(&name_of(relative)?)
    }

    /// Opens the folder `relative` below this one, which may be this one.
    fn folder(&self, relative: &Path) -> io::Result<Self> {
        let mut folder = Self(self.0.try_clone()?);
        for component in relative.components() {
            let handle = nt::open(Some(&folder.0), &checked(component)?, Access::Look)?;
            let (attributes, tag) = nt::kind(&handle)?;
            match what(attributes, tag) {
                What::Folder => folder = Self(handle),
                What::Away => return Err(away()),
                What::File => return Err(code(ERROR_DIRECTORY)),
                What::Neither => return Err(code(ERROR_STOPPED_ON_SYMLINK)),
            }
        }
        Ok(folder)
    }

    fn parent(&self, relative: &Path) -> io::Result<Self> {
        self.folder(relative.parent().unwrap_or(Path::new("")))
    }

    /// Opens what is directly in this folder, be it a link, and looks at it.
    fn entry(&self, name: &[u16]) -> io::Result<(OwnedHandle, Details)> {
        let handle = nt::open(Some(&self.0), name, Access::Look)?;
        let details = nt::details(&handle)?;
        Ok((handle, details))
    }
}

/// How the disk spells `relative`, by which `handle` was opened; `None` where the system does not tell.
fn spelling(handle: &OwnedHandle, relative: &Path) -> Option<PathBuf> {
    let whole = nt::path(handle).ok()?;
    let above = whole.components().count().checked_sub(relative.components().count())?;
    Some(whole.components().skip(above).collect())
}

/// Fails as if nothing were there, unless the disk spells `relative`, by which `handle` was opened, so.
fn exact(handle: &OwnedHandle, relative: &Path) -> io::Result<()> {
    if spelling(handle, relative).is_some_and(|spelled| spelled != relative) {
        return Err(code(ERROR_FILE_NOT_FOUND));
    }
    Ok(())
}

/// What an entry counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    File,
    Folder,
    /// Its content lies elsewhere, and reading it would fetch it.
    Away,
    /// A link, a device, or what a subsystem keeps here.
    Neither,
}

/// Tells by a file's attributes and its reparse tag, which is 0 for what is no reparse point.
fn what(attributes: u32, tag: u32) -> What {
    let is = |attribute| attributes & attribute != 0;
    let is_reparse_point = is(FILE_ATTRIBUTE_REPARSE_POINT);
    if is_reparse_point && !is_content(tag) || is(FILE_ATTRIBUTE_DEVICE) {
        return What::Neither;
    }
    // Anybody may mark a file as offline; only what also has a tag is.
    let is_offline = is_reparse_point && is(FILE_ATTRIBUTE_OFFLINE);
    if is_offline || is(FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS | FILE_ATTRIBUTE_RECALL_ON_OPEN) {
        return What::Away;
    }
    if is(FILE_ATTRIBUTE_DIRECTORY) {
        What::Folder
    } else {
        What::File
    }
}

/// Whether a reparse point with this tag is the file itself: in a cloud, packed or deduplicated, but no way elsewhere.
/// The tags stand in Microsoft's \[MS-FSCC\] 2.1.2.1.
fn is_content(tag: u32) -> bool {
    matches!(
        tag & !IO_REPARSE_TAG_CLOUD_MASK,
        IO_REPARSE_TAG_CLOUD
            | IO_REPARSE_TAG_ONEDRIVE
            | IO_REPARSE_TAG_WOF
            | IO_REPARSE_TAG_DEDUP
            | IO_REPARSE_TAG_HSM
            | IO_REPARSE_TAG_HSM2
    )
}

fn regular(details: &Details) -> io::Result<Stat> {
    match what(details.attributes, details.tag) {
        What::File => Ok(stat(details)),
        What::Away => Err(away()),
        What::Folder | What::Neither => Err(io::Error::new(io::ErrorKind::InvalidInput, "It is not a regular file")),
    }
}

fn away() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "Its content is not on this PC")
}

fn stat(details: &Details) -> Stat {
    Stat {
        id: details.id,
        size: details.size,
        modified: details.modified,
    }
}

/// The name of a volume's root as the kernel knows it.
fn volume(prefix: Prefix<'_>) -> io::Result<Vec<u16>> {
    let mut name: Vec<u16> = r"\??\".encode_utf16().collect();
    match prefix {
        Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => name.extend([letter, b':'].map(u16::from)),
        Prefix::UNC(server, share) | Prefix::VerbatimUNC(server, share) => {
            name.extend(r"UNC\".encode_utf16());
            name.extend(server.encode_wide().chain([b'\\'.into()]).chain(share.encode_wide()));
        }
        Prefix::Verbatim(volume) => name.extend(volume.encode_wide()),
        Prefix::DeviceNS(_) => return Err(io::ErrorKind::InvalidInput.into()),
    }
    name.push(b'\\'.into());
    Ok(name)
}

fn name_of(relative: &Path) -> io::Result<Vec<u16>> {
    let last = relative.components().next_back();
    checked(last.ok_or(io::ErrorKind::InvalidInput)?)
}

/// A component as the kernel takes it. A colon would lead to another stream of the file.
fn checked(component: Component<'_>) -> io::Result<Vec<u16>> {
    let Component::Normal(name) = component else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let name: Vec<u16> = name.encode_wide().collect();
    if name
        .iter()
        .any(|unit| [b':', b'\\', b'/', 0].map(u16::from).contains(unit))
    {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(name)
}

fn code(error: u32) -> io::Error {
    io::Error::from_raw_os_error(error.cast_signed())
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(i32::cast_unsigned);
    matches!(
        code,
        Some(
            ERROR_FILE_NOT_FOUND
                | ERROR_PATH_NOT_FOUND
                | ERROR_DIRECTORY
                | ERROR_STOPPED_ON_SYMLINK
                | ERROR_REPARSE_POINT_ENCOUNTERED
        )
    )
}

pub(super) fn device_above(path: &Path) -> Option<u64> {
    for folder in path.ancestors().skip(1) {
        match root(folder).and_then(|folder| folder.id()) {
            Ok(id) => return Some(id.device),
            Err(error) if is_absent(&error) => {}
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_SPARSE_FILE};
    use windows_sys::Win32::System::SystemServices::{
        IO_REPARSE_TAG_AF_UNIX, IO_REPARSE_TAG_APPEXECLINK, IO_REPARSE_TAG_CLOUD_6, IO_REPARSE_TAG_MOUNT_POINT,
        IO_REPARSE_TAG_SYMLINK,
    };

    use super::*;

    const POINT: u32 = FILE_ATTRIBUTE_REPARSE_POINT;

    #[test]
    fn what_is_in_a_cloud_only_is_away_and_what_is_here_is_a_file() {
        for attributes in [
            FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS,
            FILE_ATTRIBUTE_RECALL_ON_OPEN,
            POINT | FILE_ATTRIBUTE_OFFLINE,
            POINT | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS | FILE_ATTRIBUTE_SPARSE_FILE,
        ] {
            let attributes = attributes | FILE_ATTRIBUTE_ARCHIVE;
            assert_eq!(what(attributes, IO_REPARSE_TAG_CLOUD_6), What::Away);
            assert_eq!(
                what(attributes | FILE_ATTRIBUTE_DIRECTORY, IO_REPARSE_TAG_CLOUD_6),
                What::Away
            );
        }
        for tag in [
            IO_REPARSE_TAG_CLOUD,
            IO_REPARSE_TAG_CLOUD_6,
            IO_REPARSE_TAG_ONEDRIVE,
            IO_REPARSE_TAG_WOF,
        ] {
            assert_eq!(what(POINT, tag), What::File);
            assert_eq!(what(POINT | FILE_ATTRIBUTE_DIRECTORY, tag), What::Folder);
        }
    }

    #[test]
    fn nobody_hides_a_file_by_marking_it_as_offline() {
        assert_eq!(what(FILE_ATTRIBUTE_OFFLINE, 0), What::File);
    }

    #[test]
    fn links_and_what_subsystems_keep_are_neither_file_nor_folder() {
        for tag in [
            IO_REPARSE_TAG_SYMLINK,
            IO_REPARSE_TAG_MOUNT_POINT,
            IO_REPARSE_TAG_APPEXECLINK,
            IO_REPARSE_TAG_AF_UNIX,
        ] {
            assert_eq!(what(POINT, tag), What::Neither);
            assert_eq!(what(POINT | FILE_ATTRIBUTE_DIRECTORY, tag), What::Neither);
        }
    }
}

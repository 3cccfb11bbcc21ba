//! Windows: the change journal of a volume with a drive letter.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Component, Path, PathBuf, Prefix};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_FUNCTION, ERROR_JOURNAL_DELETE_IN_PROGRESS, ERROR_JOURNAL_ENTRY_DELETED, ERROR_JOURNAL_NOT_ACTIVE,
    ERROR_NOT_SUPPORTED, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    ExtendedFileIdType, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_ID_128, FILE_ID_DESCRIPTOR,
    FILE_ID_DESCRIPTOR_0, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FileIdType,
    OpenFileById,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::{
    FSCTL_QUERY_USN_JOURNAL, FSCTL_READ_USN_JOURNAL, READ_USN_JOURNAL_DATA_V1, USN_JOURNAL_DATA_V0,
    USN_REASON_BASIC_INFO_CHANGE, USN_REASON_DATA_EXTEND, USN_REASON_DATA_OVERWRITE, USN_REASON_DATA_TRUNCATION,
    USN_REASON_FILE_CREATE, USN_REASON_FILE_DELETE, USN_REASON_HARD_LINK_CHANGE, USN_REASON_RENAME_NEW_NAME,
    USN_REASON_RENAME_OLD_NAME, USN_REASON_REPARSE_POINT_CHANGE,
};

use super::{Extent, Folder, Journal, Position, Unread, Volumes};
use crate::watch::open::path_of_handle;

/// What makes a file another one: its content, time or name, or that it came out of a cloud. Other streams do not.
const REASONS: u32 = USN_REASON_BASIC_INFO_CHANGE
    | USN_REASON_DATA_EXTEND
    | USN_REASON_DATA_OVERWRITE
    | USN_REASON_DATA_TRUNCATION
    | USN_REASON_FILE_CREATE
    | USN_REASON_FILE_DELETE
    | USN_REASON_HARD_LINK_CHANGE
    | USN_REASON_RENAME_NEW_NAME
    | USN_REASON_RENAME_OLD_NAME
    | USN_REASON_REPARSE_POINT_CHANGE;

/// The volumes of this PC.
#[derive(Debug)]
pub(in crate::watch) struct System;

impl Volumes for System {
    /// Only a drive letter names a volume here. Another one may be mounted at a folder, but no place lies beyond that: places are
    /// opened without following such a link.
    fn of(&self, path: &Path) -> Option<PathBuf> {
        match path.components().next()? {
            Component::Prefix(prefix) => match prefix.kind() {
                Prefix::Disk(letter) => Some(format!(r"{}:\", char::from(letter)).into()),
                _ => None,
            },
            _ => None,
        }
    }

    fn open(&self, point: &Path) -> Result<Box<dyn Journal>, Unread> {
        Ok(Box::new(Volume::open(point)?))
    }
}

/// An open volume. Nobody can eject it meanwhile, so it is not kept.
struct Volume {
    point: PathBuf,
    device: File,
}

/// A name of a record.
pub(super) fn name(units: &[u16]) -> OsString {
    OsString::from_wide(units)
}

impl Volume {
    /// Opens the volume that is mounted at `point`, which is the root of a drive.
    fn open(point: &Path) -> Result<Self, Unread> {
        let letter = point.to_str().ok_or(Unread::None)?.trim_end_matches('\\');
        Ok(Self {
            device: File::open(format!(r"\\.\{letter}"))?,
            point: point.into(),
        })
    }

    /// Puts a question to the file system; gives the length of the answer in bytes.
    ///
    /// # Safety
    ///
    /// `question` and `answer` must point to as many bytes as they say.
    unsafe fn ask<Q>(&self, code: u32, question: Option<&Q>, answer: (*mut u8, usize)) -> Result<usize, Unread> {
        let mut length = 0;
        // SAFETY: the device is open for the whole call; the rest is the caller's promise.
        let answered = unsafe {
            DeviceIoControl(
                self.device.as_raw_handle(),
                code,
                question.map_or(null(), |question| std::ptr::from_ref(question).cast()),
                question.map_or(0, |_| small(size_of::<Q>())),
                answer.0.cast(),
                small(answer.1),
                &raw mut length,
                null_mut(),
            )
        };
        if answered == 0 {
            return Err(unread(io::Error::last_os_error()));
        }
        Ok(length as usize)
    }
}

impl Journal for Volume {
    fn extent(&self) -> Result<Extent, Unread> {
        let mut data = USN_JOURNAL_DATA_V0::default();
        let answer = ((&raw mut data).cast(), size_of::<USN_JOURNAL_DATA_V0>());
        // SAFETY: the answer goes into a structure of plain numbers, of which the size is given.
        let length = unsafe { self.ask(FSCTL_QUERY_USN_JOURNAL, None::<&()>, answer) }?;
        if length < answer.1 {
            return Err(Unread::None);
        }
        Ok(Extent {
            journal: data.UsnJournalID,
            first: data.FirstUsn,
            next: data.NextUsn,
        })
    }

    fn read(&self, from: Position, buffer: &mut [u8]) -> Result<usize, Unread> {
        let question = READ_USN_JOURNAL_DATA_V1 {
            StartUsn: from.next,
            ReasonMask: REASONS,
            // Also what is still open: the old name of what is renamed is never closed.
            ReturnOnlyOnClose: 0,
            // It does not wait for more.
            Timeout: 0,
            BytesToWaitFor: 0,
            UsnJournalID: from.journal,
            MinMajorVersion: 2,
            MaxMajorVersion: 3,
        };
        let answer = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: the answer goes into the buffer, of which the length is given.
        let length = unsafe { self.ask(FSCTL_READ_USN_JOURNAL, Some(&question), answer) }?;
        Ok(length.min(buffer.len()))
    }

    fn path(&self, folder: Folder) -> Option<PathBuf> {
        let (kind, id) = match folder {
            Folder::Short(id) => (
                FileIdType,
                FILE_ID_DESCRIPTOR_0 {
                    FileId: id.cast_signed(),
                },
            ),
            Folder::Long(id) => (
                ExtendedFileIdType,
                FILE_ID_DESCRIPTOR_0 {
                    ExtendedFileId: FILE_ID_128 {
                        Identifier: id.to_le_bytes(),
                    },
                },
            ),
        };
        let descriptor = FILE_ID_DESCRIPTOR {
            dwSize: small(size_of::<FILE_ID_DESCRIPTOR>()),
            Type: kind,
            Anonymous: id,
        };
        // SAFETY: the device is open for the whole call, and the descriptor is only read.
        let handle = unsafe {
            OpenFileById(
                self.device.as_raw_handle(),
                &raw const descriptor,
                FILE_READ_ATTRIBUTES,
                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                null(),
                FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
            )
        };
        if handle == INVALID_HANDLE_VALUE {
            return None;
        }
        // SAFETY: the call succeeded, so the handle is open and nobody else's.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        let path = path_of_handle(&handle).ok()?;
        Some(self.point.join(path.strip_prefix(r"\").ok()?))
    }
}

fn unread(error: io::Error) -> Unread {
    match error.raw_os_error().map(i32::cast_unsigned) {
        Some(
            ERROR_JOURNAL_NOT_ACTIVE | ERROR_JOURNAL_DELETE_IN_PROGRESS | ERROR_INVALID_FUNCTION | ERROR_NOT_SUPPORTED,
        ) => Unread::None,
        Some(ERROR_JOURNAL_ENTRY_DELETED) => Unread::Gone,
        _ => Unread::Failed(error),
    }
}

/// The size of a structure or a buffer, none of which comes near the limit.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn small(size: usize) -> u32 {
    size as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_volumes_with_a_letter_are_asked() {
        let volume_of = |path| System.of(Path::new(path));
        assert_eq!(volume_of(r"C:\Users\zhang\Desktop"), Some(r"C:\".into()));
        for path in [
            r"\\server\share\a",
            r"\\?\Volume{1}\a",
            r"\\?\GLOBALROOT\Device\VeraCryptVolumeX\a",
        ] {
            assert_eq!(volume_of(path), None, "{path}");
        }
    }

    #[test]
    fn a_volume_has_a_journal_that_can_be_read_or_says_that_it_has_none() {
        let Ok(volume) = Volume::open(Path::new(r"C:\")) else {
            println!("skipped: a volume is not opened here");
            return;
        };
        match volume.extent() {
            Ok(extent) => {
                let from = Position {
                    journal: extent.journal,
                    next: extent.first,
                };
                let mut buffer = vec![0; 64 << 10];
                let length = volume.read(from, &mut buffer).unwrap();
                let (next, _) = super::super::record::records(&buffer[..length]).unwrap();
                assert!((extent.first..=extent.next).contains(&next));
            }
            // As under Wine.
            Err(error) => assert!(matches!(error, Unread::None), "{error:?}"),
        }
    }
}

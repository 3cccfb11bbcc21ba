//! The calls of Windows that open, look and list relative to a handle.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::mem::{offset_of, size_of};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::ptr::{null, null_mut};

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{
    FILE_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE, FILE_OPEN, FILE_OPEN_NO_RECALL, FILE_OPEN_REPARSE_POINT,
    FILE_SYNCHRONOUS_IO_NONALERT, NtCreateFile,
};
use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_FILES, HANDLE, OBJ_CASE_INSENSITIVE, OBJ_DONT_REPARSE, RtlNtStatusToDosError,
    STATUS_DELETE_PENDING, UNICODE_STRING,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO, FILE_BASIC_INFO, FILE_ID_128,
    FILE_ID_BOTH_DIR_INFO, FILE_ID_EXTD_DIR_INFO, FILE_ID_INFO, FILE_INFO_BY_HANDLE_CLASS, FILE_LIST_DIRECTORY,
    FILE_NAME_NORMALIZED, FILE_READ_ATTRIBUTES, FILE_READ_DATA, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    FILE_STANDARD_INFO, FileAttributeTagInfo, FileBasicInfo, FileIdBothDirectoryInfo, FileIdBothDirectoryRestartInfo,
    FileIdExtdDirectoryInfo, FileIdExtdDirectoryRestartInfo, FileIdInfo, FileStandardInfo, GetFileInformationByHandle,
    GetFileInformationByHandleEx, GetFinalPathNameByHandleW, SYNCHRONIZE, VOLUME_NAME_NONE,
};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;

use crate::watch::sighting::FileId;

/// What a handle is for.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// Looking at whatever it is, a link itself, and opening what lies in it. It meets no sharing mode and breaks no lock.
    Look,
    /// Listing a folder.
    List,
    /// Reading a file.
    Read,
    /// Reading a file that a filter of the system keeps in another form.
    ReadThroughFilter,
}

/// What is known of an open file or of an entry.
pub(super) struct Details {
    pub(super) id: FileId,
    pub(super) attributes: u32,
    /// The reparse tag; 0 for what is no reparse point.
    pub(super) tag: u32,
    /// In bytes.
    pub(super) size: u64,
    /// In nanoseconds since 1970.
    pub(super) modified: i64,
}

/// Opens `name` in `folder`, the folder itself by an empty name; a full name of the kernel's own without a folder.
///
/// Everybody may go on reading, writing, renaming and deleting, and nothing is fetched from elsewhere.
pub(super) fn open(folder: Option<&OwnedHandle>, name: &[u16], access: Access) -> io::Result<OwnedHandle> {
    let (rights, options) = match access {
        Access::Look => (0, FILE_OPEN_REPARSE_POINT),
        Access::List => (FILE_LIST_DIRECTORY, FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT),
        Access::Read => (FILE_READ_DATA, FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT),
        Access::ReadThroughFilter => (FILE_READ_DATA, FILE_NON_DIRECTORY_FILE),
    };
    let length = u16::try_from(size_of_val(name)).map_err(|_| io::ErrorKind::InvalidFilename)?;
    let object_name = UNICODE_STRING {
        Length: length,
        MaximumLength: length,
        Buffer: name.as_ptr().cast_mut(),
    };
    // The drive letters of a full name are links of the kernel's own.
    let no_links = if folder.is_some() { OBJ_DONT_REPARSE } else { 0 };
    let attributes = OBJECT_ATTRIBUTES {
        Length: small(size_of::<OBJECT_ATTRIBUTES>()),
        RootDirectory: folder.map_or(null_mut(), AsRawHandle::as_raw_handle),
        ObjectName: &raw const object_name,
        Attributes: OBJ_CASE_INSENSITIVE | no_links,
        SecurityDescriptor: null(),
        SecurityQualityOfService: null(),
    };
    let mut handle: HANDLE = null_mut();
    let mut status_block = IO_STATUS_BLOCK::default();
    // SAFETY: every pointer is to a value that lives for the whole call; the name is only read.
    let status = unsafe {
        NtCreateFile(
            &raw mut handle,
            rights | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
            &raw const attributes,
            &raw mut status_block,
            null(),
            0,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            FILE_OPEN,
            options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_NO_RECALL,
            null(),
            0,
        )
    };
    if status >= 0 {
        // SAFETY: the call succeeded, so the handle is open and nobody else's.
        return Ok(unsafe { OwnedHandle::from_raw_handle(handle) });
    }
    let error = if status == STATUS_DELETE_PENDING {
        // It is deleted, and only still there because somebody has it open.
        ERROR_FILE_NOT_FOUND
    } else {
        // SAFETY: the call takes a number and touches no memory.
        unsafe { RtlNtStatusToDosError(status) }
    };
    Err(io::Error::from_raw_os_error(error.cast_signed()))
}

/// The attributes of what is open, and its reparse tag, which is 0 for what is no reparse point.
pub(super) fn kind(handle: &OwnedHandle) -> io::Result<(u32, u32)> {
    let mut basic = FILE_BASIC_INFO::default();
    information(handle, FileBasicInfo, &mut basic)?;
    Ok((basic.FileAttributes, tag_of(handle, basic.FileAttributes)?))
}

/// Looks at what is open.
pub(super) fn details(handle: &OwnedHandle) -> io::Result<Details> {
    let mut basic = FILE_BASIC_INFO::default();
    information(handle, FileBasicInfo, &mut basic)?;
    let mut standard = FILE_STANDARD_INFO::default();
    information(handle, FileStandardInfo, &mut standard)?;
    let mut id = FILE_ID_INFO::default();
    let (device, inode) = match information(handle, FileIdInfo, &mut id) {
        Ok(()) => (id.VolumeSerialNumber, folded(id.FileId)),
        // FAT has only the short ones.
        Err(_) => short_id(handle)?,
    };
    Ok(Details {
        id: FileId {
            device,
            inode,
            born: nanoseconds(basic.CreationTime),
        },
        attributes: basic.FileAttributes,
        tag: tag_of(handle, basic.FileAttributes)?,
        size: standard.EndOfFile.cast_unsigned(),
        modified: nanoseconds(basic.LastWriteTime),
    })
}

fn tag_of(handle: &OwnedHandle, attributes: u32) -> io::Result<u32> {
    let mut tag = FILE_ATTRIBUTE_TAG_INFO::default();
    // Not every file system knows the question.
    if attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        information(handle, FileAttributeTagInfo, &mut tag)?;
    }
    Ok(tag.ReparseTag)
}

fn short_id(handle: &OwnedHandle) -> io::Result<(u64, u64)> {
    let mut all = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open for the whole call, and what is written to is as large as the call writes.
    if unsafe { GetFileInformationByHandle(handle.as_raw_handle(), &raw mut all) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let inode = u64::from(all.nFileIndexHigh) << 32 | u64::from(all.nFileIndexLow);
    Ok((all.dwVolumeSerialNumber.into(), inode))
}

/// The path of what is open on its volume, with the names as the disk has them: no short ones, and each in its own case.
pub(in crate::watch) fn path(handle: &OwnedHandle) -> io::Result<PathBuf> {
    let mut units = vec![0; 1 << 10];
    loop {
        // SAFETY: the handle is open for the whole call, and the buffer is as long as the call is told.
        let length = unsafe {
            GetFinalPathNameByHandleW(
                handle.as_raw_handle(),
                units.as_mut_ptr(),
                small(units.len()),
                FILE_NAME_NORMALIZED | VOLUME_NAME_NONE,
            )
        } as usize;
        match length {
            0 => return Err(io::Error::last_os_error()),
            _ if length < units.len() => return Ok(OsString::from_wide(&units[..length]).into()),
            _ => units.resize(length, 0),
        }
    }
}

/// Gives every entry of `folder`, which lies on `device`, to `take`.
pub(super) fn list(folder: &OwnedHandle, device: u64, mut take: impl FnMut(OsString, Details)) -> io::Result<()> {
    // A buffer of its own for each listing: it is aligned as the entries are.
    let mut buffer = vec![0_u64; 8 << 10];
    let mut classes = (FileIdExtdDirectoryRestartInfo, FileIdExtdDirectoryInfo);
    let mut read = extended as fn(&[u8], u64) -> Option<Read>;
    let mut is_first = true;
    loop {
        let class = if is_first { classes.0 } else { classes.1 };
        // SAFETY: the handle is open for the whole call, and the size is that of the buffer.
        let filled = unsafe {
            GetFileInformationByHandleEx(
                folder.as_raw_handle(),
                class,
                buffer.as_mut_ptr().cast(),
                small(size_of_val(&*buffer)),
            )
        };
        if filled == 0 {
            let error = io::Error::last_os_error();
            match error.raw_os_error().map(i32::cast_unsigned) {
                Some(ERROR_NO_MORE_FILES | ERROR_FILE_NOT_FOUND) => return Ok(()),
                // Not every file system has the long ids.
                _ if is_first && classes.0 == FileIdExtdDirectoryRestartInfo => {
                    classes = (FileIdBothDirectoryRestartInfo, FileIdBothDirectoryInfo);
                    read = short;
                    continue;
                }
                _ => return Err(error),
            }
        }
        is_first = false;
        // SAFETY: a buffer of numbers is as well one of bytes, all of which have been written at least once.
        let mut bytes = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), size_of_val(&*buffer)) };
        loop {
            let (next, name, details) = read(bytes, device).ok_or(io::ErrorKind::InvalidData)?;
            take(name, details);
            if next == 0 {
                break;
            }
            bytes = bytes.get(next..).ok_or(io::ErrorKind::InvalidData)?;
        }
    }
}

/// Where the next entry begins (0 after the last), the name, and the rest.
type Read = (usize, OsString, Details);

fn extended(bytes: &[u8], device: u64) -> Option<Read> {
    let entry: FILE_ID_EXTD_DIR_INFO = structure(bytes)?;
    let details = Details {
        id: FileId {
            device,
            inode: folded(entry.FileId),
            born: nanoseconds(entry.CreationTime),
        },
        attributes: entry.FileAttributes,
        tag: tag(entry.FileAttributes, entry.ReparsePointTag),
        size: entry.EndOfFile.cast_unsigned(),
        modified: nanoseconds(entry.LastWriteTime),
    };
    let name = name(bytes, offset_of!(FILE_ID_EXTD_DIR_INFO, FileName), entry.FileNameLength)?;
    Some((entry.NextEntryOffset as usize, name, details))
}

fn short(bytes: &[u8], device: u64) -> Option<Read> {
    let entry: FILE_ID_BOTH_DIR_INFO = structure(bytes)?;
    let details = Details {
        id: FileId {
            device,
            inode: entry.FileId.cast_unsigned(),
            born: nanoseconds(entry.CreationTime),
        },
        attributes: entry.FileAttributes,
        // [MS-FSCC] 2.4.17: of a reparse point, the field of the extended attributes' size holds the tag.
        tag: tag(entry.FileAttributes, entry.EaSize),
        size: entry.EndOfFile.cast_unsigned(),
        modified: nanoseconds(entry.LastWriteTime),
    };
    let name = name(bytes, offset_of!(FILE_ID_BOTH_DIR_INFO, FileName), entry.FileNameLength)?;
    Some((entry.NextEntryOffset as usize, name, details))
}

fn tag(attributes: u32, tag: u32) -> u32 {
    if attributes & FILE_ATTRIBUTE_REPARSE_POINT == 0 {
        0
    } else {
        tag
    }
}

fn structure<T: Copy + Default>(bytes: &[u8]) -> Option<T> {
    if bytes.len() < size_of::<T>() {
        return None;
    }
    // SAFETY: there are enough bytes, and every one of them is allowed in these structures of plain numbers.
    Some(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}

fn name(bytes: &[u8], from: usize, length: u32) -> Option<OsString> {
    let bytes = bytes.get(from..)?.get(..length as usize)?;
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some(OsString::from_wide(&units))
}

fn information<T>(handle: &OwnedHandle, class: FILE_INFO_BY_HANDLE_CLASS, into: &mut T) -> io::Result<()> {
    // SAFETY: the handle is open for the whole call, and the size is that of the structure written to.
    let done = unsafe {
        GetFileInformationByHandleEx(
            handle.as_raw_handle(),
            class,
            (&raw mut *into).cast(),
            small(size_of::<T>()),
        )
    };
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// NTFS fills only the lower half; `ReFS` uses both.
fn folded(id: FILE_ID_128) -> u64 {
    let id = u128::from_le_bytes(id.Identifier);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let halves = (id as u64, (id >> 64) as u64);
    halves.0 ^ halves.1.rotate_left(32)
}

/// Nanoseconds since 1970 of a count of 100 ns since 1601.
fn nanoseconds(time: i64) -> i64 {
    /// From 1601 to 1970, in steps of 100 ns.
    const EPOCH: i64 = 116_444_736_000_000_000;
    time.saturating_sub(EPOCH).saturating_mul(100)
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
    fn times_count_from_1970_and_never_wrap() {
        assert_eq!(nanoseconds(116_444_736_000_000_000), 0);
        // 2026-11-21 00:00:00 UTC, and a step.
        assert_eq!(nanoseconds(134_397_792_000_000_001), 1_795_305_600_000_000_100);
        assert_eq!((nanoseconds(i64::MIN), nanoseconds(i64::MAX)), (i64::MIN, i64::MAX));
    }

    #[test]
    fn ids_of_64_bits_stay_as_they_are_and_longer_ones_use_every_bit() {
        let fold = |id: u128| {
            folded(FILE_ID_128 {
                Identifier: id.to_le_bytes(),
            })
        };
        assert_eq!(fold(0x0005_0000_0001_2345), 0x0005_0000_0001_2345);
        assert_ne!(fold(1 << 64 | 7), fold(7));
        assert_ne!(fold(1 << 64 | 7), fold(7 << 64 | 1));
    }
}

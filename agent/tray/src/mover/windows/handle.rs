//! What is done with a file by its handle, where the standard library has nothing for it.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_ENCRYPTED,
    FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_NOT_CONTENT_INDEXED, FILE_ATTRIBUTE_READONLY,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_SYSTEM, FILE_ATTRIBUTE_TAG_INFO, FILE_BASIC_INFO,
    FILE_DISPOSITION_INFO, FILE_INFO_BY_HANDLE_CLASS, FILE_RENAME_INFO, FILE_TYPE_DISK, FileAttributeTagInfo,
    FileBasicInfo, FileDispositionInfo, FileRenameInfo, GetFileInformationByHandle, GetFileInformationByHandleEx,
    GetFileType, GetVolumeInformationByHandleW, SetFileInformationByHandle,
};

/// Attributes that go with a file to its copy. Encryption and compression are the folder's.
const KEPT: u32 = FILE_ATTRIBUTE_ARCHIVE
    | FILE_ATTRIBUTE_HIDDEN
    | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED
    | FILE_ATTRIBUTE_READONLY
    | FILE_ATTRIBUTE_SYSTEM;

/// Set in the tag of a reparse point that stands for another file: a link, a mount point. See MS-FSCC, section 2.1.2.1.
const NAME_SURROGATE: u32 = 0x2000_0000;

/// What a handle tells of its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    volume: u32,
    index: u64,
    size: u64,
    created: u64,
    accessed: u64,
    written: u64,
    attributes: u32,
    stands_for_another: bool,
    on_a_disk: bool,
}

impl Facts {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        // SAFETY: all zero is a value of it, and the call fills it.
        let mut info: BY_HANDLE_FILE_INFORMATION = unsafe { std::mem::zeroed() };
        // SAFETY: the handle is open.
        if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut info) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let joined = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let time = |time: FILETIME| joined(time.dwHighDateTime, time.dwLowDateTime);
        let is_reparse_point = info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0;
        Ok(Self {
            volume: info.dwVolumeSerialNumber,
            index: joined(info.nFileIndexHigh, info.nFileIndexLow),
            size: joined(info.nFileSizeHigh, info.nFileSizeLow),
            created: time(info.ftCreationTime),
            accessed: time(info.ftLastAccessTime),
            written: time(info.ftLastWriteTime),
            attributes: info.dwFileAttributes,
            stands_for_another: is_reparse_point && reparse_tag(file)? & NAME_SURROGATE != 0,
            // SAFETY: the handle is open.
            on_a_disk: unsafe { GetFileType(file.as_raw_handle()) } == FILE_TYPE_DISK,
        })
    }

    pub(super) fn is_file(&self) -> bool {
        self.on_a_disk && !self.is_folder() && !self.stands_for_another
    }

    pub(super) fn is_folder(&self) -> bool {
        self.has(FILE_ATTRIBUTE_DIRECTORY)
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.has(FILE_ATTRIBUTE_READONLY)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.has(FILE_ATTRIBUTE_ENCRYPTED)
    }

    pub(super) fn same_file(&self, other: &Self) -> bool {
        (self.volume, self.index) == (other.volume, other.index)
    }

    pub(super) fn same_version(&self, other: &Self) -> bool {
        self.same_file(other) && (self.size, self.written) == (other.size, other.written)
    }

    fn has(&self, attribute: u32) -> bool {
        self.attributes & attribute != 0
    }
}

fn reparse_tag(file: &File) -> io::Result<u32> {
    let mut info = FILE_ATTRIBUTE_TAG_INFO::default();
    let size = u32::try_from(size_of_val(&info)).unwrap_or_default();
    let buffer = (&raw mut info).cast();
    // SAFETY: the handle is open, and the call writes at most the size it is told.
    if unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileAttributeTagInfo, buffer, size) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(info.ReparseTag)
}

/// Renames an open file to an absolute path, never over something.
pub(super) fn rename(file: &File, to: &Path) -> io::Result<()> {
    let to: Vec<u16> = to.as_os_str().encode_wide().collect();
    let name_at = std::mem::offset_of!(FILE_RENAME_INFO, FileName);
    // Room for the name and a zero behind it, in words, so that it is aligned.
    let size = (name_at + (to.len() + 1) * size_of::<u16>()).max(size_of::<FILE_RENAME_INFO>());
    let mut buffer = vec![0_u64; size.div_ceil(size_of::<u64>())];
    let info = buffer.as_mut_ptr().cast::<FILE_RENAME_INFO>();
    let too_long = |_| io::Error::from(io::ErrorKind::InvalidFilename);
    let length = u32::try_from(to.len() * size_of::<u16>()).map_err(too_long)?;
    // SAFETY: the buffer is aligned for it and has room for the name; all else, so ReplaceIfExists, stays zero.
    unsafe {
        (*info).FileNameLength = length;
        std::ptr::copy_nonoverlapping(to.as_ptr(), (&raw mut (*info).FileName).cast::<u16>(), to.len());
    }
    set(file, FileRenameInfo, info.cast(), size)
}

/// Deletes an open file, read-only or not.
pub(super) fn remove(file: &File, facts: &Facts) -> io::Result<()> {
    if facts.is_read_only() {
        set_attributes(file, facts.attributes & KEPT & !FILE_ATTRIBUTE_READONLY)?;
    }
    let mut info = FILE_DISPOSITION_INFO { DeleteFile: true };
    set(file, FileDispositionInfo, (&raw mut info).cast(), size_of_val(&info)).inspect_err(|_| {
        if facts.is_read_only() {
            // It stays writable if this fails too; its content is what matters.
            let _ = set_attributes(file, facts.attributes & KEPT);
        }
    })
}

/// Gives a copy its source's attributes and times.
pub(super) fn dress(file: &File, like: &Facts) -> io::Result<()> {
    let time = |time: u64| i64::try_from(time).unwrap_or_default();
    set_basic(
        file,
        FILE_BASIC_INFO {
            CreationTime: time(like.created),
            LastAccessTime: time(like.accessed),
            LastWriteTime: time(like.written),
            ChangeTime: 0,
            FileAttributes: like.attributes & KEPT,
        },
    )
}

fn set_attributes(file: &File, attributes: u32) -> io::Result<()> {
    // A time of zero stays as it is.
    let info = FILE_BASIC_INFO {
        FileAttributes: attributes,
        ..FILE_BASIC_INFO::default()
    };
    set_basic(file, info)
}

fn set_basic(file: &File, mut info: FILE_BASIC_INFO) -> io::Result<()> {
    if info.FileAttributes == 0 {
        // None would mean that they stay as they are.
        info.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    }
    set(file, FileBasicInfo, (&raw mut info).cast(), size_of_val(&info))
}

fn set(file: &File, class: FILE_INFO_BY_HANDLE_CLASS, info: *const c_void, size: usize) -> io::Result<()> {
    let size = u32::try_from(size).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    // SAFETY: the callers pass a value of the class that is as long as they say, and the handle is open.
    if unsafe { SetFileInformationByHandle(file.as_raw_handle(), class, info, size) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The name of the file system that an open file or folder lies on, such as `NTFS`.
pub(super) fn file_system(file: &File) -> io::Result<String> {
    let mut name = [0_u16; 32];
    let null = std::ptr::null_mut();
    let length = u32::try_from(name.len()).unwrap_or_default();
    // SAFETY: the handle is open, the buffer as long as the call is told, and what is null is not asked for.
    let told = unsafe {
        GetVolumeInformationByHandleW(
            file.as_raw_handle(),
            null,
            0,
            null.cast(),
            null.cast(),
            null.cast(),
            name.as_mut_ptr(),
            length,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    let name = name.split(|unit| *unit == 0).next().unwrap_or_default();
    Ok(String::from_utf16_lossy(name))
}

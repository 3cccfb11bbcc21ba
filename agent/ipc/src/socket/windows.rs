//! Named pipes. They share one flat name space, so that a folder's pipe is named by the folder's spelling.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use windows_sys::Win32::Storage::FileSystem::{
    FILE_APPEND_DATA, FILE_CREATE_PIPE_INSTANCE, FILE_GENERIC_READ, FILE_GENERIC_WRITE,
};

/// What a client may do with the pipe, and asks for: read and write, but not make another end of it.
pub const CLIENT_RIGHTS: u32 = (FILE_GENERIC_READ | FILE_GENERIC_WRITE) & !FILE_CREATE_PIPE_INSTANCE;

const _: () = assert!(
    FILE_CREATE_PIPE_INSTANCE == FILE_APPEND_DATA,
    "which is why generic rights are too many"
);

pub(super) fn of_system() -> PathBuf {
    r"\\.\pipe\fileward-agent".into()
}

pub(super) fn of_folder(data: &Path) -> PathBuf {
    // The hasher's keys are fixed, so that service and clients of one build find the same name; it hides nothing.
    let mut hasher = DefaultHasher::new();
    let spelling = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    spelling.to_string_lossy().to_lowercase().hash(&mut hasher);
    format!(r"\\.\pipe\fileward-agent-{:016x}", hasher.finish()).into()
}

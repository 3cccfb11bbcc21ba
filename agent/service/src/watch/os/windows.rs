//! Windows: the sharing mode of a second handle tells of writers, two clocks tell of suspends.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_SHARING_VIOLATION, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Storage::FileSystem::{FILE_READ_DATA, FILE_SHARE_DELETE, FILE_SHARE_READ, ReOpenFile};
use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::Threading::{GetCurrentThread, SetThreadPriority, THREAD_MODE_BACKGROUND_BEGIN};
use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

use super::Writer;

/// Tells whether somebody has `file` open for writing.
///
/// It asks for a second handle that would not share writing. While somebody writes, that is refused and nothing was ever
/// held; else the handle is closed at once, some microseconds later. Whoever opens the file for writing in between is
/// refused for that moment, as by any virus scanner. The question is only asked of a file without changes for a while, and
/// Windows has no other way to put it that works on every file system.
pub(crate) fn writer(file: &File) -> Writer {
    // SAFETY: the handle is open for the whole call, which touches no memory of ours.
    let handle = unsafe {
        ReOpenFile(
            file.as_raw_handle(),
            FILE_READ_DATA,
            FILE_SHARE_READ | FILE_SHARE_DELETE,
            0,
        )
    };
    if handle != INVALID_HANDLE_VALUE {
        // SAFETY: the call succeeded, so the handle is open and nobody else's.
        drop(unsafe { OwnedHandle::from_raw_handle(handle) });
        return Writer::None;
    }
    match io::Error::last_os_error().raw_os_error().map(i32::cast_unsigned) {
        Some(ERROR_SHARING_VIOLATION) => Writer::Busy,
        _ => Writer::Unknown,
    }
}

/// Makes the calling thread give way to all others, in CPU, IO and memory.
pub(crate) fn calm_thread() {
    // Should it fail, the thread runs as it is.
    // SAFETY: the call takes a pseudo handle of this thread and a number.
    let _ = unsafe { SetThreadPriority(GetCurrentThread(), THREAD_MODE_BACKGROUND_BEGIN) };
}

/// How long the PC has been suspended since it was started, to some hundredths of a second.
pub(crate) fn suspended() -> Duration {
    let mut awake = 0_u64;
    // SAFETY: what is written to lives for the whole call.
    if unsafe { QueryUnbiasedInterruptTime(&raw mut awake) } == 0 {
        return Duration::ZERO;
    }
    // SAFETY: the call takes nothing and touches no memory.
    let all = Duration::from_millis(unsafe { GetTickCount64() });
    // It counts steps of 100 ns.
    all.saturating_sub(Duration::from_micros(awake / 10))
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_writer_is_seen_until_it_closes_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.docx");
        let writing = File::create(&path).unwrap();
        let reading = File::open(&path).unwrap();
        assert_eq!(writer(&reading), Writer::Busy);
        drop(writing);
        assert_eq!(writer(&reading), Writer::None);
        // What was asked leaves nothing behind that would refuse a writer.
        drop(OpenOptions::new().append(true).open(&path).unwrap());
        assert_eq!(writer(&reading), Writer::None);
    }

    #[test]
    fn a_pc_that_never_slept_was_not_suspended_for_long() {
        let before = suspended();
        assert!(suspended() <= before + Duration::from_secs(1));
    }
}

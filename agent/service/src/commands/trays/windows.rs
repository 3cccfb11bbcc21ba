//! By its handle.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use sysinfo::Process;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess, WaitForSingleObject,
};

/// The longest wait for an end that was ordered, in milliseconds.
const PATIENCE: u32 = 5_000;

pub(super) fn end(process: &Process) {
    // SAFETY: numbers only.
    let handle = unsafe { OpenProcess(PROCESS_TERMINATE | PROCESS_SYNCHRONIZE, 0, process.pid().as_u32()) };
    if handle.is_null() {
        // It ended by itself meanwhile.
        return;
    }
    // SAFETY: it was just opened, and nobody else has it.
    let process = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is open for both calls. The program can be removed when the process is gone.
    unsafe {
        TerminateProcess(process.as_raw_handle(), 1);
        WaitForSingleObject(process.as_raw_handle(), PATIENCE);
    }
}

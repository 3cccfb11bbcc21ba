//! One tray per session, by a mutex in the session's own name space: it goes with the program, however that ends.

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};

use anyhow::{Context as _, Result};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, GetLastError};
use windows_sys::Win32::System::Recovery::{
    RESTART_NO_CRASH, RESTART_NO_HANG, RESTART_NO_REBOOT, RegisterApplicationRestart,
};
use windows_sys::Win32::System::Threading::CreateMutexW;

use super::wide;

/// Whether this is the first tray of the session.
pub(crate) enum Instance {
    /// It is, as long as this is held.
    First(#[expect(dead_code, reason = "holding it is its use")] OwnedHandle),
    /// Another one runs.
    Another,
}

/// Takes the session's place for a tray.
///
/// # Errors
/// When the mutex cannot be made.
pub(crate) fn first_instance() -> Result<Instance> {
    let instance = take(r"Local\Fileward.Tray").context("Failed to see whether another tray runs")?;
    if matches!(instance, Instance::First(_)) {
        return_after_upgrade();
    }
    Ok(instance)
}

/// Has the installer's Restart Manager, which ends this tray at an upgrade, start the new one.
fn return_after_upgrade() {
    // Should Windows refuse, the new tray starts at the next logon.
    // SAFETY: without a text the tray is started without arguments; nothing else is passed.
    unsafe { RegisterApplicationRestart(std::ptr::null(), RESTART_NO_CRASH | RESTART_NO_HANG | RESTART_NO_REBOOT) };
}

fn take(name: &str) -> io::Result<Instance> {
    let name = wide(name);
    // SAFETY: the name ends with a zero; the error is read before anything else can set it.
    let (mutex, error) = unsafe { (CreateMutexW(std::ptr::null(), 0, name.as_ptr()), GetLastError()) };
    if mutex.is_null() {
        return match error {
            // One that runs with more rights.
            ERROR_ACCESS_DENIED => Ok(Instance::Another),
            other => Err(io::Error::from_raw_os_error(other.cast_signed())),
        };
    }
    // SAFETY: the handle was made above and is this one's alone.
    let mutex = unsafe { OwnedHandle::from_raw_handle(mutex) };
    Ok(match error {
        ERROR_ALREADY_EXISTS => Instance::Another,
        _ => Instance::First(mutex),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tray_waits_until_the_first_is_gone() {
        let name = format!(r"Local\Fileward.Test.{}", std::process::id());
        let first = take(&name).unwrap();
        assert!(matches!(first, Instance::First(_)));
        assert!(matches!(take(&name).unwrap(), Instance::Another));
        drop(first);
        assert!(matches!(take(&name).unwrap(), Instance::First(_)));
    }
}

//! The cage on Windows: what the process itself can still give up, and a look whether what was put around it holds.
//!
//! Token, job and the single inherited handle come before this, when the process is started.
//!
//! Nothing in Windows forbids a process the network as such. What does is that a socket is a handle on a device, and that
//! the token that opens nothing does not open that device either; where this is not so, there is no second lock.
#![allow(unsafe_code)]

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    CreateWellKnownSid, RevertToSelf, SECURITY_MAX_SID_SIZE, SID_AND_ATTRIBUTES, SetTokenInformation,
    TOKEN_ADJUST_DEFAULT, TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TokenIntegrityLevel, WinUntrustedLabelSid,
};
use windows_sys::Win32::System::JobObjects::IsProcessInJob;
use windows_sys::Win32::System::SystemServices::SE_GROUP_INTEGRITY;
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcessToken, PROCESS_MITIGATION_POLICY, ProcessChildProcessPolicy,
    ProcessDynamicCodePolicy, ProcessExtensionPointDisablePolicy, ProcessFontDisablePolicy, ProcessImageLoadPolicy,
    ProcessStrictHandleCheckPolicy, ProcessSystemCallDisablePolicy, SetProcessMitigationPolicy,
};

use super::Cage;

/// Memory in bytes. Inspection stays far below; what does not is a bomb.
pub(in crate::worker) const MEMORY: usize = 128 << 20;
/// CPU seconds of one worker. The service retires a worker long before; this ends one that does not stop.
pub(in crate::worker) const CPU_SECONDS: i64 = 3600;

/// What the log says of a worker that has no second lock.
pub(in crate::worker) const WITHOUT_SECOND_LOCK: &str = "The inspect worker's token still opens what everybody may \
     open: it is held by its job, its missing privileges and its low integrity alone";

/// There is nothing to close: the service names the one handle that the worker inherits.
pub(in crate::worker) fn close_inherited_files() {}

/// Enters the cage for good.
///
/// # Errors
/// When a part that there must be cannot be had.
pub(in crate::worker) fn enter() -> Result<Cage, String> {
    check_job()?;
    // The source of randomness opens its device once; later it could not.
    drop(HashSet::from([0_u8]));
    tighten();
    let is_untrusted = lower_integrity().is_ok();
    // SAFETY: the call takes nothing; without another token of the thread it does nothing.
    if unsafe { RevertToSelf() } == 0 {
        return Err(format!("token: {}", io::Error::last_os_error()));
    }
    Ok(Cage {
        has_second_lock: is_untrusted && is_closed(),
    })
}

/// There is a job around this process; its limits were set before it began.
fn check_job() -> Result<(), String> {
    let mut is_in_job = 0;
    // SAFETY: the process is this one, no job in particular is meant, and what is written to lives for the whole call.
    if unsafe { IsProcessInJob(GetCurrentProcess(), null_mut(), &raw mut is_in_job) } == 0 || is_in_job == 0 {
        return Err("there is no job around the process".to_owned());
    }
    Ok(())
}

/// Gives up what the process can do without. What a version of Windows does not know stays as it is.
fn tighten() {
    // The bits stand in the PROCESS_MITIGATION_…_POLICY structures of winnt.h.
    let policies: [(PROCESS_MITIGATION_POLICY, u32); 7] = [
        (ProcessDynamicCodePolicy, 0b1),           // no memory that runs
        (ProcessStrictHandleCheckPolicy, 0b11),    // a wrong handle ends the process
        (ProcessSystemCallDisablePolicy, 0b1),     // no calls of windows and graphics
        (ProcessExtensionPointDisablePolicy, 0b1), // no foreign libraries
        (ProcessFontDisablePolicy, 0b1),           // no fonts but the system's
        (ProcessImageLoadPolicy, 0b111),           // no libraries from shares or by low integrity
        (ProcessChildProcessPolicy, 0b1),          // no children, besides the job
    ];
    for (policy, bits) in policies {
        // SAFETY: each of these structures is one number, which lives for the whole call.
        unsafe { SetProcessMitigationPolicy(policy, (&raw const bits).cast(), size_of_val(&bits)) };
    }
}

/// Goes down to the lowest integrity, at which the process could not have been started.
fn lower_integrity() -> io::Result<()> {
    let done = |result: i32| {
        if result == 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    };
    let mut token: HANDLE = null_mut();
    let rights = TOKEN_ADJUST_DEFAULT | TOKEN_QUERY;
    // SAFETY: the process is this one, and what is written to lives for the whole call.
    done(unsafe { OpenProcessToken(GetCurrentProcess(), rights, &raw mut token) })?;
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut untrusted = [0_u32; SECURITY_MAX_SID_SIZE as usize / 4];
    let mut size = SECURITY_MAX_SID_SIZE;
    let sid = untrusted.as_mut_ptr().cast();
    // SAFETY: there is room for the longest identifier.
    done(unsafe { CreateWellKnownSid(WinUntrustedLabelSid, null_mut(), sid, &raw mut size) })?;
    let label = TOKEN_MANDATORY_LABEL {
        Label: SID_AND_ATTRIBUTES {
            Sid: sid,
            Attributes: SE_GROUP_INTEGRITY.cast_unsigned(),
        },
    };
    let length = u32::try_from(size_of_val(&label)).map_err(io::Error::other)?;
    // SAFETY: the handle is open, and the label and the identifier live for the whole call.
    done(unsafe {
        SetTokenInformation(
            token.as_raw_handle(),
            TokenIntegrityLevel,
            (&raw const label).cast(),
            length,
        )
    })
}

/// Whether files and network are closed: tried on a file that everybody may read, and on the device that sockets are.
fn is_closed() -> bool {
    let is_denied = |path: &str| {
        let opened = File::open(Path::new(path));
        opened.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    is_denied(r"\\?\GLOBALROOT\SystemRoot\System32\ntdll.dll") && is_denied(r"\\?\GLOBALROOT\Device\Afd\Fileward")
}

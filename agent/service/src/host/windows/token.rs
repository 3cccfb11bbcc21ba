//! As whom this process runs.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TOKEN_USER, TokenElevation, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// `LocalSystem`.
const SYSTEM: &str = "S-1-5-18";

/// The id (SID) of this process's user.
pub(crate) fn user() -> io::Result<String> {
    let answer = ask(TokenUser)?;
    // SAFETY: the OS wrote a TOKEN_USER at the start of the memory, which is aligned for it and lives on.
    let sid = unsafe { &*answer.as_ptr().cast::<TOKEN_USER>() }.User.Sid;
    let mut text = ptr::null_mut();
    // SAFETY: the id lies in the answer; the text is allocated for this process to free.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the text ends with a zero, and is copied before it is freed.
    unsafe {
        let length = (0..usize::MAX).take_while(|at| *text.add(*at) != 0).count();
        let user = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        LocalFree(text.cast::<c_void>());
        Ok(user)
    }
}

/// Whether this is the service's account or an administrator with raised rights.
pub(crate) fn is_administrator() -> io::Result<bool> {
    let answer = ask(TokenElevation)?;
    // SAFETY: the OS wrote a TOKEN_ELEVATION at the start of the memory, which is aligned for it.
    let elevation = unsafe { &*answer.as_ptr().cast::<TOKEN_ELEVATION>() };
    Ok(elevation.TokenIsElevated != 0 || user()? == SYSTEM)
}

/// One answer about this process's token, in memory that is aligned for any of them.
fn ask(question: TOKEN_INFORMATION_CLASS) -> io::Result<Vec<u64>> {
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened and belongs to nobody else.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut length = 0;
    // SAFETY: no memory is given; the OS tells how much it needs.
    unsafe { GetTokenInformation(token.as_raw_handle(), question, ptr::null_mut(), 0, &raw mut length) };
    let mut answer = vec![0_u64; (length as usize).div_ceil(size_of::<u64>()).max(1)];
    // SAFETY: the memory is at least as long as is said.
    let told = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            question,
            answer.as_mut_ptr().cast(),
            length,
            &raw mut length,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_as_somebody() {
        assert!(user().unwrap().starts_with("S-1-5-"));
        is_administrator().unwrap();
    }
}

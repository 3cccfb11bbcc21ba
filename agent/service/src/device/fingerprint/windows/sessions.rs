//! Who is logged on at a desktop, be it a remote one or one left for a while.
#![allow(unsafe_code)]

use std::ptr;

use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CURRENT_SERVER_HANDLE, WTSEnumerateSessionsW, WTSFreeMemory, WTSQuerySessionInformationW, WTSUserName,
};

pub(super) fn read() -> Vec<String> {
    let (mut sessions, mut count) = (ptr::null_mut(), 0);
    // SAFETY: the list is allocated for this process to free; the second and third argument must be 0 and 1.
    let listed = unsafe { WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &raw mut sessions, &raw mut count) };
    if listed == 0 || sessions.is_null() {
        return Vec::new();
    }
    // SAFETY: the OS wrote as many sessions as it says; they are copied before they are freed.
    unsafe {
        let ids: Vec<u32> = std::slice::from_raw_parts(sessions, count as usize)
            .iter()
            .map(|session| session.SessionId)
            .collect();
        WTSFreeMemory(sessions.cast());
        ids.into_iter().filter_map(user).collect()
    }
}

/// The name of a session's user; `None` for sessions of services and those that wait for a logon.
fn user(session: u32) -> Option<String> {
    let (mut text, mut bytes) = (ptr::null_mut(), 0);
    // SAFETY: the text is allocated for this process to free.
    let told = unsafe {
        WTSQuerySessionInformationW(
            WTS_CURRENT_SERVER_HANDLE,
            session,
            WTSUserName,
            &raw mut text,
            &raw mut bytes,
        )
    };
    if told == 0 || text.is_null() {
        return None;
    }
    // SAFETY: the OS wrote as many bytes of UTF-16 as it says; they are copied before they are freed.
    let name = unsafe {
        let name = String::from_utf16_lossy(std::slice::from_raw_parts(text, bytes as usize / size_of::<u16>()));
        WTSFreeMemory(text.cast());
        name
    };
    let name = name.trim_end_matches('\0');
    (!name.is_empty()).then(|| name.to_owned())
}

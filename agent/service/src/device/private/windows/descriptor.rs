//! Security descriptors, made from and told as SDDL.

use std::ffi::c_void;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertStringSecurityDescriptorToSecurityDescriptorW,
    GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR};

use crate::config;
use crate::host::token;

const OWNER_AND_LIST: u32 = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

/// A security descriptor in the OS's own memory.
pub(super) struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    /// Full rights for SYSTEM and Administrators, and for the user of an agent of their own; nobody else enters. A folder
    /// hands it down to what is made in it.
    pub(super) fn private(is_folder: bool) -> io::Result<Self> {
        let own = if config::may_be_system() {
            None
        } else {
            Some(token::user()?)
        };
        let handed_down = if is_folder { "OICI" } else { "" };
        let owner = own.as_deref().unwrap_or("BA");
        let accounts = ["SY", "BA"].into_iter().chain(own.as_deref());
        let entries: Vec<String> = accounts
            .map(|account| format!("(A;{handed_down};FA;;;{account})"))
            .collect();
        Self::parse(&format!("O:{owner}D:P{}", entries.concat()))
    }

    fn parse(sddl: &str) -> io::Result<Self> {
        let text: Vec<u16> = sddl.encode_utf16().chain([0]).collect();
        let mut descriptor = ptr::null_mut();
        // SAFETY: the text ends with a zero and outlives the call; the descriptor is allocated for this process to free.
        let made = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        };
        if made == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(descriptor))
    }

    /// Owner and access list of an open file or folder.
    pub(super) fn of(file: HANDLE) -> io::Result<Self> {
        let mut descriptor = ptr::null_mut();
        // SAFETY: the handle is open for the whole call; the parts that are not asked for may be null.
        let result = unsafe {
            GetSecurityInfo(
                file,
                SE_FILE_OBJECT,
                OWNER_AND_LIST,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        if result != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(result.cast_signed()));
        }
        Ok(Self(descriptor))
    }

    /// The descriptor in SDDL.
    pub(super) fn text(&self) -> io::Result<String> {
        let (mut text, mut length) = (ptr::null_mut(), 0);
        // SAFETY: the descriptor is valid; the text is allocated for this process to free.
        let told = unsafe {
            ConvertSecurityDescriptorToStringSecurityDescriptorW(
                self.0,
                SDDL_REVISION_1,
                OWNER_AND_LIST,
                &raw mut text,
                &raw mut length,
            )
        };
        if told == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the OS wrote `length` characters there; they are copied before they are freed.
        let sddl = unsafe {
            let sddl = String::from_utf16_lossy(std::slice::from_raw_parts(text, length as usize));
            LocalFree(text.cast());
            sddl
        };
        Ok(sddl.trim_end_matches('\0').to_owned())
    }

    /// For a call that takes a descriptor while this lives.
    pub(super) fn as_ptr(&self) -> *mut c_void {
        self.0
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: it was allocated for this process to free, once.
        unsafe { LocalFree(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_descriptor_names_nobody_but_those_it_is_for() {
        let text = Descriptor::private(true).unwrap().text().unwrap();
        assert!(text.contains("(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"), "{text}");
        assert_eq!(
            super::super::super::access::flaw(&text, &token::user().unwrap()),
            None,
            "{text}"
        );
    }
}

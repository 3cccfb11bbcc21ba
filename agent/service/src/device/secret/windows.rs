//! Sealed by the Data Protection API to this PC, or for an agent of a user's own to that user.
//!
//! Not the Credential Manager: it keeps a vault for each user, and the administrator who enrols the PC is not the
//! service's account; a vault's entry does not move together with the files of the identity it belongs to; and what lies
//! in the profile of `LocalSystem` has kept services from starting. Whoever may read the file on this PC can open it, so
//! that the access list guards it here; a copy, as in a backup or on a disk in another PC, opens nowhere else.
#![allow(unsafe_code)]

use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_LOCAL_MACHINE, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::config;

pub(super) fn seal(secret: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let to_whom = if config::may_be_system() {
        CRYPTPROTECT_LOCAL_MACHINE
    } else {
        0
    };
    let input = blob(secret)?;
    let mut output = CRYPT_INTEGER_BLOB::default();
    // SAFETY: the input lives through the call and is only read; the output is allocated for this process to free.
    let sealed = unsafe {
        CryptProtectData(
            &raw const input,
            ptr::null(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN | to_whom,
            &raw mut output,
        )
    };
    if sealed == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(take(&output))
}

pub(super) fn open(sealed: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let input = blob(sealed)?;
    let mut output = CRYPT_INTEGER_BLOB::default();
    // SAFETY: the input lives through the call and is only read; the output is allocated for this process to free.
    let opened = unsafe {
        CryptUnprotectData(
            &raw const input,
            ptr::null_mut(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut output,
        )
    };
    if opened == 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, io::Error::last_os_error()));
    }
    Ok(take(&output))
}

fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    Ok(CRYPT_INTEGER_BLOB {
        cbData: bytes.len().try_into().map_err(io::Error::other)?,
        pbData: bytes.as_ptr().cast_mut(),
    })
}

/// Copies what the OS gave, and leaves nothing of it in the OS's memory.
fn take(output: &CRYPT_INTEGER_BLOB) -> Zeroizing<Vec<u8>> {
    if output.pbData.is_null() {
        return Zeroizing::default();
    }
    // SAFETY: the OS wrote as many bytes there as it says, and left them to this process to free.
    unsafe {
        let bytes = std::slice::from_raw_parts_mut(output.pbData, output.cbData as usize);
        let taken = Zeroizing::new(bytes.to_vec());
        bytes.zeroize();
        LocalFree(output.pbData.cast());
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_does_not_show_the_secret_and_a_changed_one_does_not_open() {
        let secret = b"-----BEGIN PRIVATE KEY-----";
        let mut sealed = seal(secret).unwrap();
        assert!(!sealed.windows(secret.len()).any(|window| window == secret));
        assert_eq!(open(&sealed).unwrap().as_slice(), secret);
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert_eq!(open(&sealed).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn what_was_never_sealed_does_not_open() {
        assert_eq!(open(b"plain").unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

//! Named pipes; who made a pipe owns it.

#![allow(unsafe_code)]

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, IntoRawHandle as _, OwnedHandle};
use std::path::Path;
use std::time::Duration;

use tokio::net::windows::named_pipe::NamedPipeClient;
use windows_sys::Win32::Foundation::{ERROR_PIPE_BUSY, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_KERNEL_OBJECT};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, TOKEN_QUERY,
    TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid, WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, SECURITY_IDENTIFICATION};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::socket::CLIENT_RIGHTS;

pub(super) type Stream = NamedPipeClient;

/// The service always keeps some ends free; it may be a moment behind.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(40);

pub(super) async fn connect(socket: &Path) -> io::Result<Stream> {
    for _ in 1..TRIES {
        match open(socket) {
            Err(error) if is_busy(&error) => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    open(socket)
}

fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(ERROR_PIPE_BUSY)
}

/// Opens one end. The service may learn who this is, and no more: it cannot act in this user's name. Tokio's own
/// options ask for more rights than clients are given.
fn open(pipe: &Path) -> io::Result<Stream> {
    let file = OpenOptions::new()
        .access_mode(CLIENT_RIGHTS)
        .custom_flags(FILE_FLAG_OVERLAPPED)
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(pipe)?;
    // SAFETY: the handle is open, made for overlapped use, and given away here.
    unsafe { NamedPipeClient::from_raw_handle(file.into_raw_handle()) }
}

pub(super) fn is_believed(stream: &Stream) -> io::Result<bool> {
    let (mut owner, mut descriptor): (PSID, PSECURITY_DESCRIPTOR) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: the handle is open for as long as the stream; both results are written before they are used.
    let status = unsafe {
        GetSecurityInfo(
            stream.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if status != 0 {
        return Err(io::Error::from_raw_os_error(status.cast_signed()));
    }
    let believed = may_be_believed(owner);
    // SAFETY: the descriptor was allocated by the call above; `owner` points into it and is not used any more.
    unsafe { LocalFree(descriptor) };
    believed
}

/// Whether `owner`, a SID or null, is the system, the group of administrators, or the user of this process.
fn may_be_believed(owner: PSID) -> io::Result<bool> {
    if owner.is_null() {
        return Ok(false);
    }
    let own = OwnUser::read()?;
    // SAFETY: Windows gave the SID, and the own one lies in a buffer that lives until the end of the function.
    Ok(unsafe {
        IsWellKnownSid(owner, WinLocalSystemSid) != 0
            || IsWellKnownSid(owner, WinBuiltinAdministratorsSid) != 0
            || EqualSid(owner, own.sid()) != 0
    })
}

/// The user of this process: a `TOKEN_USER`, which points to its SID behind it, so that it stays where it was written.
struct OwnUser(Box<[u64; 32]>);

impl OwnUser {
    fn read() -> io::Result<Self> {
        let mut token: HANDLE = std::ptr::null_mut();
        // SAFETY: the pseudo-handle of this process needs no closing; `token` is written before it is used.
        if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the token was opened above and is this one's alone.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        let mut user = Self(Box::new([0; 32]));
        let (size, mut length) = (u32::try_from(size_of_val(&*user.0)).unwrap_or_default(), 0);
        let buffer = user.0.as_mut_ptr().cast();
        // SAFETY: the buffer is aligned for TOKEN_USER and as long as the call is told.
        if unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, buffer, size, &raw mut length) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(user)
    }

    fn sid(&self) -> PSID {
        // SAFETY: the buffer was filled with a TOKEN_USER when it was made.
        unsafe { (*self.0.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::windows::named_pipe::ServerOptions;
    use windows_sys::Win32::Security::{CreateWellKnownSid, WELL_KNOWN_SID_TYPE, WinWorldSid};

    use super::*;

    fn pipe(name: &str) -> std::path::PathBuf {
        format!(r"\\.\pipe\fileward-test-{}-{name}", std::process::id()).into()
    }

    fn believed(kind: WELL_KNOWN_SID_TYPE) -> bool {
        let (mut sid, mut length) = ([0_u64; 9], 72);
        // SAFETY: the buffer is as long as the longest SID and as the call is told.
        let made = unsafe { CreateWellKnownSid(kind, std::ptr::null_mut(), sid.as_mut_ptr().cast(), &raw mut length) };
        assert_ne!(made, 0);
        may_be_believed(sid.as_mut_ptr().cast()).unwrap()
    }

    #[test]
    fn only_the_system_administrators_and_the_user_are_believed() {
        assert!(believed(WinLocalSystemSid));
        assert!(believed(WinBuiltinAdministratorsSid));
        assert!(!believed(WinWorldSid));
        assert!(may_be_believed(OwnUser::read().unwrap().sid()).unwrap());
        assert!(!may_be_believed(std::ptr::null_mut()).unwrap());
    }

    #[tokio::test]
    async fn without_a_service_there_is_nothing_to_connect_to() {
        let error = connect(&pipe("none")).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn a_client_waits_until_an_end_is_free_and_sees_the_end_of_the_other() {
        let path = pipe("busy");
        let mut server = ServerOptions::new().max_instances(1).create(&path).unwrap();
        let first = connect(&path).await.unwrap();
        server.connect().await.unwrap();
        let second = tokio::spawn({
            let path = path.clone();
            async move { connect(&path).await }
        });
        assert!(is_busy(&open(&path).unwrap_err()));
        drop(first);
        server.disconnect().unwrap();
        server.connect().await.unwrap();
        let mut second = second.await.unwrap().unwrap();
        server.write_all(b"end").await.unwrap();
        drop(server);
        let mut read = Vec::new();
        second.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"end");
    }
}

//! Who is at the other end of a pipe: the user of the token that the client connected with.

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use fileward_places::UserId;
use tokio::net::windows::named_pipe::NamedPipeServer;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    CheckTokenMembership, CreateWellKnownSid, GetTokenInformation, RevertToSelf, SECURITY_MAX_SID_SIZE, TOKEN_QUERY,
    TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid,
};
use windows_sys::Win32::System::Pipes::ImpersonateNamedPipeClient;
use windows_sys::Win32::System::Threading::{GetCurrentThread, OpenThreadToken};

use crate::notice::authorise::Peer;

/// Who is at the other end, as Windows tells.
pub(super) fn peer(end: &NamedPipeServer) -> io::Result<Peer> {
    let token = token(end)?;
    let user = user(&token)?;
    Ok(Peer {
        user,
        is_administrator: user.is_system() || has_administrators_rights(&token)?,
        service: UserId::current(),
    })
}

/// The client's token. For as long as it takes to open it this thread has the client's rights, if it has them at all;
/// there is no waiting in between, so that no other task runs with them.
fn token(end: &NamedPipeServer) -> io::Result<OwnedHandle> {
    let _impersonation = Impersonation::begin(end)?;
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: the pseudo-handle of this thread needs no closing; `token` is written before it is used. It is opened
    // with the service's own rights.
    if unsafe { OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, 1, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the token was opened above and is this one's alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

/// This thread in a client's name.
struct Impersonation;

impl Impersonation {
    fn begin(end: &NamedPipeServer) -> io::Result<Self> {
        // SAFETY: the handle is open for as long as the end of the pipe is.
        if unsafe { ImpersonateNamedPipeClient(end.as_raw_handle()) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self)
    }
}

impl Drop for Impersonation {
    fn drop(&mut self) {
        // SAFETY: it takes the client's token from this thread, nothing else.
        if unsafe { RevertToSelf() } == 0 {
            tracing::error!("a thread could not be taken back from a client's name: the service ends at once");
            std::process::abort();
        }
    }
}

fn user(token: &OwnedHandle) -> io::Result<UserId> {
    let mut buffer = [0_u64; 32];
    let (size, mut length) = (u32::try_from(size_of_val(&buffer)).unwrap_or_default(), 0);
    let into = buffer.as_mut_ptr().cast();
    // SAFETY: the buffer is aligned for TOKEN_USER and as long as the call is told.
    if unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, into, size, &raw mut length) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call filled the buffer with a TOKEN_USER, whose SID lies in the same buffer.
    let user = unsafe { UserId::from_sid((*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid) };
    user.ok_or_else(|| io::Error::other("the client's user has an id of an unknown kind"))
}

/// Whether the group of administrators counts in this token. In that of an administrator who has not been elevated it
/// is there, but only to deny.
fn has_administrators_rights(token: &OwnedHandle) -> io::Result<bool> {
    let mut group = [0_u64; SECURITY_MAX_SID_SIZE.div_ceil(8) as usize];
    let mut size = SECURITY_MAX_SID_SIZE;
    let mut is_member = 0;
    // SAFETY: the buffer holds the longest SID there is, and as much as the call is told; the second call reads it.
    let told = unsafe {
        CreateWellKnownSid(
            WinBuiltinAdministratorsSid,
            std::ptr::null_mut(),
            group.as_mut_ptr().cast(),
            &raw mut size,
        ) != 0
            && CheckTokenMembership(token.as_raw_handle(), group.as_mut_ptr().cast(), &raw mut is_member) != 0
    };
    if told {
        Ok(is_member != 0)
    } else {
        Err(io::Error::last_os_error())
    }
}

//! A named pipe for those who sit at this PC: no network, and further ends only by who made the first.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io::{self, Cursor};
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{FromRawHandle as _, IntoRawHandle as _, OwnedHandle};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use fileward_ipc::socket::CLIENT_RIGHTS;
use fileward_places::UserId;
use tokio::io::{AsyncReadExt as _, Chain, Join, ReadHalf, WriteHalf};
use tokio::net::windows::named_pipe::NamedPipeServer;
use tokio::task::JoinSet;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_CANNOT_IMPERSONATE, ERROR_FILE_NOT_FOUND, GetLastError, INVALID_HANDLE_VALUE, LocalFree,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX,
};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES,
    WaitNamedPipeW,
};

use crate::notice::authorise::Peer;

#[path = "windows/caller.rs"]
mod caller;

/// A client, with what was read of it before it was known.
pub(in crate::notice) type Stream = Join<Chain<Cursor<Vec<u8>>, ReadHalf<NamedPipeServer>>, WriteHalf<NamedPipeServer>>;

/// So many ends wait for a client, so that none is turned away while one is taken.
const WAITING: usize = 4;
/// In bytes, each way; a refusal fits, so that it can be written before it is read.
const BUFFER: u32 = 64 * 1024;
/// How long a client may take to say its first byte, where its token cannot be seen before.
const FIRST_BYTE: Duration = Duration::from_secs(1);

/// The pipe; it is gone with its last end.
pub(in crate::notice) struct Listener {
    pipe: Pipe,
    first: OwnedHandle,
}

impl Listener {
    pub(in crate::notice) fn bind(socket: &Path) -> Result<Self> {
        let failed = || format!("Failed to listen on {}", socket.display());
        let pipe = Pipe::new(socket).with_context(failed)?;
        let taken = || {
            anyhow!(
                "another program listens on {} already: a second fileward-agent, or one that pretends to be it",
                socket.display()
            )
        };
        // Wine 8 does not know that an end is to be the first.
        if pipe.exists() {
            return Err(taken());
        }
        match pipe.end(FILE_FLAG_FIRST_PIPE_INSTANCE) {
            Ok(first) => Ok(Self { pipe, first }),
            Err(error) if is(&error, ERROR_ACCESS_DENIED) => Err(taken()),
            Err(error) => Err(error).with_context(failed),
        }
    }

    /// Begins to take clients.
    pub(in crate::notice) fn into_clients(self) -> io::Result<Clients> {
        let mut clients = Clients {
            pipe: self.pipe,
            waiting: JoinSet::new(),
        };
        clients.wait_on(self.first)?;
        clients.fill_up()?;
        Ok(clients)
    }
}

/// The clients that connect.
pub(in crate::notice) struct Clients {
    pipe: Pipe,
    waiting: JoinSet<io::Result<(Stream, Peer)>>,
}

impl Clients {
    /// Waits for the next client.
    pub(in crate::notice) async fn next(&mut self) -> io::Result<(Stream, Peer)> {
        if let Err(error) = self.fill_up()
            && self.waiting.is_empty()
        {
            return Err(error);
        }
        match self.waiting.join_next().await {
            Some(Ok(client)) => client,
            Some(Err(panicked)) => Err(io::Error::other(panicked)),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn fill_up(&mut self) -> io::Result<()> {
        while self.waiting.len() < WAITING {
            let end = self.pipe.end(0)?;
            self.wait_on(end)?;
        }
        Ok(())
    }

    fn wait_on(&mut self, end: OwnedHandle) -> io::Result<()> {
        // SAFETY: the handle is open, made for overlapped use, and given away here.
        let end = unsafe { NamedPipeServer::from_raw_handle(end.into_raw_handle())? };
        self.waiting.spawn(client(end));
        Ok(())
    }
}

/// Waits for a client at this end and learns who it is. Windows tells at once for clients that show their token as it
/// was when they connected, which Fileward's do; for others after a byte was read.
async fn client(mut end: NamedPipeServer) -> io::Result<(Stream, Peer)> {
    end.connect().await?;
    let mut first = Vec::new();
    let peer = match caller::peer(&end) {
        Err(error) if is(&error, ERROR_CANNOT_IMPERSONATE) => {
            first.push(tokio::time::timeout(FIRST_BYTE, end.read_u8()).await??);
            caller::peer(&end)?
        }
        told => told?,
    };
    let (from, to) = tokio::io::split(end);
    Ok((tokio::io::join(Cursor::new(first).chain(from), to), peer))
}

/// A pipe's name and who may use it.
struct Pipe {
    /// In UTF-16, with a zero at its end.
    name: Vec<u16>,
    access: Descriptor,
}

impl Pipe {
    fn new(name: &Path) -> io::Result<Self> {
        Ok(Self {
            name: name.as_os_str().encode_wide().chain([0]).collect(),
            access: Descriptor::parse(&access(UserId::current()))?,
        })
    }

    /// Whether somebody has made ends of it.
    fn exists(&self) -> bool {
        const SHORTEST: u32 = 1;
        // SAFETY: the name ends with a zero; the error is read before anything else can set it.
        unsafe { WaitNamedPipeW(self.name.as_ptr(), SHORTEST) != 0 || GetLastError() != ERROR_FILE_NOT_FOUND }
    }

    /// Makes one more end of the pipe.
    fn end(&self, flags: u32) -> io::Result<OwnedHandle> {
        let attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
            lpSecurityDescriptor: self.access.0,
            bInheritHandle: 0,
        };
        // SAFETY: the name ends with a zero, and the descriptor lives as long as this.
        let end = unsafe {
            CreateNamedPipeW(
                self.name.as_ptr(),
                PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flags,
                PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_REJECT_REMOTE_CLIENTS,
                PIPE_UNLIMITED_INSTANCES,
                BUFFER,
                BUFFER,
                0,
                &raw const attributes,
            )
        };
        if end == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was made above and is this one's alone.
        Ok(unsafe { OwnedHandle::from_raw_handle(end) })
    }
}

/// Who may use the pipe: all rights for who runs the service, a client's for administrators and for who is signed in at
/// this PC, none over the network. See MS-DTYP, section 2.5.1, for the language.
fn access(service: UserId) -> String {
    format!("O:{service}D:P(D;;GA;;;NU)(A;;GA;;;{service})(A;;{CLIENT_RIGHTS:#x};;;BA)(A;;{CLIENT_RIGHTS:#x};;;IU)")
}

/// A security descriptor that Windows allocated.
struct Descriptor(PSECURITY_DESCRIPTOR);

// SAFETY: it is never changed after it was made.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    fn parse(text: &str) -> io::Result<Self> {
        let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor: *mut c_void = std::ptr::null_mut();
        // SAFETY: the text ends with a zero; the result is written before it is used.
        let parsed = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                std::ptr::null_mut(),
            )
        };
        if parsed == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(descriptor))
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: Windows allocated it for this one alone.
        unsafe { LocalFree(self.0) };
    }
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn name(of: &str) -> std::path::PathBuf {
        format!(r"\\.\pipe\fileward-test-{}-{of}", std::process::id()).into()
    }

    #[test]
    fn clients_may_not_make_ends_of_the_pipe_and_nobody_comes_over_the_network() {
        let text = access("S-1-5-18".parse().unwrap());
        let expected = "O:S-1-5-18D:P(D;;GA;;;NU)(A;;GA;;;S-1-5-18)(A;;0x12019b;;;BA)(A;;0x12019b;;;IU)";
        assert_eq!(text, expected);
        assert!(Descriptor::parse(&text).is_ok());
    }

    #[tokio::test]
    async fn a_second_service_is_refused_while_the_first_one_stands() {
        let name = name("second");
        let first = Listener::bind(&name).unwrap();
        let error = Listener::bind(&name).err().unwrap().to_string();
        assert!(error.contains("listens on"), "{error}");
        drop(first);
        assert!(Listener::bind(&name).is_ok());
    }

    #[tokio::test]
    async fn clients_that_come_at_once_are_all_taken_and_known() {
        let name = name("many");
        let mut clients = Listener::bind(&name).unwrap().into_clients().unwrap();
        let mut connected = Vec::new();
        for _ in 0..WAITING {
            let stream = fileward_ipc::stream::connect(&name).await.unwrap();
            assert!(fileward_ipc::stream::is_believed(&stream).unwrap());
            connected.push(stream);
        }
        for _ in 0..WAITING {
            let (_, peer) = clients.next().await.unwrap();
            assert_eq!(peer.user, UserId::current());
        }
        assert!(fileward_ipc::stream::connect(&name).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_read_to_know_a_client_is_not_lost() {
        let name = name("dynamic");
        let mut clients = Listener::bind(&name).unwrap().into_clients().unwrap();
        let options = tokio::net::windows::named_pipe::ClientOptions::new();
        // Tokio's client shows its token as it is at each write.
        let mut stream = options.open(&name).unwrap();
        stream.write_all(b"first").await.unwrap();
        let (mut taken, peer) = clients.next().await.unwrap();
        assert_eq!(peer.user, UserId::current());
        let mut read = [0; 5];
        taken.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"first");
    }
}

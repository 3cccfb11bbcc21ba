//! A pipe that keeps the bounds of messages. Files go ahead of their frame: the service puts handles on them into the
//! worker, and the frame begins with those handles' numbers.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::time::Duration;

use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectBasicInformation};
use windows_sys::Win32::Foundation::{
    DuplicateHandle, ERROR_BROKEN_PIPE, ERROR_IO_PENDING, ERROR_MORE_DATA, GENERIC_READ, GENERIC_WRITE, HANDLE,
    INVALID_HANDLE_VALUE, RtlNtStatusToDosError, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_EXECUTE, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, FILE_GENERIC_READ,
    FILE_READ_ATTRIBUTES, FILE_READ_DATA, FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType, OPEN_EXISTING,
    PIPE_ACCESS_DUPLEX, ReadFile, SYNCHRONIZE, WriteFile,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, PIPE_READMODE_MESSAGE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_MESSAGE, SetNamedPipeHandleState,
};
use windows_sys::Win32::System::Threading::{CreateEventW, GetCurrentProcess, WaitForSingleObject};
use windows_sys::Win32::System::WindowsProgramming::PUBLIC_OBJECT_BASIC_INFORMATION;

use crate::TOGETHER;
use crate::wire::{MAX_FRAME, SENDING};

/// The numbers of the handles before each frame to the worker; 0 for none.
type Numbers = [u64; TOGETHER];
/// The bytes of a number, and of all of them.
const NUMBER: usize = size_of::<u64>();
const NUMBERS: usize = size_of::<Numbers>();
/// What fits into the pipe unread, in bytes: all that is said at once, but for long rules.
const ROOM: u32 = 4 * (64 << 10);

/// The service's end.
#[derive(Debug)]
pub(crate) struct Channel {
    pipe: OwnedHandle,
    worker: OnceLock<OwnedHandle>,
}

/// The end that a child gets as its standard input.
#[derive(Debug)]
pub(crate) struct Peer(pub(crate) OwnedHandle);

/// The worker's end.
#[derive(Debug)]
pub(crate) struct Inherited(File);

impl Channel {
    /// Makes a pair.
    pub(crate) fn pair() -> io::Result<(Self, Peer)> {
        let name = format!(r"\\.\pipe\fileward-worker-{}", uuid::Uuid::new_v4());
        let name: Vec<u16> = std::ffi::OsStr::new(&name).encode_wide().chain([0]).collect();
        // There is one instance and this process connects to it, so nobody else can.
        // SAFETY: the name ends with 0; both live for the whole call.
        let pipe = owned(unsafe {
            CreateNamedPipeW(
                name.as_ptr(),
                PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS,
                1,
                ROOM,
                ROOM,
                0,
                null(),
            )
        })?;
        let inheritable = SECURITY_ATTRIBUTES {
            nLength: 24,
            lpSecurityDescriptor: null_mut(),
            bInheritHandle: 1,
        };
        const { assert!(size_of::<SECURITY_ATTRIBUTES>() == 24) };
        // SAFETY: as above.
        let peer = owned(unsafe {
            CreateFileW(
                name.as_ptr(),
                GENERIC_READ | GENERIC_WRITE,
                0,
                &raw const inheritable,
                OPEN_EXISTING,
                0,
                null_mut(),
            )
        })?;
        let mode = PIPE_READMODE_MESSAGE;
        // SAFETY: the handle is open and the mode lives for the whole call.
        done(unsafe { SetNamedPipeHandleState(peer.as_raw_handle(), &raw const mode, null(), null()) })?;
        let worker = OnceLock::new();
        Ok((Self { pipe, worker }, Peer(peer)))
    }

    /// Names the process that files go to.
    pub(crate) fn set_worker(&self, process: OwnedHandle) {
        // There is one worker in a channel's life, set by whoever starts it.
        let _ = self.worker.set(process);
    }

    /// Sends a frame, and open files with it, at most [`TOGETHER`].
    pub(crate) fn send(&self, frame: &[u8], files: &[&File]) -> io::Result<()> {
        if files.len() > TOGETHER {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut numbers = Numbers::default();
        for (number, file) in numbers.iter_mut().zip(files) {
            *number = self.hand_over(file)?;
        }
        let message = [numbers.map(u64::to_le_bytes).as_flattened(), frame].concat();
        let length = u32::try_from(message.len()).map_err(io::Error::other)?;
        self.transfer(SENDING, |pipe, overlapped| {
            // SAFETY: message and overlapped live until the transfer is over, which `transfer` waits for.
            unsafe { WriteFile(pipe, message.as_ptr(), length, null_mut(), overlapped) }
        })?;
        Ok(())
    }

    /// Receives a frame within `time`; `None` when the other end is gone.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when nothing came.
    pub(crate) fn receive_within(&self, time: Duration) -> io::Result<Option<Vec<u8>>> {
        let mut frame = vec![0_u8; MAX_FRAME];
        let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
        let received = self.transfer(time, |pipe, overlapped| {
            // SAFETY: frame and overlapped live until the transfer is over, which `transfer` waits for.
            unsafe { ReadFile(pipe, frame.as_mut_ptr(), length, null_mut(), overlapped) }
        });
        whole(received, frame)
    }

    /// Puts a handle on `file` into the worker, which may do nothing with it but read. Gives its number there.
    fn hand_over(&self, file: &File) -> io::Result<u64> {
        let worker = self.worker.get().ok_or(io::ErrorKind::NotConnected)?;
        let mut there: HANDLE = null_mut();
        // SAFETY: all handles are open for the whole call, and what is written to lives as long.
        let put = done(unsafe {
            DuplicateHandle(
                GetCurrentProcess(),
                file.as_raw_handle(),
                worker.as_raw_handle(),
                &raw mut there,
                FILE_READ_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                0,
                0,
            )
        });
        // SAFETY: the handle is open for the whole call.
        let is_gone = || unsafe { WaitForSingleObject(worker.as_raw_handle(), 0) } == WAIT_OBJECT_0;
        match put {
            Ok(()) => Ok(there.expose_provenance() as u64),
            Err(_) if is_gone() => Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) => Err(error),
        }
    }

    /// Begins a transfer and waits until it is over, or cancels it when `time` is.
    fn transfer(&self, time: Duration, begin: impl FnOnce(HANDLE, *mut OVERLAPPED) -> i32) -> io::Result<u32> {
        let pipe = self.pipe.as_raw_handle();
        // SAFETY: an event without a name takes no pointers.
        let event = owned(unsafe { CreateEventW(null(), 1, 0, null()) })?;
        let mut overlapped = OVERLAPPED {
            hEvent: event.as_raw_handle(),
            ..OVERLAPPED::default()
        };
        let overlapped = &raw mut overlapped;
        if begin(pipe, overlapped) == 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(ERROR_IO_PENDING.cast_signed()) {
                return Err(error);
            }
        }
        // Below `INFINITE`, which is the largest number.
        let time = u32::try_from(time.as_millis()).unwrap_or(u32::MAX).min(u32::MAX - 1);
        // SAFETY: the handle is open for the whole call.
        let is_late = unsafe { WaitForSingleObject(event.as_raw_handle(), time) } == WAIT_TIMEOUT;
        if is_late {
            // What is over meanwhile cannot be cancelled, and counts.
            // SAFETY: the pipe is open and the transfer this process's own.
            unsafe { CancelIoEx(pipe, overlapped) };
        }
        let mut transferred = 0;
        // SAFETY: this waits until nobody uses the structure any more, which therefore lives as long as the transfer.
        match done(unsafe { GetOverlappedResult(pipe, overlapped, &raw mut transferred, 1) }) {
            Ok(()) => Ok(transferred),
            Err(_) if is_late => Err(io::ErrorKind::TimedOut.into()),
            Err(error) => Err(error),
        }
    }
}

impl Inherited {
    /// The end that this process got as its standard input.
    pub(crate) fn from_stdin() -> io::Result<Self> {
        let input = io::stdin();
        // SAFETY: the standard input is open, or the call says that it is none.
        if unsafe { GetFileType(input.as_raw_handle()) } != FILE_TYPE_PIPE {
            return Err(io::Error::other("standard input is not a pipe"));
        }
        Ok(Self(File::from(input.as_handle().try_clone_to_owned()?)))
    }

    /// Sends a frame. No file goes this way.
    pub(crate) fn send(&self, frame: &[u8], files: &[&File]) -> io::Result<()> {
        if !files.is_empty() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        io::Write::write_all(&mut &self.0, frame)
    }

    /// Receives a frame and the files that came with it; `None` when the other end is gone.
    pub(crate) fn receive_with_files(&self) -> io::Result<Option<(Vec<u8>, Vec<File>)>> {
        let mut message = vec![0; NUMBERS + MAX_FRAME];
        let received = io::Read::read(&mut &self.0, &mut message);
        let received = received.and_then(|length| u32::try_from(length).map_err(io::Error::other));
        let Some(message) = whole(received, message)? else {
            return Ok(None);
        };
        let (numbers, frame) = message
            .split_first_chunk::<NUMBERS>()
            .ok_or_else(|| io::Error::other("a message is too short"))?;
        let numbers = numbers.as_chunks::<NUMBER>().0.iter();
        let numbers = numbers.map(|number| u64::from_le_bytes(*number));
        let files = numbers.take_while(|number| *number != 0).map(received_file);
        Ok(Some((frame.to_vec(), files.collect::<io::Result<_>>()?)))
    }
}

/// Takes the file that the service says it has put here.
fn received_file(number: u64) -> io::Result<File> {
    let number = usize::try_from(number).map_err(io::Error::other)?;
    let handle: HANDLE = std::ptr::with_exposed_provenance_mut(number);
    // SAFETY: the call takes any number, and says so when it is no handle.
    if unsafe { GetFileType(handle) } != FILE_TYPE_DISK {
        return Err(io::Error::other("what came with a message is not a file"));
    }
    // SAFETY: it is open; the service has put it here for this message and keeps nothing of it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// A message, if all of it was received.
fn whole(received: io::Result<u32>, mut message: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    match received {
        Ok(0) => Ok(None),
        Ok(length) => {
            message.truncate(length as usize);
            Ok(Some(message))
        }
        Err(error) => match error.raw_os_error().map(i32::cast_unsigned) {
            Some(ERROR_BROKEN_PIPE) => Ok(None),
            Some(ERROR_MORE_DATA) => Err(io::Error::other("a message is too long")),
            _ => Err(error),
        },
    }
}

/// The size of a file that the worker may have: it can be read, not written, and it is a regular file.
pub(crate) fn hands_over(file: &File) -> io::Result<Option<u64>> {
    let mut object = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    // SAFETY: the handle is open for the whole call, and the size is that of the structure written to.
    let status = unsafe {
        NtQueryObject(
            file.as_raw_handle(),
            ObjectBasicInformation,
            (&raw mut object).cast(),
            56,
            null_mut(),
        )
    };
    const { assert!(size_of::<PUBLIC_OBJECT_BASIC_INFORMATION>() == 56) };
    if status < 0 {
        // SAFETY: the call takes a number and touches no memory.
        let error = unsafe { RtlNtStatusToDosError(status) };
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let is_read_only = object.GrantedAccess & !(FILE_GENERIC_READ | FILE_EXECUTE) == 0;
    // SAFETY: the handle is open for the whole call.
    let is_on_disk = unsafe { GetFileType(file.as_raw_handle()) } == FILE_TYPE_DISK;
    let metadata = file.metadata()?;
    Ok((is_read_only && is_on_disk && metadata.is_file()).then_some(metadata.len()))
}

fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller has just been given it, so it is open and nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

//! A pair of Unix sockets that keep the bounds of messages.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Stdio;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use crate::TOGETHER;
use crate::wire::{MAX_FRAME, SENDING};

/// One end of the pair.
#[derive(Debug)]
pub(crate) struct Channel<Socket: AsFd = OwnedFd>(Socket);

/// The end that a child gets as its standard input.
#[derive(Debug)]
pub(crate) struct Peer(OwnedFd);

impl From<Peer> for Stdio {
    fn from(peer: Peer) -> Self {
        Self::from(peer.0)
    }
}

/// The worker's end.
pub(crate) type Inherited = Channel<Stdin>;

impl Channel {
    /// Makes a pair.
    pub(crate) fn pair() -> io::Result<(Self, Peer)> {
        let flags = SocketFlags::CLOEXEC;
        let (own, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        set_socket_timeout(&own, Timeout::Send, Some(SENDING))?;
        Ok((Self(own), Peer(other)))
    }
}

impl Channel<Stdin> {
    /// The end that this process got as its standard input.
    pub(crate) fn from_stdin() -> io::Result<Self> {
        let input = io::stdin();
        if FileType::from_raw_mode(fstat(&input)?.st_mode) == FileType::Socket {
            Ok(Self(input))
        } else {
            Err(io::Error::other("standard input is not a socket"))
        }
    }
}

impl<Socket: AsFd> Channel<Socket> {
    /// Sends a frame, and open files with it, at most [`TOGETHER`].
    pub(crate) fn send(&self, frame: &[u8], files: &[&File]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(TOGETHER))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let files: Vec<BorrowedFd<'_>> = files.iter().map(|file| file.as_fd()).collect();
        if !files.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(&files)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        rustix::io::retry_on_intr(|| sendmsg(&self.0, &[IoSlice::new(frame)], &mut ancillary, SendFlags::NOSIGNAL))?;
        Ok(())
    }

    /// Receives a frame and the files that came with it; `None` when the other end is gone.
    pub(crate) fn receive_with_files(&self) -> io::Result<Option<(Vec<u8>, Vec<File>)>> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(TOGETHER))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let frame = self.receive_into(&mut ancillary)?;
        let files = ancillary.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => Some(files.map(File::from)),
            _ => None,
        });
        Ok(frame.map(|frame| (frame, files.flatten().collect())))
    }

    /// Receives a frame within `time`; `None` when the other end is gone. Files that come with it are not taken.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when nothing came.
    pub(crate) fn receive_within(&self, time: Duration) -> io::Result<Option<Vec<u8>>> {
        let time = Timespec::try_from(time).map_err(io::Error::other)?;
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        if rustix::io::retry_on_intr(|| poll(&mut polled, Some(&time)))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.receive_into(&mut RecvAncillaryBuffer::default())
    }

    fn receive_into(&self, ancillary: &mut RecvAncillaryBuffer<'_>) -> io::Result<Option<Vec<u8>>> {
        let mut frame = vec![0; MAX_FRAME];
        let received = rustix::io::retry_on_intr(|| {
            let mut parts = [IoSliceMut::new(&mut frame)];
            recvmsg(&self.0, &mut parts, ancillary, RecvFlags::CMSG_CLOEXEC)
        });
        let received = match received {
            // A worker that was killed with a frame unread resets the connection.
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            received => received?,
        };
        if received.flags.contains(ReturnFlags::TRUNC) {
            return Err(io::Error::other("a message is too long"));
        }
        frame.truncate(received.bytes);
        Ok((received.bytes > 0).then_some(frame))
    }
}

/// The size of a file that the worker may have: it can be read, not written, and it is a regular file.
pub(crate) fn hands_over(file: &File) -> io::Result<Option<u64>> {
    let is_read_only = fcntl_getfl(file)? & OFlags::RWMODE == OFlags::RDONLY;
    let stat = fstat(file)?;
    let is_regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    Ok((is_read_only && is_regular).then(|| stat.st_size.try_into().unwrap_or(0)))
}

//! SKELETON
use std::fs::File;
use std::io;
use std::process::Stdio;
use std::time::Duration;

#[derive(Debug)]
pub(in crate::worker) struct Channel;

#[derive(Debug)]
pub(in crate::worker) struct Peer;

impl From<Peer> for Stdio {
    fn from(_: Peer) -> Self {
        Self::null()
    }
}

pub(in crate::worker) type Inherited = Channel;

impl Channel {
    pub(in crate::worker) fn pair() -> io::Result<(Self, Peer)> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(in crate::worker) fn inherited() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(in crate::worker) fn send(&self, _frame: &[u8], _file: Option<&File>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(in crate::worker) fn receive_with_file(&self) -> io::Result<Option<(Vec<u8>, Option<File>)>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub(in crate::worker) fn receive_within(&self, _time: Duration) -> io::Result<Option<Vec<u8>>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(in crate::worker) fn hands_over(_file: &File) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

//! Bytes that can be read anywhere, and what reading them may cost.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Instant;

use fileward_protocol::ids::KeyedHash;

use crate::Limits;

/// Bytes read at once to hash a file.
const HASH_BUFFER: usize = 256 << 10;
/// Bytes of one cached window. Formats read many small things that lie close together.
pub(crate) const WINDOW: usize = 16 << 10;
/// Windows kept: formats jump between a table and what it points to.
const WINDOWS: usize = 4;

/// Why a file was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("{0}")]
    Unreadable(String),
    #[error("the time is over")]
    Timeout,
    #[error("a limit is reached")]
    TooLarge,
    #[error("it is damaged")]
    Damaged,
}

impl From<io::Error> for Stop {
    /// A decoder's error is damage, unless a [`Section`] put another stop into it.
    fn from(error: io::Error) -> Self {
        error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
            .cloned()
            .unwrap_or(Self::Damaged)
    }
}

/// What is left of [`Limits`] for one file and everything within it.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Option<Instant>,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
    depth: Cell<u32>,
}

/// One level deeper, until it is dropped.
#[derive(Debug)]
pub(crate) struct Deeper<'a>(&'a Cell<u32>);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits, start: Instant) -> Self {
        Self {
            deadline: start.checked_add(limits.time),
            unpacked: Cell::new(limits.unpacked),
            entries: Cell::new(limits.entries),
            depth: Cell::new(limits.depth),
        }
    }

    /// Goes into a file within this one; `None` when that is too deep.
    pub(crate) fn descend(&self) -> Option<Deeper<'_>> {
        self.depth.set(self.depth.get().checked_sub(1)?);
        Some(Deeper(&self.depth))
    }

    /// Fails when the time is over.
    pub(crate) fn check_time(&self) -> Result<(), Stop> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Stop::Timeout),
            _ => Ok(()),
        }
    }

    /// Pays for bytes that were unpacked.
    pub(crate) fn spend_unpacked(&self, bytes: usize) -> Result<(), Stop> {
        self.check_time()?;
        spend(&self.unpacked, bytes as u64)
    }

    /// Pays for one entry of an archive.
    pub(crate) fn spend_entry(&self) -> Result<(), Stop> {
        self.check_time()?;
        spend(&self.entries, 1)
    }
}

fn spend(purse: &Cell<u64>, price: u64) -> Result<(), Stop> {
    let left = purse.get().checked_sub(price).ok_or(Stop::TooLarge)?;
    purse.set(left);
    Ok(())
}

/// Hashes a file from its start, and counts its bytes.
pub(crate) fn hash(file: &File, key: &[u8; 32], budget: &Budget) -> Result<(u64, KeyedHash), Stop> {
    let mut file = file;
    let mut hasher = blake3::Hasher::new_keyed(key);
    let mut buffer = vec![0; HASH_BUFFER];
    let mut size = 0;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(&error))?;
    loop {
        budget.check_time()?;
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    Ok((size, KeyedHash(*hasher.finalize().as_bytes())))
}

/// The kind of a read error; its text could name a path.
fn unreadable(error: &io::Error) -> Stop {
    Stop::Unreadable(error.kind().to_string())
}

/// Bytes that lie within another source, such as a stream of a compound file: they are worked out where they are read.
pub(crate) trait ReadAt: Debug {
    /// Reads up to `buffer.len()` bytes at `offset`; fewer only at the end.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop>;
}

/// A part of what can be read anywhere.
#[derive(Debug)]
pub(crate) struct Slice<R> {
    pub(crate) whole: R,
    pub(crate) start: u64,
    pub(crate) len: u64,
}

impl<R: ReadAt> ReadAt for Slice<R> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let left = self.len.saturating_sub(offset);
        let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        self.whole
            .read_at(self.start.saturating_add(offset), &mut buffer[..len])
    }
}

impl ReadAt for &mut Source<'_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        Source::read_at(self, offset, buffer)
    }
}

/// Where the bytes of a [`Source`] come from.
#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    File(&'a File),
    Memory(&'a [u8]),
    Part(&'a RefCell<dyn ReadAt + 'a>),
}

#[derive(Debug)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

/// A file, or something unpacked from one, read at any offset within the limits.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    origin: Origin<'a>,
    len: u64,
    budget: &'a Budget,
    windows: Vec<Window>,
    next_window: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn of_file(file: &'a File, len: u64, budget: &'a Budget) -> Self {
        Self::new(Origin::File(file), len, budget)
    }

    pub(crate) fn of_memory(bytes: &'a [u8], budget: &'a Budget) -> Self {
        Self::new(Origin::Memory(bytes), bytes.len() as u64, budget)
    }

    /// A source of the first `len` bytes of `part`.
    pub(crate) fn of_part(part: &'a RefCell<dyn ReadAt + 'a>, len: u64, budget: &'a Budget) -> Self {
        Self::new(Origin::Part(part), len, budget)
    }

    fn new(origin: Origin<'a>, len: u64, budget: &'a Budget) -> Self {
        Self {
            origin,
            len,
            budget,
            windows: Vec::new(),
            next_window: 0,
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Reads up to `buffer.len()` bytes at `offset`; fewer only at the end.
    pub(crate) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let mut done = 0;
        while done < buffer.len() {
            let bytes = self.window_at(offset.saturating_add(done as u64))?;
            if bytes.is_empty() {
                break;
            }
            let count = bytes.len().min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&bytes[..count]);
            done += count;
        }
        Ok(done)
    }

    /// The `N` bytes at `offset`.
    pub(crate) fn array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        if self.read_at(offset, &mut bytes)? == N {
            Ok(bytes)
        } else {
            Err(Stop::Damaged)
        }
    }

    /// Up to `len` bytes at `offset`; fewer only at the end. The caller bounds `len`.
    pub(crate) fn bytes(&mut self, offset: u64, len: usize) -> Result<Vec<u8>, Stop> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(left)];
        let count = self.read_at(offset, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    /// Exactly `len` bytes at `offset`. The caller bounds `len`.
    pub(crate) fn exact(&mut self, offset: u64, len: usize) -> Result<Vec<u8>, Stop> {
        let bytes = self.bytes(offset, len)?;
        if bytes.len() == len {
            Ok(bytes)
        } else {
            Err(Stop::Damaged)
        }
    }

    /// A reader of the `len` bytes at `offset`.
    pub(crate) fn section(&mut self, offset: u64, len: u64) -> Section<'_, 'a> {
        Section {
            source: self,
            offset,
            left: len,
        }
    }

    /// The bytes known from `offset` on; empty only at the end.
    fn window_at(&mut self, offset: u64) -> Result<&[u8], Stop> {
        if offset >= self.len {
            return Ok(&[]);
        }
        if let Origin::Memory(bytes) = self.origin {
            let start = usize::try_from(offset).map_err(|_| Stop::Damaged)?;
            return Ok(bytes.get(start..).unwrap_or_default());
        }
        let start = offset - offset % WINDOW as u64;
        let index = match self.windows.iter().position(|window| window.start == start) {
            Some(index) => index,
            None => self.load(start)?,
        };
        let bytes = &self.windows[index].bytes;
        let skip = usize::try_from(offset - start).unwrap_or(WINDOW);
        Ok(bytes.get(skip..).unwrap_or_default())
    }

    fn load(&mut self, start: u64) -> Result<usize, Stop> {
        self.budget.check_time()?;
        let len = usize::try_from(self.len - start).map_or(WINDOW, |left| left.min(WINDOW));
        let mut bytes = vec![0; len];
        let done = match self.origin {
            Origin::File(file) => read_file(file, start, &mut bytes)?,
            Origin::Part(part) => part
                .try_borrow_mut()
                .map_err(|_| Stop::Damaged)?
                .read_at(start, &mut bytes)?,
            Origin::Memory(_) => 0,
        };
        // The file may have become shorter since it was hashed.
        bytes.truncate(done);
        let window = Window { start, bytes };
        if self.windows.len() < WINDOWS {
            self.windows.push(window);
            return Ok(self.windows.len() - 1);
        }
        let index = self.next_window;
        self.next_window = (index + 1) % WINDOWS;
        self.windows[index] = window;
        Ok(index)
    }
}

fn read_file(mut file: &File, start: u64, bytes: &mut [u8]) -> Result<usize, Stop> {
    let mut done = 0;
    file.seek(SeekFrom::Start(start)).map_err(|error| unreadable(&error))?;
    while done < bytes.len() {
        match file.read(&mut bytes[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    Ok(done)
}

/// A part of a [`Source`] as a reader, for decoders.
#[derive(Debug)]
pub(crate) struct Section<'s, 'a> {
    source: &'s mut Source<'a>,
    offset: u64,
    left: u64,
}

impl Read for Section<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = self
            .source
            .read_at(self.offset, &mut buffer[..len])
            .map_err(io::Error::other)?;
        self.offset += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

/// A decoder whose output is paid for.
pub(crate) struct Unpacking<'a, R> {
    decoder: R,
    budget: &'a Budget,
}

impl<'a, R: Read> Unpacking<'a, R> {
    pub(crate) fn new(decoder: R, budget: &'a Budget) -> Self {
        Self { decoder, budget }
    }
}

impl<R: Read> Read for Unpacking<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.budget.spend_unpacked(count).map_err(io::Error::other)?;
        Ok(count)
    }
}

/// Reads a decoder to its end or to `max` bytes, paying for what comes out.
///
/// The flag says whether there was more. Damage after some output is the end of it: readers of such files are as lenient.
pub(crate) fn unpack(decoder: impl Read, max: usize, budget: &Budget) -> Result<(Vec<u8>, bool), Stop> {
    gather(Unpacking::new(decoder, budget), max)
}

/// As [`unpack`], of what is paid for already.
pub(crate) fn gather(mut reader: impl Read, max: usize) -> Result<(Vec<u8>, bool), Stop> {
    let mut out = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let room = max - out.len();
        if room == 0 {
            return Ok((out, true));
        }
        let len = chunk.len().min(room);
        match reader.read(&mut chunk[..len]) {
            Ok(0) => return Ok((out, false)),
            Ok(count) => out.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => match Stop::from(error) {
                Stop::Damaged if !out.is_empty() => return Ok((out, false)),
                stop => return Err(stop),
            },
        }
    }
}

/// The little-endian `u16` at `offset`.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Result<u16, Stop> {
    Ok(u16::from_le_bytes(array_at(bytes, offset)?))
}

/// The little-endian `u32` at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Result<u32, Stop> {
    Ok(u32::from_le_bytes(array_at(bytes, offset)?))
}

/// The little-endian `u64` at `offset`.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> Result<u64, Stop> {
    Ok(u64::from_le_bytes(array_at(bytes, offset)?))
}

fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Result<[u8; N], Stop> {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .ok_or(Stop::Damaged)
}

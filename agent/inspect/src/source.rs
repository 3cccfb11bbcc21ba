//! Bytes that can be read anywhere, and what reading them may cost.

mod budget;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use fileward_protocol::ids::KeyedHash;

pub(crate) use budget::{Budget, Held};

/// Bytes read at once to hash a file. The first of them are kept: a file that is no longer is read only once.
const HASH_BUFFER: usize = 256 << 10;
/// Bytes of one cached window. Formats read many small things that lie close together.
pub(crate) const WINDOW: usize = 16 << 10;
/// Bytes for which there is room at first where it is not known how many come.
const GATHERED: usize = 32 << 10;
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

/// What the first reading of a file gives.
#[derive(Debug)]
pub(crate) struct Hashed {
    pub(crate) size: u64,
    pub(crate) content: KeyedHash,
    /// Its first bytes.
    pub(crate) start: Vec<u8>,
}

/// Hashes a file from its start, and counts its bytes.
pub(crate) fn hash(mut file: &File, key: &[u8; 32], budget: &Budget) -> Result<Hashed, Stop> {
    let mut hasher = blake3::Hasher::new_keyed(key);
    let mut start = Vec::with_capacity(HASH_BUFFER);
    budget.check_time()?;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(&error))?;
    file.take(HASH_BUFFER as u64)
        .read_to_end(&mut start)
        .map_err(|error| unreadable(&error))?;
    hasher.update(&start);
    let mut size = start.len() as u64;
    if start.len() == HASH_BUFFER {
        size += hash_rest(file, &mut hasher, budget)?;
    }
    Ok(Hashed {
        size,
        content: KeyedHash(*hasher.finalize().as_bytes()),
        start,
    })
}

fn hash_rest(mut file: &File, hasher: &mut blake3::Hasher, budget: &Budget) -> Result<u64, Stop> {
    let mut buffer = vec![0; HASH_BUFFER];
    let mut size = 0;
    loop {
        budget.check_time()?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
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

/// A file, a part of one, or something unpacked from one, read at any offset within the limits.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    origin: Origin<'a>,
    /// The first bytes of the file, which are known.
    start: &'a [u8],
    /// Where in the file this begins.
    base: u64,
    len: u64,
    budget: &'a Budget,
    windows: Vec<Window>,
    next_window: usize,
}

impl<'a> Source<'a> {
    /// A file of `len` bytes that begins with `start`.
    pub(crate) fn of_file(file: &'a File, len: u64, start: &'a [u8], budget: &'a Budget) -> Self {
        if start.len() as u64 == len {
            return Self::of_memory(start, budget);
        }
        Self {
            start,
            ..Self::new(Origin::File(file), len, budget)
        }
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
            start: &[],
            base: 0,
            len,
            budget,
            windows: Vec::new(),
            next_window: 0,
        }
    }

    /// The `len` bytes at `offset` as a source of their own; fewer at the end.
    pub(crate) fn part(&self, offset: u64, len: u64) -> Self {
        let offset = offset.min(self.len);
        Self {
            start: self.start,
            base: self.base + offset,
            ..Self::new(self.origin, len.min(self.len - offset), self.budget)
        }
    }

    /// A reader of the `len` bytes at `offset` that does not share this one's windows.
    pub(crate) fn reader(&self, offset: u64, len: u64) -> Cursor<'a> {
        Cursor {
            source: self.part(offset, len),
            position: 0,
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

    /// Up to `len` bytes at `offset`, without copying what is known; fewer only at the end. The caller bounds `len`.
    pub(crate) fn view(&mut self, offset: u64, len: usize) -> Result<Cow<'a, [u8]>, Stop> {
        let wanted = usize::try_from(self.len.saturating_sub(offset)).map_or(len, |left| left.min(len));
        let held = match self.origin {
            Origin::Memory(bytes) => bytes,
            Origin::File(_) => self.start,
            Origin::Part(_) => &[],
        };
        let known = known_from(held, self.base.saturating_add(offset)).and_then(|known| known.get(..wanted));
        known.map_or_else(
            || self.bytes(offset, len).map(Cow::Owned),
            |known| Ok(Cow::Borrowed(known)),
        )
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
        let at = self.base + offset;
        let left = usize::try_from(self.len - offset).unwrap_or(usize::MAX);
        let bytes = match (self.origin, known_from(self.start, at)) {
            (Origin::Memory(bytes), _) => known_from(bytes, at).unwrap_or_default(),
            (Origin::File(_), Some(known)) => known,
            (Origin::File(_) | Origin::Part(_), _) => self.cached(at)?,
        };
        Ok(&bytes[..bytes.len().min(left)])
    }

    fn cached(&mut self, at: u64) -> Result<&[u8], Stop> {
        let start = at - at % WINDOW as u64;
        let index = match self.windows.iter().position(|window| window.start == start) {
            Some(index) => index,
            None => self.load(start)?,
        };
        let bytes = &self.windows[index].bytes;
        let skip = usize::try_from(at - start).unwrap_or(WINDOW);
        Ok(bytes.get(skip..).unwrap_or_default())
    }

    fn load(&mut self, start: u64) -> Result<usize, Stop> {
        self.budget.check_time()?;
        let bytes = match self.origin {
            Origin::File(file) => read_file(file, start)?,
            Origin::Part(part) => {
                let mut bytes = vec![0; WINDOW];
                let mut part = part.try_borrow_mut().map_err(|_| Stop::Damaged)?;
                let count = part.read_at(start, &mut bytes)?;
                bytes.truncate(count);
                bytes
            }
            Origin::Memory(_) => Vec::new(),
        };
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

/// A window of a file, which may have become shorter since it was hashed.
fn read_file(mut file: &File, start: u64) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::with_capacity(WINDOW);
    file.seek(SeekFrom::Start(start)).map_err(|error| unreadable(&error))?;
    file.take(WINDOW as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

/// What of `bytes` lies at `offset` and behind it; `None` when nothing does.
fn known_from(bytes: &[u8], offset: u64) -> Option<&[u8]> {
    let known = bytes.get(usize::try_from(offset).ok()?..)?;
    (!known.is_empty()).then_some(known)
}

/// A [`Source`] as a reader that can go anywhere, for decoders that want one of their own.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    source: Source<'a>,
    position: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.position, buffer).map_err(io::Error::other)?;
        self.position += count as u64;
        Ok(count)
    }
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
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Section<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.source.window_at(self.offset).map_err(io::Error::other)?;
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&bytes[..bytes.len().min(left)])
    }

    fn consume(&mut self, count: usize) {
        self.offset += count as u64;
        self.left = self.left.saturating_sub(count as u64);
    }
}

/// A decoder whose output is paid for, and the memory it looks back into.
#[derive(Debug)]
pub(crate) struct Unpacking<'a, R> {
    decoder: R,
    budget: &'a Budget,
    _held: Option<Held<'a>>,
}

impl<'a, R: Read> Unpacking<'a, R> {
    pub(crate) fn new(decoder: R, budget: &'a Budget) -> Self {
        Self {
            decoder,
            budget,
            _held: None,
        }
    }

    pub(crate) fn holding(decoder: R, budget: &'a Budget, held: Held<'a>) -> Self {
        Self {
            decoder,
            budget,
            _held: Some(held),
        }
    }
}

impl<R: Read> Read for Unpacking<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.budget.spend_unpacked(count).map_err(io::Error::other)?;
        Ok(count)
    }
}

/// Reads what is paid for to its end or to `max` bytes.
///
/// The flag says whether there was more. Damage after some output is the end of it: readers of such files are as lenient.
pub(crate) fn gather(reader: impl Read, max: usize) -> Result<(Vec<u8>, bool), Stop> {
    let mut out = Vec::with_capacity(max.min(GATHERED));
    match reader.take(max as u64).read_to_end(&mut out).map_err(Stop::from) {
        Ok(count) => Ok((out, count == max)),
        Err(Stop::Damaged) if !out.is_empty() => Ok((out, false)),
        Err(stop) => Err(stop),
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

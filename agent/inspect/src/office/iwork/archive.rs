//! Object archives (`.iwa`): raw Snappy blocks behind short headers, and in them messages one after the other.

use std::io::{self, Read};

use snap::raw::{Decoder, decompress_len};

use super::protobuf::Message;
use crate::source::Stop;

/// The largest block, packed or not: programs write 64 KiB.
const MAX_BLOCK: usize = 1 << 20;
/// The largest description of an object.
const MAX_INFO: u64 = 64 << 10;
/// The largest object that is read; larger ones are passed over.
const MAX_OBJECT: u64 = 8 << 20;

/// The objects of one archive.
pub(super) struct Objects<R> {
    bytes: Unpacked<R>,
    /// Numbers, types and lengths of the objects that follow.
    waiting: Vec<(u64, u64, u64)>,
    object: Vec<u8>,
}

/// An object: its number in the document, its type, and what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'o> {
    pub(super) id: u64,
    pub(super) kind: u64,
    pub(super) bytes: &'o [u8],
}

impl<R: Read> Objects<R> {
    pub(super) fn new(part: R) -> Self {
        Self {
            bytes: Unpacked {
                reader: part,
                decoder: Decoder::new(),
                packed: Vec::new(),
                block: Vec::new(),
                at: 0,
            },
            waiting: Vec::new(),
            object: Vec::new(),
        }
    }

    /// The next object; one that is too large holds nothing.
    pub(super) fn next(&mut self) -> Result<Option<Object<'_>>, Stop> {
        if !self.describe()? {
            return Ok(None);
        }
        let Some((id, kind, len)) = self.waiting.pop() else {
            return Ok(None);
        };
        self.object.clear();
        let mut bytes = (&mut self.bytes).take(len);
        if len > MAX_OBJECT {
            io::copy(&mut bytes, &mut io::sink())?;
        } else if (bytes.read_to_end(&mut self.object)? as u64) < len {
            return Err(Stop::Damaged);
        }
        let bytes = self.object.as_slice();
        Ok(Some(Object { id, kind, bytes }))
    }

    /// The type of the next object.
    pub(super) fn next_type(&mut self) -> Result<Option<u64>, Stop> {
        self.describe()?;
        Ok(self.waiting.last().map(|(_, kind, _)| *kind))
    }

    /// Reads what follows, until an object does; `false` at the end.
    fn describe(&mut self) -> Result<bool, Stop> {
        while self.waiting.is_empty() {
            let Some(len) = self.varint()? else {
                return Ok(false);
            };
            if len > MAX_INFO {
                return Err(Stop::Damaged);
            }
            let mut info = Vec::new();
            if ((&mut self.bytes).take(len).read_to_end(&mut info)? as u64) < len {
                return Err(Stop::Damaged);
            }
            let id = Message::new(&info).number(1).unwrap_or_default();
            for object in Message::new(&info).parts(2) {
                let field = |field| Message::new(object).number(field).unwrap_or_default();
                self.waiting.push((id, field(1), field(3)));
            }
            self.waiting.reverse();
        }
        Ok(true)
    }

    fn varint(&mut self) -> Result<Option<u64>, Stop> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            if self.bytes.read(&mut byte)? == 0 {
                return if shift == 0 { Ok(None) } else { Err(Stop::Damaged) };
            }
            number |= u64::from(byte[0] & 0x7F) << shift;
            if byte[0] < 0x80 {
                return Ok(Some(number));
            }
        }
        Err(Stop::Damaged)
    }
}

/// The blocks of an archive, unpacked one by one.
struct Unpacked<R> {
    reader: R,
    decoder: Decoder,
    packed: Vec<u8>,
    block: Vec<u8>,
    at: usize,
}

impl<R: Read> Unpacked<R> {
    /// Reads the next block; `false` at the end.
    fn load(&mut self) -> io::Result<bool> {
        let damaged = || io::Error::other(Stop::Damaged);
        let mut header = Vec::new();
        (&mut self.reader).take(4).read_to_end(&mut header)?;
        let [0, low, middle, high] = header[..] else {
            return if header.is_empty() { Ok(false) } else { Err(damaged()) };
        };
        let len = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        self.packed.clear();
        (&mut self.reader).take(len as u64).read_to_end(&mut self.packed)?;
        let unpacked = decompress_len(&self.packed).map_err(|_| damaged())?;
        if self.packed.len() < len || len > MAX_BLOCK || unpacked > MAX_BLOCK {
            return Err(damaged());
        }
        self.block.resize(unpacked, 0);
        self.at = 0;
        let count = self.decoder.decompress(&self.packed, &mut self.block);
        self.block.truncate(count.map_err(|_| damaged())?);
        Ok(true)
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            if !self.load()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

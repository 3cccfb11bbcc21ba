//! 7z: the coders named in its header. The header itself is normally compressed, and perhaps encrypted.

use fileward_protocol::vocabulary::EncryptionMethod;
use lzma_rust2::{Lzma2Reader, LzmaReader};

use crate::container::Tally;
use crate::found::Found;
use crate::kind;
use crate::source::{self, Source, Stop, u64_at};

/// The header in front, which says where the true one is.
const START: usize = 32;
/// Bytes of a header that are read: what tells of encryption comes first, the names of the files last.
const MAX_HEADER: u32 = 4 << 20;
const MAX_BYTES: usize = MAX_HEADER as usize;
/// Coders of one folder, and streams of one coder: 7-Zip itself allows no more.
const MAX_CODERS: u64 = 32;
/// Headers may be packed several times over; once is usual.
const MAX_PACKED: u32 = 4;

const AES: &[u8] = &[0x06, 0xF1, 0x07, 0x01];
const COPY: &[u8] = &[0];
const LZMA: &[u8] = &[0x03, 0x01, 0x01];
const LZMA2: &[u8] = &[0x21];

/// Marks within a header.
mod mark {
    pub(super) const END: u64 = 0x00;
    pub(super) const HEADER: u64 = 0x01;
    pub(super) const ARCHIVE_PROPERTIES: u64 = 0x02;
    pub(super) const MAIN_STREAMS: u64 = 0x04;
    pub(super) const PACK: u64 = 0x06;
    pub(super) const UNPACK: u64 = 0x07;
    pub(super) const SIZE: u64 = 0x09;
    pub(super) const FOLDER: u64 = 0x0B;
    pub(super) const UNPACK_SIZE: u64 = 0x0C;
    pub(super) const PACKED_HEADER: u64 = 0x17;
}

/// Fills in what a 7z archive is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::SEVEN_ZIP;
    let start: [u8; START] = source.array(0)?;
    let (offset, size) = (u64_at(&start, 12)?, u64_at(&start, 20)?);
    if size == 0 {
        // An archive without files.
        return Ok(());
    }
    let len = usize::try_from(size).map_or(MAX_BYTES, |size| size.min(MAX_BYTES));
    let mut header = source.exact(place(offset)?, len)?;
    for _ in 0..MAX_PACKED {
        let mut fields = Fields(&header);
        match fields.number()? {
            mark::HEADER => {
                let tally = tally(&mut fields, source)?;
                if let Some(state) = tally.state() {
                    found.set_encryption(state, EncryptionMethod::SevenZipAes);
                }
                return Ok(());
            }
            mark::PACKED_HEADER => {
                let streams = fields.streams(source)?;
                if streams.folders.iter().any(Folder::is_encrypted) {
                    found.encrypted(EncryptionMethod::SevenZipAes);
                    return Ok(());
                }
                header = unpack_header(source, &streams)?;
            }
            _ => return Err(Stop::Damaged),
        }
    }
    Err(Stop::Damaged)
}

/// Where something begins, whose offset counts from the end of the start header.
fn place(offset: u64) -> Result<u64, Stop> {
    offset.checked_add(START as u64).ok_or(Stop::Damaged)
}

fn unpack_header(source: &mut Source<'_>, streams: &Streams) -> Result<Vec<u8>, Stop> {
    let [folder] = streams.folders.as_slice() else {
        return Err(Stop::Damaged);
    };
    let [coder] = folder.coders.as_slice() else {
        return Err(Stop::Damaged);
    };
    let size = *folder.sizes.first().ok_or(Stop::Damaged)?;
    let budget = source.budget();
    let packed = source.section(place(streams.offset)?, streams.first_packed);
    // No more than this comes out, so a larger window is never looked back into.
    let window = |wanted: u32| wanted.clamp(4096, MAX_HEADER);
    let (header, _) = match coder.id.as_slice() {
        COPY => source::unpack(packed, MAX_BYTES, budget)?,
        LZMA => {
            let (properties, rest) = coder.properties.split_first().ok_or(Stop::Damaged)?;
            let wanted = u32::from_le_bytes(*rest.first_chunk().ok_or(Stop::Damaged)?);
            let reader = LzmaReader::new_with_props(packed, size, *properties, window(wanted), None)?;
            source::unpack(reader, MAX_BYTES, budget)?
        }
        LZMA2 => source::unpack(Lzma2Reader::new(packed, window(u32::MAX), None), MAX_BYTES, budget)?,
        _ => return Err(Stop::Damaged),
    };
    Ok(header)
}

/// Counts the folders of the archive by whether a coder of theirs is AES. A folder is what 7z packs as one.
fn tally(fields: &mut Fields<'_>, source: &Source<'_>) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    loop {
        match fields.number()? {
            mark::ARCHIVE_PROPERTIES => fields.skip_properties()?,
            mark::MAIN_STREAMS => {
                for folder in fields.streams(source)?.folders {
                    tally.count(folder.is_encrypted());
                }
                return Ok(tally);
            }
            _ => return Ok(tally),
        }
    }
}

#[derive(Debug)]
struct Coder {
    id: Vec<u8>,
    properties: Vec<u8>,
}

#[derive(Debug)]
struct Folder {
    coders: Vec<Coder>,
    outputs: u64,
    sizes: Vec<u64>,
}

impl Folder {
    fn is_encrypted(&self) -> bool {
        self.coders.iter().any(|coder| coder.id == AES)
    }
}

#[derive(Debug, Default)]
struct Streams {
    offset: u64,
    first_packed: u64,
    folders: Vec<Folder>,
}

/// The rest of a header, read field by field.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn byte(&mut self) -> Result<u8, Stop> {
        let (byte, rest) = self.0.split_first().ok_or(Stop::Damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Stop> {
        let len = usize::try_from(len).map_err(|_| Stop::Damaged)?;
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Stop::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number whose first byte tells by its leading ones how many bytes follow.
    fn number(&mut self) -> Result<u64, Stop> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = 0;
        for index in 0..more {
            value |= u64::from(self.byte()?) << (8 * index);
        }
        if more < 7 {
            let high = u64::from(first) & ((1 << (7 - more)) - 1);
            value |= high << (8 * more);
        }
        Ok(value)
    }

    /// A number of things that take at least a byte each.
    fn count(&mut self) -> Result<u64, Stop> {
        let count = self.number()?;
        if count > self.0.len() as u64 {
            Err(Stop::Damaged)
        } else {
            Ok(count)
        }
    }

    /// A number of coders or of their streams.
    fn few(&mut self) -> Result<u64, Stop> {
        let count = self.number()?;
        if count > MAX_CODERS {
            Err(Stop::Damaged)
        } else {
            Ok(count)
        }
    }

    fn skip_properties(&mut self) -> Result<(), Stop> {
        while self.number()? != mark::END {
            let len = self.number()?;
            self.take(len)?;
        }
        Ok(())
    }

    /// Skips a list of digests: a bit for each of `count`, or one byte that says all are there.
    fn skip_digests(&mut self, count: u64) -> Result<(), Stop> {
        let present = if self.byte()? == 0 {
            let bits = self.take(count.div_ceil(8))?;
            bits.iter().map(|byte| u64::from(byte.count_ones())).sum()
        } else {
            count
        };
        self.take(present.checked_mul(4).ok_or(Stop::Damaged)?).map(drop)
    }

    fn streams(&mut self, source: &Source<'_>) -> Result<Streams, Stop> {
        let mut streams = Streams::default();
        loop {
            match self.number()? {
                mark::PACK => self.pack(&mut streams)?,
                mark::UNPACK => {
                    streams.folders = self.folders(source)?;
                    // What each folder holds follows; who only asks for coders stops here.
                    return Ok(streams);
                }
                mark::END => return Ok(streams),
                _ => return Err(Stop::Damaged),
            }
        }
    }

    fn pack(&mut self, streams: &mut Streams) -> Result<(), Stop> {
        streams.offset = self.number()?;
        let count = self.count()?;
        loop {
            match self.number()? {
                mark::END => return Ok(()),
                mark::SIZE => {
                    for index in 0..count {
                        let size = self.number()?;
                        if index == 0 {
                            streams.first_packed = size;
                        }
                    }
                }
                _ => self.skip_digests(count)?,
            }
        }
    }

    fn folders(&mut self, source: &Source<'_>) -> Result<Vec<Folder>, Stop> {
        if self.number()? != mark::FOLDER {
            return Err(Stop::Damaged);
        }
        let count = self.count()?;
        if self.byte()? != 0 {
            // Folders described elsewhere are not made by any program.
            return Err(Stop::Damaged);
        }
        let mut folders = Vec::new();
        for _ in 0..count {
            source.budget().spend_entry()?;
            folders.push(self.folder()?);
        }
        if self.number()? != mark::UNPACK_SIZE {
            return Err(Stop::Damaged);
        }
        for folder in &mut folders {
            for _ in 0..folder.outputs {
                folder.sizes.push(self.number()?);
            }
        }
        Ok(folders)
    }

    fn folder(&mut self) -> Result<Folder, Stop> {
        let count = self.few()?;
        let mut coders = Vec::new();
        let (mut inputs, mut outputs) = (0_u64, 0_u64);
        for _ in 0..count {
            let flags = self.byte()?;
            let id = self.take(u64::from(flags & 0x0F))?.to_vec();
            let (ins, outs) = if flags & 0x10 == 0 {
                (1, 1)
            } else {
                (self.few()?, self.few()?)
            };
            inputs = inputs.checked_add(ins).ok_or(Stop::Damaged)?;
            outputs = outputs.checked_add(outs).ok_or(Stop::Damaged)?;
            let properties = if flags & 0x20 == 0 {
                Vec::new()
            } else {
                let len = self.number()?;
                self.take(len)?.to_vec()
            };
            coders.push(Coder { id, properties });
        }
        let bonds = outputs.checked_sub(1).ok_or(Stop::Damaged)?;
        for _ in 0..bonds {
            self.number()?;
            self.number()?;
        }
        let packed = inputs.checked_sub(bonds).ok_or(Stop::Damaged)?;
        if packed > 1 {
            for _ in 0..packed {
                self.number()?;
            }
        }
        Ok(Folder {
            coders,
            outputs,
            sizes: Vec::new(),
        })
    }
}

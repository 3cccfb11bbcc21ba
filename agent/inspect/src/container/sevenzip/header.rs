//! The header: what is packed where, how, and what it is called.

use super::folder::{Coder, Folder};
use crate::source::{Budget, Stop};

/// Coders of one folder, and streams of one coder: 7-Zip itself allows no more.
const MAX_CODERS: u64 = 32;
/// Characters of a name that are kept.
const MAX_NAME: usize = 512;

/// Marks within a header.
pub(super) mod mark {
    pub(in super::super) const END: u64 = 0x00;
    pub(in super::super) const HEADER: u64 = 0x01;
    pub(in super::super) const ARCHIVE_PROPERTIES: u64 = 0x02;
    pub(in super::super) const MAIN_STREAMS: u64 = 0x04;
    pub(in super::super) const FILES: u64 = 0x05;
    pub(in super::super) const PACK: u64 = 0x06;
    pub(in super::super) const UNPACK: u64 = 0x07;
    pub(in super::super) const SUBSTREAMS: u64 = 0x08;
    pub(in super::super) const SIZE: u64 = 0x09;
    pub(in super::super) const DIGESTS: u64 = 0x0A;
    pub(in super::super) const FOLDER: u64 = 0x0B;
    pub(in super::super) const UNPACK_SIZE: u64 = 0x0C;
    pub(in super::super) const SUBSTREAM_COUNT: u64 = 0x0D;
    pub(in super::super) const NO_CONTENT: u64 = 0x0E;
    pub(in super::super) const NAMES: u64 = 0x11;
    pub(in super::super) const PACKED_HEADER: u64 = 0x17;
}

/// A file or folder of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) has_content: bool,
}

#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) streams: Streams,
    pub(super) files: Vec<File>,
    /// Why the names may not be all there are.
    pub(super) stopped: Option<Stop>,
}

/// Bytes of the archive that one coder unpacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    /// Counted from the end of the start header.
    pub(super) offset: u64,
    pub(super) size: u64,
}

#[derive(Debug, Default)]
pub(super) struct Streams {
    packed: Vec<Packed>,
    pub(super) folders: Vec<Folder>,
    /// The sizes of the files in each folder; none when it holds one that is all of it.
    sizes: Vec<Vec<u64>>,
}

impl Streams {
    /// What of the archive `folder` unpacks.
    pub(super) fn packed(&self, folder: &Folder) -> Result<&[Packed], Stop> {
        let end = folder
            .first_packed
            .checked_add(folder.packed.len())
            .ok_or(Stop::Damaged)?;
        self.packed.get(folder.first_packed..end).ok_or(Stop::Damaged)
    }

    /// The sizes of the files in the folder of this index.
    pub(super) fn sizes_in(&self, index: usize) -> &[u64] {
        self.sizes.get(index).map_or(&[], Vec::as_slice)
    }
}

/// The rest of a header, read field by field.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

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
    pub(super) fn number(&mut self) -> Result<u64, Stop> {
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

    /// A bit for each of `count`.
    fn bits(&mut self, count: u64) -> Result<Vec<bool>, Stop> {
        let bytes = self.take(count.div_ceil(8))?;
        let bits = bytes
            .iter()
            .flat_map(|byte| (0..8).map(move |at| byte & 0x80 >> at != 0));
        Ok(bits.take(usize::try_from(count).unwrap_or_default()).collect())
    }

    /// Skips a list of digests and says which of `count` are there: a bit for each, or one byte for all.
    fn digests(&mut self, count: u64) -> Result<Vec<bool>, Stop> {
        let present = match self.byte()? {
            0 => self.bits(count)?,
            _ if count > self.0.len() as u64 => return Err(Stop::Damaged),
            _ => vec![true; usize::try_from(count).unwrap_or_default()],
        };
        let those = present.iter().filter(|present| **present).count() as u64;
        self.take(those.checked_mul(4).ok_or(Stop::Damaged)?)?;
        Ok(present)
    }

    /// The whole header behind its mark. Damage behind the streams is kept in it: they tell most.
    pub(super) fn header(&mut self, budget: &Budget) -> Result<Header, Stop> {
        let mut header = Header::default();
        loop {
            match self.number()? {
                mark::ARCHIVE_PROPERTIES => {
                    while self.number()? != mark::END {
                        let len = self.number()?;
                        self.take(len)?;
                    }
                }
                mark::MAIN_STREAMS => header.streams = self.streams(budget)?,
                mark::FILES => {
                    header.stopped = self.files(budget, &mut header.files).err();
                    return Ok(header);
                }
                _ => return Ok(header),
            }
        }
    }

    pub(super) fn streams(&mut self, budget: &Budget) -> Result<Streams, Stop> {
        let mut streams = Streams::default();
        let mut digests = Vec::new();
        loop {
            match self.number()? {
                mark::PACK => streams.packed = self.packed(budget)?,
                mark::UNPACK => (streams.folders, digests) = self.folders(budget)?,
                mark::SUBSTREAMS => streams.sizes = self.substreams(&streams.folders, &digests, budget)?,
                mark::END => break,
                _ => return Err(Stop::Damaged),
            }
        }
        if streams.sizes.is_empty() {
            streams.sizes = streams.folders.iter().map(|folder| vec![folder.size()]).collect();
        }
        Ok(streams)
    }

    fn packed(&mut self, budget: &Budget) -> Result<Vec<Packed>, Stop> {
        let mut offset = self.number()?;
        let count = self.count()?;
        let mut packed = Vec::new();
        loop {
            match self.number()? {
                mark::END => return Ok(packed),
                mark::SIZE => {
                    for _ in 0..count {
                        budget.spend_entry()?;
                        let size = self.number()?;
                        packed.push(Packed { offset, size });
                        offset = offset.checked_add(size).ok_or(Stop::Damaged)?;
                    }
                }
                mark::DIGESTS => drop(self.digests(count)?),
                _ => return Err(Stop::Damaged),
            }
        }
    }

    /// The folders, and which of them have a digest of their own.
    fn folders(&mut self, budget: &Budget) -> Result<(Vec<Folder>, Vec<bool>), Stop> {
        if self.number()? != mark::FOLDER {
            return Err(Stop::Damaged);
        }
        let count = self.count()?;
        if self.byte()? != 0 {
            // Folders described elsewhere are not made by any program.
            return Err(Stop::Damaged);
        }
        let mut folders = Vec::new();
        let mut first_packed = 0;
        for _ in 0..count {
            budget.spend_entry()?;
            let mut folder = self.folder()?;
            folder.first_packed = first_packed;
            first_packed += folder.packed.len();
            folders.push(folder);
        }
        if self.number()? != mark::UNPACK_SIZE {
            return Err(Stop::Damaged);
        }
        for folder in &mut folders {
            for _ in 0..folder.outputs() {
                folder.sizes.push(self.number()?);
            }
        }
        let mut digests = Vec::new();
        loop {
            match self.number()? {
                mark::DIGESTS => digests = self.digests(count)?,
                mark::END => return Ok((folders, digests)),
                _ => return Err(Stop::Damaged),
            }
        }
    }

    fn folder(&mut self) -> Result<Folder, Stop> {
        let count = self.few()?;
        let mut folder = Folder::default();
        let mut inputs = 0;
        for _ in 0..count {
            let flags = self.byte()?;
            let id = self.take(u64::from(flags & 0x0F))?.to_vec();
            let (ins, outs) = if flags & 0x10 == 0 {
                (1, 1)
            } else {
                (self.few()?, self.few()?)
            };
            let properties = if flags & 0x20 == 0 {
                Vec::new()
            } else {
                let len = self.number()?;
                self.take(len)?.to_vec()
            };
            folder.coders.push(Coder {
                id,
                properties,
                first_input: inputs,
                inputs: ins,
                outputs: outs,
            });
            inputs += ins;
        }
        let bonds = folder.outputs().checked_sub(1).ok_or(Stop::Damaged)?;
        for _ in 0..bonds {
            folder.bonds.push((self.number()?, self.number()?));
        }
        match inputs.checked_sub(bonds).ok_or(Stop::Damaged)? {
            1 => {
                let is_free = |input: &u64| folder.bonds.iter().all(|(bound, _)| bound != input);
                let free = (0..inputs).find(is_free).ok_or(Stop::Damaged)?;
                folder.packed.push(free);
            }
            several => {
                for _ in 0..several {
                    folder.packed.push(self.number()?);
                }
            }
        }
        Ok(folder)
    }

    /// The sizes of the files that each folder unpacks to.
    fn substreams(&mut self, folders: &[Folder], digests: &[bool], budget: &Budget) -> Result<Vec<Vec<u64>>, Stop> {
        let mut counts = vec![1; folders.len()];
        let mut mark = self.number()?;
        if mark == mark::SUBSTREAM_COUNT {
            for count in &mut counts {
                *count = self.number()?;
            }
            mark = self.number()?;
        }
        let has_sizes = mark == mark::SIZE;
        let mut sizes = Vec::new();
        let mut unknown = 0;
        for (index, (folder, count)) in folders.iter().zip(counts).enumerate() {
            let mut own = Vec::new();
            let mut left = folder.size();
            for at in 0..count {
                budget.spend_entry()?;
                let size = if at + 1 == count {
                    left
                } else if has_sizes {
                    self.number()?
                } else {
                    return Err(Stop::Damaged);
                };
                left = left.checked_sub(size).ok_or(Stop::Damaged)?;
                own.push(size);
            }
            if count != 1 || !digests.get(index).copied().unwrap_or_default() {
                unknown += count;
            }
            sizes.push(own);
        }
        if has_sizes {
            mark = self.number()?;
        }
        while mark != mark::END {
            if mark != mark::DIGESTS {
                return Err(Stop::Damaged);
            }
            self.digests(unknown)?;
            mark = self.number()?;
        }
        Ok(sizes)
    }

    fn files(&mut self, budget: &Budget, files: &mut Vec<File>) -> Result<(), Stop> {
        let count = self.count()?;
        let mut without = Vec::new();
        loop {
            let mark = self.number()?;
            if mark == mark::END {
                return Ok(());
            }
            let len = self.number()?;
            let mut property = Fields(self.take(len)?);
            match mark {
                mark::NO_CONTENT => without = property.bits(count)?,
                mark::NAMES if property.byte()? == 0 => {
                    for index in 0..usize::try_from(count).unwrap_or_default() {
                        budget.check_time()?;
                        files.push(File {
                            name: property.name()?,
                            has_content: !without.get(index).copied().unwrap_or_default(),
                        });
                    }
                }
                _ => {}
            }
        }
    }

    /// A name of 16-bit characters, up to a zero.
    fn name(&mut self) -> Result<String, Stop> {
        let pairs = self.0.chunks_exact(2);
        let end = pairs.clone().position(|pair| pair == [0, 0]).ok_or(Stop::Damaged)?;
        let characters = pairs
            .take(end.min(MAX_NAME))
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let name = char::decode_utf16(characters)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        self.0 = &self.0[2 * end + 2..];
        Ok(name)
    }
}

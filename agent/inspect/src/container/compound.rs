//! Microsoft compound files: a small file system in a file, with a table of chained sectors.

use std::io::{self, Read};

use crate::source::{Budget, ReadAt, Source, Stop, u16_at, u32_at, u64_at};

const HEADER: usize = 512;
const ENTRY: usize = 128;
/// Sectors of the allocation table that the header itself names.
const HEADER_TABLE: usize = 109;
/// The longest chain that is kept: 512 MiB of directory or short streams.
const MAX_CHAIN: usize = 1 << 20;
/// The largest number that is a sector; above it are marks such as "end of chain".
const LAST_SECTOR: u32 = 0xFFFF_FFFA;
const NO_ENTRY: u32 = 0xFFFF_FFFF;

const STORAGE: u8 = 1;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// A stream or storage.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    class: [u8; 16],
    pub(crate) size: u64,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
}

impl Entry {
    fn is_stream(&self) -> bool {
        self.kind == STREAM
    }
}

/// An opened compound file: where its parts lie. Bytes stay in the [`Source`].
#[derive(Debug)]
pub(crate) struct Compound {
    sector_shift: u32,
    mini_shift: u32,
    mini_cutoff: u64,
    /// The sectors of the allocation table.
    table: Vec<u32>,
    /// The sectors of the allocation table of the mini stream.
    mini_table: Vec<u32>,
    /// The sectors of the mini stream, which holds all short streams.
    mini_stream: Vec<u32>,
    entries: Vec<Entry>,
}

impl Compound {
    /// Reads the header, the allocation tables and the directory.
    pub(crate) fn open(source: &mut Source<'_>) -> Result<Self, Stop> {
        let header: [u8; HEADER] = source.array(0)?;
        let is_long = u16_at(&header, 26)? >= 4;
        let sector_shift = u32::from(u16_at(&header, 30)?);
        let mini_shift = u32::from(u16_at(&header, 32)?);
        if !(7..=16).contains(&sector_shift) || !(4..sector_shift).contains(&mini_shift) {
            return Err(Stop::Damaged);
        }
        let mut file = Self {
            sector_shift,
            mini_shift,
            mini_cutoff: u32_at(&header, 56)?.into(),
            table: Vec::new(),
            mini_table: Vec::new(),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        file.read_table(source, &header)?;
        file.read_directory(source, u32_at(&header, 48)?, is_long)?;
        file.mini_table = file.chain(source, u32_at(&header, 60)?)?;
        let root = file.entries.first().filter(|entry| entry.kind == ROOT);
        let start = root.ok_or(Stop::Damaged)?.start;
        file.mini_stream = file.chain(source, start)?;
        Ok(file)
    }

    /// The root storage.
    pub(crate) fn root(&self) -> Storage<'_> {
        Storage {
            file: self,
            entry: &self.entries[0],
        }
    }

    /// The entries of a storage. Each entry is given once, whatever loops the links make.
    fn children(&self, storage: &Entry) -> impl Iterator<Item = &Entry> + use<'_> {
        let mut seen = vec![false; self.entries.len()];
        let mut open = if matches!(storage.kind, STORAGE | ROOT) {
            vec![storage.child]
        } else {
            Vec::new()
        };
        std::iter::from_fn(move || {
            while let Some(index) = open.pop() {
                let slot = usize::try_from(index).ok().filter(|_| index != NO_ENTRY);
                let Some((entry, seen)) = slot.and_then(|slot| Some((self.entries.get(slot)?, seen.get_mut(slot)?)))
                else {
                    continue;
                };
                if !std::mem::replace(seen, true) {
                    open.extend([entry.left, entry.right]);
                    return Some(entry);
                }
            }
            None
        })
    }

    fn offset(&self, sector: u32) -> Result<u64, Stop> {
        if sector > LAST_SECTOR {
            return Err(Stop::Damaged);
        }
        Ok((u64::from(sector) + 1) << self.sector_shift)
    }

    fn mini_offset(&self, sector: u32) -> Result<u64, Stop> {
        let position = u64::from(sector) << self.mini_shift;
        let index = usize::try_from(position >> self.sector_shift).map_err(|_| Stop::Damaged)?;
        let within = position & ((1 << self.sector_shift) - 1);
        Ok(self.offset(*self.mini_stream.get(index).ok_or(Stop::Damaged)?)? + within)
    }

    fn next(&self, source: &mut Source<'_>, sector: u32) -> Result<u32, Stop> {
        self.look_up(source, &self.table, sector)
    }

    fn mini_next(&self, source: &mut Source<'_>, sector: u32) -> Result<u32, Stop> {
        self.look_up(source, &self.mini_table, sector)
    }

    fn look_up(&self, source: &mut Source<'_>, table: &[u32], sector: u32) -> Result<u32, Stop> {
        let per_sector = 1 << (self.sector_shift - 2);
        let index = usize::try_from(sector / per_sector).map_err(|_| Stop::Damaged)?;
        let base = self.offset(*table.get(index).ok_or(Stop::Damaged)?)?;
        Ok(u32::from_le_bytes(
            source.array(base + u64::from(sector % per_sector) * 4)?,
        ))
    }

    /// More sectors than this cannot be in the file: a longer chain has a loop.
    fn sector_count(&self, source: &Source<'_>) -> usize {
        usize::try_from(source.len() >> self.sector_shift).map_or(MAX_CHAIN, |count| count.min(MAX_CHAIN))
    }

    fn chain(&self, source: &mut Source<'_>, start: u32) -> Result<Vec<u32>, Stop> {
        let most = self.sector_count(source);
        let mut sectors = Vec::new();
        let mut sector = start;
        while sector <= LAST_SECTOR {
            if sectors.len() > most {
                return Err(Stop::Damaged);
            }
            sectors.push(sector);
            // A chain that leads out of the table ends there; what was reached can still be read.
            match self.next(source, sector) {
                Ok(next) => sector = next,
                Err(Stop::Damaged) => break,
                Err(stop) => return Err(stop),
            }
        }
        Ok(sectors)
    }

    /// Collects the sectors of the allocation table: some in the header, the rest in a chain of their own.
    fn read_table(&mut self, source: &mut Source<'_>, header: &[u8]) -> Result<(), Stop> {
        let per_sector = 1_usize << (self.sector_shift - 2);
        let sectors = usize::try_from(source.len() >> self.sector_shift).unwrap_or(usize::MAX);
        let most = (sectors / per_sector + 1).min(MAX_CHAIN);
        let count = u32_at(header, 44)
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX))?
            .min(most);
        for index in 0..count.min(HEADER_TABLE) {
            self.table.push(u32_at(header, 76 + index * 4)?);
        }
        let mut sector = u32_at(header, 68)?;
        while self.table.len() < count && sector <= LAST_SECTOR {
            source.budget().check_time()?;
            let bytes = source.bytes(self.offset(sector)?, 1 << self.sector_shift)?;
            for index in 0..per_sector - 1 {
                if self.table.len() == count {
                    return Ok(());
                }
                self.table.push(u32_at(&bytes, index * 4)?);
            }
            sector = u32_at(&bytes, (per_sector - 1) * 4)?;
        }
        Ok(())
    }

    fn read_directory(&mut self, source: &mut Source<'_>, start: u32, is_long: bool) -> Result<(), Stop> {
        for sector in self.chain(source, start)? {
            let bytes = source.bytes(self.offset(sector)?, 1 << self.sector_shift)?;
            for raw in bytes.chunks_exact(ENTRY) {
                source.budget().spend_entry()?;
                self.entries.push(entry(raw, is_long)?);
            }
        }
        Ok(())
    }
}

/// A storage: the folder of the small file system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storage<'c> {
    file: &'c Compound,
    entry: &'c Entry,
}

impl<'c> Storage<'c> {
    pub(crate) fn class(self) -> [u8; 16] {
        self.entry.class
    }

    pub(crate) fn entries(self) -> impl Iterator<Item = &'c Entry> {
        self.file.children(self.entry)
    }

    /// The storages in this one, with their names.
    pub(crate) fn storages(self) -> impl Iterator<Item = (&'c str, Self)> {
        let storages = self.entries().filter(|entry| entry.kind == STORAGE);
        storages.map(move |entry| {
            let file = self.file;
            (entry.name.as_str(), Self { file, entry })
        })
    }

    pub(crate) fn storage(self, name: &str) -> Option<Self> {
        let found = self.storages().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, storage)| storage)
    }

    /// The stream of this name in this storage.
    pub(crate) fn stream(self, name: &str) -> Option<&'c Entry> {
        self.entries()
            .find(|entry| entry.is_stream() && entry.name.eq_ignore_ascii_case(name))
    }

    /// Opens a stream of this storage.
    pub(crate) fn open<'s, 'a>(self, source: &'s mut Source<'a>, entry: &Entry) -> Stream<'s, 'a>
    where
        'c: 's,
    {
        Stream::new(self.file, source, entry)
    }

    /// Opens a stream that must be there.
    pub(crate) fn open_named<'s, 'a>(self, source: &'s mut Source<'a>, name: &str) -> Result<Stream<'s, 'a>, Stop>
    where
        'c: 's,
    {
        Ok(self.open(source, self.stream(name).ok_or(Stop::Damaged)?))
    }

    /// The first `max` bytes of a stream.
    pub(crate) fn read(self, source: &mut Source<'_>, entry: &Entry, max: usize) -> Result<Vec<u8>, Stop> {
        let mut stream = self.open(source, entry);
        let len = usize::try_from(stream.len()).map_or(max, |len| len.min(max));
        stream.exact(0, len)
    }
}

/// A stream, read at any position. Where its sectors lie is looked up as far as it is read.
#[derive(Debug)]
pub(crate) struct Stream<'s, 'a> {
    file: &'s Compound,
    source: &'s mut Source<'a>,
    is_short: bool,
    sectors: Vec<u32>,
    len: u64,
    position: u64,
}

impl<'s, 'a> Stream<'s, 'a> {
    fn new(file: &'s Compound, source: &'s mut Source<'a>, entry: &Entry) -> Self {
        Self {
            file,
            source,
            is_short: entry.size < file.mini_cutoff && entry.is_stream(),
            sectors: vec![entry.start],
            len: entry.size,
            position: 0,
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn budget(&self) -> &'a Budget {
        self.source.budget()
    }

    /// Goes to where the next read begins.
    pub(crate) fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// Exactly `len` bytes at `offset`. Room is taken only for what is there.
    pub(crate) fn exact(&mut self, offset: u64, len: usize) -> Result<Vec<u8>, Stop> {
        self.seek(offset);
        let mut out = Vec::new();
        self.by_ref().take(len as u64).read_to_end(&mut out)?;
        if out.len() == len { Ok(out) } else { Err(Stop::Damaged) }
    }

    /// The `N` bytes at the position.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn shift(&self) -> u32 {
        if self.is_short {
            self.file.mini_shift
        } else {
            self.file.sector_shift
        }
    }

    /// The sector of that number in the stream. A chain longer than the file has a loop.
    fn sector(&mut self, index: usize) -> Result<u32, Stop> {
        let unit = self.shift();
        let most = self.source.len() >> unit;
        if index as u64 > most || index >= MAX_CHAIN << (self.file.sector_shift - unit) {
            return Err(Stop::Damaged);
        }
        while let (len, Some(last)) = (self.sectors.len(), self.sectors.last().copied())
            && len <= index
        {
            let next = if self.is_short {
                self.file.mini_next(self.source, last)?
            } else {
                self.file.next(self.source, last)?
            };
            self.sectors.push(next);
        }
        self.sectors.get(index).copied().ok_or(Stop::Damaged)
    }

    fn read_in_sector(&mut self, position: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let shift = self.shift();
        let index = usize::try_from(position >> shift).map_err(|_| Stop::Damaged)?;
        let sector = self.sector(index)?;
        let within = position & ((1 << shift) - 1);
        let start = if self.is_short {
            self.file.mini_offset(sector)?
        } else {
            self.file.offset(sector)?
        };
        let left = ((1 << shift) - within).min(self.len - position);
        let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        match self.source.read_at(start + within, &mut buffer[..len])? {
            0 => Err(Stop::Damaged),
            count => Ok(count),
        }
    }
}

impl ReadAt for Stream<'_, '_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let mut done = 0;
        while done < buffer.len() {
            let position = offset.saturating_add(done as u64);
            if position >= self.len {
                break;
            }
            match self.read_in_sector(position, &mut buffer[done..]) {
                Ok(count) => done += count,
                Err(Stop::Damaged) if done > 0 => break,
                Err(stop) => return Err(stop),
            }
        }
        Ok(done)
    }
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(self.position, buffer).map_err(io::Error::other)?;
        self.position += count as u64;
        Ok(count)
    }
}

fn entry(raw: &[u8], is_long: bool) -> Result<Entry, Stop> {
    let name_len = usize::from(u16_at(raw, 64)?).saturating_sub(2).min(62);
    let units = raw[..name_len]
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let size = u64_at(raw, 120)?;
    let mut class = [0; 16];
    class.copy_from_slice(&raw[80..96]);
    Ok(Entry {
        name: char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        class,
        // Short-sector files may have rubbish in the upper half.
        size: if is_long { size } else { size & 0xFFFF_FFFF },
        kind: raw[66],
        left: u32_at(raw, 68)?,
        right: u32_at(raw, 72)?,
        child: u32_at(raw, 76)?,
        start: u32_at(raw, 116)?,
    })
}

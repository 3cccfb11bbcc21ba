//! Microsoft compound files: a small file system in a file, with a table of chained sectors.

use crate::source::{Source, Stop, u16_at, u32_at, u64_at};

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
    pub(crate) class: [u8; 16],
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
    pub(crate) fn root(&self) -> &Entry {
        &self.entries[0]
    }

    /// The stream of this name in the root storage.
    pub(crate) fn stream(&self, name: &str) -> Option<&Entry> {
        self.children(self.root())
            .find(|entry| entry.is_stream() && entry.name.eq_ignore_ascii_case(name))
    }

    /// Everything in the root storage.
    pub(crate) fn top(&self) -> impl Iterator<Item = &Entry> {
        self.children(self.root())
    }

    /// The entries of a storage. Each entry is given once, whatever loops the links make.
    fn children(&self, storage: &Entry) -> impl Iterator<Item = &Entry> {
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

    /// The first `max` bytes of a stream.
    pub(crate) fn read(&self, source: &mut Source<'_>, entry: &Entry, max: usize) -> Result<Vec<u8>, Stop> {
        let len = usize::try_from(entry.size).map_or(max, |size| size.min(max));
        let is_short = entry.size < self.mini_cutoff && entry.is_stream();
        let shift = if is_short { self.mini_shift } else { self.sector_shift };
        let mut out = Vec::new();
        let mut sector = entry.start;
        while out.len() < len {
            source.budget().check_time()?;
            let count = (len - out.len()).min(1 << shift);
            let (offset, next) = if is_short {
                (self.mini_offset(sector)?, self.mini_next(source, sector)?)
            } else {
                (self.offset(sector)?, self.next(source, sector)?)
            };
            let bytes = source.bytes(offset, count)?;
            if bytes.is_empty() {
                return Err(Stop::Damaged);
            }
            out.extend(bytes);
            sector = next;
        }
        Ok(out)
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

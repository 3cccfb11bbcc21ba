//! Pages of an Access database: decoded, and divided into rows.

use encoding_rs::{Encoding, UTF_16LE};

use super::{Index, value};
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::{codepage, crypto};

/// Where in the first page its scrambled part begins, and the key of that.
const SCRAMBLED: usize = 0x18;
const SCRAMBLED_LEN: usize = 126;
const KEY: [u8; 4] = [0xC7, 0xDA, 0x39, 0x6B];
/// Within it: the codepage, and the key of all other pages.
const CODEPAGE: usize = 0x3C;
const PAGE_KEY: usize = 0x3E;

/// The first byte of a page with rows.
const ROWS: u8 = 1;
/// Pages of one database, which cannot be larger than 2 GiB.
const MAX_PAGES: u64 = 1 << 20;
/// What the start of a row is within its page, and what is said of the row besides.
const OFFSET: u16 = 0x1FFF;
const ELSEWHERE: u16 = 0x4000;
const DELETED: u16 = 0x8000;

/// An opened database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages {
    /// Access 97 and older.
    pub(super) is_old: bool,
    /// How old databases write text.
    encoding: &'static Encoding,
    key: [u8; 4],
}

/// A row that a page holds, or where it lies since it became too long.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'p> {
    Here(&'p [u8]),
    Elsewhere(u32),
    Deleted,
}

impl Pages {
    /// Reads the first page; `None` when the others are encrypted.
    pub(super) fn open(source: &mut Source<'_>) -> Result<Option<Self>, Stop> {
        let head: [u8; SCRAMBLED + SCRAMBLED_LEN] = source.array(0)?;
        let plain = crypto::rc4(&KEY, &head[SCRAMBLED..]).ok_or(Stop::Damaged)?;
        let key = u32_at(&plain, PAGE_KEY - SCRAMBLED)?.to_le_bytes();
        let version = head[0x14];
        // Up to Access 2003 the key of the pages is here; from Access 2007 on a password is needed besides.
        if version >= 2 && key != [0; 4] {
            return Ok(None);
        }
        Ok(Some(Self {
            is_old: version == 0,
            encoding: codepage::by_number(u16_at(&plain, CODEPAGE - SCRAMBLED)?.into()),
            key,
        }))
    }

    fn size(self) -> usize {
        if self.is_old { 2048 } else { 4096 }
    }

    /// A page, decoded.
    pub(super) fn page(self, source: &mut Source<'_>, number: u32) -> Result<Vec<u8>, Stop> {
        self.start(source, number, self.size())
    }

    /// The first bytes of a page.
    fn start(self, source: &mut Source<'_>, number: u32, len: usize) -> Result<Vec<u8>, Stop> {
        source.budget().check_time()?;
        let bytes = source.exact(u64::from(number) * self.size() as u64, len)?;
        if self.key == [0; 4] || number == 0 {
            return Ok(bytes);
        }
        let key = u32::from_le_bytes(self.key) ^ number;
        crypto::rc4(&key.to_le_bytes(), &bytes).ok_or(Stop::Damaged)
    }

    /// The pages with rows of all tables.
    pub(super) fn index(self, source: &mut Source<'_>) -> Result<Index, Stop> {
        let count = (source.len() / self.size() as u64).min(MAX_PAGES);
        let mut index = Vec::new();
        for number in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            let start = self.start(source, number, 8)?;
            if start[0] == ROWS {
                index.push((u32_at(&start, 4)?, number));
            }
        }
        index.sort_unstable();
        Ok(index)
    }

    /// How many rows a page has had.
    pub(super) fn count(self, page: &[u8]) -> Result<usize, Stop> {
        // No page has room for more.
        Ok(usize::from(u16_at(page, self.count_offset())?).min(self.size() / 2))
    }

    /// A row of a page.
    pub(super) fn row_on(self, page: &[u8], number: usize) -> Result<Row<'_>, Stop> {
        let (offset, row) = self.row_of(page, number)?;
        Ok(if offset & DELETED != 0 {
            Row::Deleted
        } else if offset & ELSEWHERE != 0 {
            Row::Elsewhere(u32_at(row, 0)?)
        } else {
            Row::Here(row)
        })
    }

    /// The row at a place: the number of a page, and in the lowest byte that of a row.
    pub(super) fn row(self, source: &mut Source<'_>, place: u32) -> Result<Vec<u8>, Stop> {
        let page = self.page(source, place >> 8)?;
        if page.first() != Some(&ROWS) {
            return Err(Stop::Damaged);
        }
        let (_, row) = self.row_of(&page, usize::try_from(place & 0xFF).unwrap_or_default())?;
        Ok(row.to_vec())
    }

    fn count_offset(self) -> usize {
        if self.is_old { 8 } else { 12 }
    }

    /// A row with what is said of it. Rows are written from the end of the page on.
    fn row_of(self, page: &[u8], number: usize) -> Result<(u16, &[u8]), Stop> {
        let offsets = self.count_offset() + 2;
        let offset = u16_at(page, offsets + 2 * number)?;
        let end = match number {
            0 => page.len(),
            _ => usize::from(u16_at(page, offsets + 2 * (number - 1))? & OFFSET),
        };
        let row = page.get(usize::from(offset & OFFSET)..end).ok_or(Stop::Damaged)?;
        Ok((offset, row))
    }

    /// The text of a value or a name.
    pub(super) fn text(self, bytes: &[u8]) -> String {
        if self.is_old {
            codepage::zero_ended(bytes, self.encoding)
        } else {
            codepage::zero_ended(&value::wide(bytes), UTF_16LE)
        }
    }
}

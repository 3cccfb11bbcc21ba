//! `SQLite` databases: the rows of all tables, page by page (<https://www.sqlite.org/fileformat2.html>).
//!
//! Rows lie in leaf pages of type 13 wherever they are in the file, so that no tree has to be followed. Pages on the free
//! list are passed over: what is on them was deleted. Tables without row numbers lie in index pages, which are not read.

use crate::encoding::{self, Encoding};
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};

/// The header of the file, at the start of the first page.
const HEADER: usize = 100;
const LEAF_OF_TABLE: u8 = 13;
/// Bytes of one row that are read.
const MAX_ROW: usize = 1 << 20;
/// Pages on the free list that are passed over.
const MAX_FREE: usize = 1 << 20;

/// Reads the values of all rows.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::SQLITE;
    let header: [u8; HEADER] = source.array(0)?;
    let database = Database::of(&header)?;
    let free = database.free_pages(source, &header)?;
    found.text.part(Part::Body);
    for number in 1..=source.len() / database.page_size as u64 {
        source.budget().check_time()?;
        if free.binary_search(&number).is_err() {
            let result = database.read_page(source, number, found);
            found.tolerate(result)?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug)]
struct Database {
    page_size: usize,
    /// Bytes of a page that are not kept for extensions.
    usable: usize,
    encoding: Encoding,
}

impl Database {
    fn of(header: &[u8; HEADER]) -> Result<Self, Stop> {
        let page_size = match u16_be(header, 16)? {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page_size.saturating_sub(usize::from(header[20]));
        if !page_size.is_power_of_two() || usable < 480 {
            return Err(Stop::Damaged);
        }
        Ok(Self {
            page_size,
            usable,
            encoding: match u32_be(header, 56)? {
                2 => Encoding::Utf16Le,
                3 => Encoding::Utf16Be,
                _ => Encoding::Utf8,
            },
        })
    }

    fn offset_of(self, page: u64) -> u64 {
        page.saturating_sub(1).saturating_mul(self.page_size as u64)
    }

    /// The pages on the free list, in order: each trunk names the next one and its leaves.
    fn free_pages(self, source: &mut Source<'_>, header: &[u8; HEADER]) -> Result<Vec<u64>, Stop> {
        let mut free = Vec::new();
        let mut trunk = u64::from(u32_be(header, 32)?);
        while trunk != 0 && free.len() < MAX_FREE {
            source.budget().check_time()?;
            let page = source.bytes(self.offset_of(trunk), self.page_size)?;
            let count = u32_be(&page, 4)? as usize;
            free.push(trunk);
            for leaf in page.get(8..).unwrap_or_default().chunks_exact(4).take(count) {
                free.push(u32_be(leaf, 0)?.into());
            }
            trunk = u32_be(&page, 0)?.into();
        }
        free.sort_unstable();
        Ok(free)
    }

    fn read_page(self, source: &mut Source<'_>, number: u64, found: &mut Found) -> Result<(), Stop> {
        let page = source.bytes(self.offset_of(number), self.page_size)?;
        let start = if number == 1 { HEADER } else { 0 };
        if page.get(start) != Some(&LEAF_OF_TABLE) {
            return Ok(());
        }
        let count = usize::from(u16_be(&page, start + 3)?);
        for index in 0..count {
            let cell = usize::from(u16_be(&page, start + 8 + 2 * index)?);
            let row = self.row(source, page.get(cell..).ok_or(Stop::Damaged)?)?;
            self.push(&row, found)?;
        }
        Ok(())
    }

    /// The bytes of a row, of which the end may lie in pages of its own.
    fn row(self, source: &mut Source<'_>, cell: &[u8]) -> Result<Vec<u8>, Stop> {
        let mut fields = Fields(cell);
        let size = usize::try_from(fields.number()?).map_err(|_| Stop::Damaged)?;
        let _row_number = fields.number()?;
        let local = self.local_size(size);
        let mut row = fields.take(local)?.to_vec();
        if local == size {
            return Ok(row);
        }
        let wanted = size.min(MAX_ROW);
        let mut next = u64::from(u32_be(fields.take(4)?, 0)?);
        while row.len() < wanted && next != 0 {
            let page = source.bytes(self.offset_of(next), self.usable)?;
            let len = (wanted - row.len()).min(self.usable - 4);
            row.extend_from_slice(page.get(4..4 + len).ok_or(Stop::Damaged)?);
            next = u32_be(&page, 0)?.into();
        }
        Ok(row)
    }

    /// How much of a row of `size` bytes lies in its own page (section 1.6 of the format).
    fn local_size(self, size: usize) -> usize {
        let most = self.usable - 35;
        if size <= most {
            return size;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let local = least + (size - least) % (self.usable - 4);
        if local <= most { local } else { least }
    }

    /// Takes the texts and whole numbers of a row: a header of types, then the values.
    fn push(self, row: &[u8], found: &mut Found) -> Result<(), Stop> {
        let mut header = Fields(row);
        let header_size = usize::try_from(header.number()?).map_err(|_| Stop::Damaged)?;
        let mut types = Fields(row.get(row.len() - header.0.len()..header_size).ok_or(Stop::Damaged)?);
        let mut values = Fields(row.get(header_size..).ok_or(Stop::Damaged)?);
        while !types.0.is_empty() {
            let kind = types.number()?;
            let size = size_of(kind);
            // A row may be cut.
            let size = usize::try_from(size).map_err(|_| Stop::Damaged)?.min(values.0.len());
            let value = values.take(size)?;
            match kind {
                1..=6 => found.text.push(&whole(value).to_string())?,
                13.. if kind % 2 == 1 => found.text.push(&encoding::decode(value, self.encoding))?,
                _ => {}
            }
            found.text.gap(Gap::Cell);
        }
        found.text.gap(Gap::Paragraph);
        Ok(())
    }
}

/// The bytes that a value of a type takes (section 2.1 of the format).
fn size_of(kind: u64) -> u64 {
    match kind {
        0 | 8..=11 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        _ => (kind - 12) / 2,
    }
}

/// A whole number, highest byte first, with its sign.
fn whole(bytes: &[u8]) -> i64 {
    let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        -1
    } else {
        0
    };
    bytes.iter().fold(start, |value, byte| value << 8 | i64::from(*byte))
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// A number of seven bits a byte, highest first; a ninth byte counts whole.
    fn number(&mut self) -> Result<u64, Stop> {
        let mut value = 0_u64;
        for index in 0..9 {
            let (byte, rest) = self.0.split_first().ok_or(Stop::Damaged)?;
            self.0 = rest;
            if index == 8 {
                return Ok(value << 8 | u64::from(*byte));
            }
            value = value << 7 | u64::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(value)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Stop::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn u16_be(bytes: &[u8], offset: usize) -> Result<u16, Stop> {
    let bytes = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| u16::from_be_bytes(*bytes)).ok_or(Stop::Damaged)
}

fn u32_be(bytes: &[u8], offset: usize) -> Result<u32, Stop> {
    let bytes = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| u32::from_be_bytes(*bytes)).ok_or(Stop::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_up_to_nine_bytes() {
        assert_eq!(Fields(&[0x7F]).number(), Ok(127));
        assert_eq!(Fields(&[0x81, 0]).number(), Ok(128));
        assert_eq!(Fields(&[0xFF; 9]).number(), Ok(u64::MAX));
        assert_eq!(Fields(&[0x80]).number(), Err(Stop::Damaged));
        assert_eq!(whole(&[0xFF, 0xFE]), -2);
        assert_eq!(whole(&[0x03, 0x36, 0x95, 0xDB, 0x40]), 13_800_692_544);
    }

    #[test]
    fn long_rows_go_on_in_pages_of_their_own() {
        let database = Database {
            page_size: 4096,
            usable: 4096,
            encoding: Encoding::Utf8,
        };
        assert_eq!(database.local_size(4061), 4061);
        assert_eq!(database.local_size(4062), 489);
        assert_eq!(database.local_size(4581), 489);
        assert_eq!(database.local_size(4600), 508);
    }
}

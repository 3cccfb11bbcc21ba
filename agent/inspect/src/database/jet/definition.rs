//! The definition of a table: its columns, and where in a row their values stand.

use super::pages::Pages;
use crate::source::{Source, Stop, u16_at, u32_at};

/// The first byte of a page of a definition.
const DEFINITION: u8 = 2;
/// Pages of one definition, and columns of one table.
const MAX_PAGES: usize = 64;
const MAX_COLUMNS: u16 = 1024;

/// A table, as far as its rows need it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) is_old: bool,
    pub(super) columns: Vec<Column>,
    pub(super) has_variable: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: u8,
    pub(super) number: usize,
    pub(super) place: Place,
    /// Digits behind the point of a decimal number.
    pub(super) scale: u8,
}

/// Where in a row a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Offset and length.
    Fixed(usize, usize),
    /// Which of the values without a length of their own.
    Variable(usize),
}

/// Where things stand in a definition.
struct Layout {
    variable_columns: usize,
    columns: usize,
    indexes: usize,
    head: usize,
    index_size: usize,
    column_size: usize,
    number: usize,
    variable: usize,
    flags: usize,
    fixed: usize,
    length: usize,
    scale: usize,
}

const OLD: Layout = Layout {
    variable_columns: 23,
    columns: 25,
    indexes: 31,
    head: 43,
    index_size: 8,
    column_size: 18,
    number: 1,
    variable: 3,
    flags: 13,
    fixed: 14,
    length: 16,
    scale: 10,
};

const CURRENT: Layout = Layout {
    variable_columns: 43,
    columns: 45,
    indexes: 51,
    head: 63,
    index_size: 12,
    column_size: 25,
    number: 5,
    variable: 7,
    flags: 15,
    fixed: 21,
    length: 23,
    scale: 12,
};

impl Table {
    /// Reads the definition that begins on that page.
    pub(super) fn read(pages: Pages, source: &mut Source<'_>, page: u32) -> Result<Self, Stop> {
        let mut bytes = Vec::new();
        let mut next = page;
        for _ in 0..MAX_PAGES {
            if next == 0 {
                break;
            }
            let page = pages.page(source, next)?;
            if page.first() != Some(&DEFINITION) {
                return Err(Stop::Damaged);
            }
            next = u32_at(&page, 4)?;
            let skip = if bytes.is_empty() { 0 } else { 8 };
            bytes.extend_from_slice(&page[skip..]);
        }
        Self::of(pages, &bytes)
    }

    fn of(pages: Pages, bytes: &[u8]) -> Result<Self, Stop> {
        let layout = if pages.is_old { &OLD } else { &CURRENT };
        let count = u16_at(bytes, layout.columns)?;
        let indexes = usize::try_from(u32_at(bytes, layout.indexes)?).map_err(|_| Stop::Damaged)?;
        if count > MAX_COLUMNS || indexes > bytes.len() {
            return Err(Stop::Damaged);
        }
        let start = layout.head + indexes * layout.index_size;
        let mut name_at = start + usize::from(count) * layout.column_size;
        let rows = bytes.get(start..name_at).ok_or(Stop::Damaged)?;
        let mut columns = Vec::new();
        for row in rows.chunks_exact(layout.column_size) {
            let (len, width) = if pages.is_old {
                (usize::from(*bytes.get(name_at).ok_or(Stop::Damaged)?), 1)
            } else {
                (usize::from(u16_at(bytes, name_at)?), 2)
            };
            let name = bytes.get(name_at + width..name_at + width + len).ok_or(Stop::Damaged)?;
            name_at += width + len;
            columns.push(layout.column(row, pages.text(name))?);
        }
        // What a person sees stands in the order of the numbers, mostly.
        columns.sort_by_key(|column| column.number);
        Ok(Self {
            is_old: pages.is_old,
            columns,
            has_variable: u16_at(bytes, layout.variable_columns)? > 0,
        })
    }
}

impl Layout {
    fn column(&self, row: &[u8], name: String) -> Result<Column, Stop> {
        const FIXED: u8 = 1;
        let is_fixed = row[self.flags] & FIXED != 0;
        let number = |offset| u16_at(row, offset).map(usize::from);
        Ok(Column {
            name,
            kind: row[0],
            number: number(self.number)?,
            place: if is_fixed {
                Place::Fixed(number(self.fixed)?, number(self.length)?)
            } else {
                Place::Variable(number(self.variable)?)
            },
            scale: row[self.scale],
        })
    }
}

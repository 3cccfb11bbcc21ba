//! A row: fixed values, the others, where those end, and which values are there at all.

use super::definition::{Column, Place, Table};
use super::pages::Pages;
use super::value;
use crate::found::Found;
use crate::source::{Source, Stop, u16_at};
use crate::text::Gap;

/// A row, taken apart.
#[derive(Debug)]
pub(super) struct Row<'r> {
    bytes: &'r [u8],
    /// Bytes of the count at its start.
    head: usize,
    /// A bit for each value that is there.
    present: &'r [u8],
    /// Where the values without a fixed place begin; the last one is where they end.
    starts: Vec<usize>,
}

impl Table {
    pub(super) fn row<'r>(&self, bytes: &'r [u8]) -> Result<Row<'r>, Stop> {
        let (count, head) = if self.is_old {
            (usize::from(*bytes.first().ok_or(Stop::Damaged)?), 1)
        } else {
            (usize::from(u16_at(bytes, 0)?), 2)
        };
        let end = bytes.len().checked_sub(count.div_ceil(8)).ok_or(Stop::Damaged)?;
        let (before, present) = bytes.split_at(end);
        let starts = match (self.has_variable, self.is_old) {
            (false, _) => Vec::new(),
            (true, true) => old_starts(before, bytes.len())?,
            (true, false) => starts(before)?,
        };
        Ok(Row {
            bytes,
            head,
            present,
            starts,
        })
    }

    /// Takes the values of a row.
    pub(super) fn push(
        &self,
        pages: Pages,
        source: &mut Source<'_>,
        row: &[u8],
        found: &mut Found,
    ) -> Result<(), Stop> {
        let row = self.row(row)?;
        for column in &self.columns {
            if let Some(bytes) = row.bytes(column) {
                let result = value::push(pages, source, column, bytes, found);
                found.tolerate(result)?;
            }
            found.text.gap(Gap::Cell);
        }
        found.text.gap(Gap::Paragraph);
        Ok(())
    }
}

impl<'r> Row<'r> {
    /// A value; `None` when there is none.
    pub(super) fn bytes(&self, column: &Column) -> Option<&'r [u8]> {
        let bit = self.present.get(column.number / 8)? >> (column.number % 8) & 1;
        if bit == 0 {
            return None;
        }
        match column.place {
            Place::Fixed(offset, len) => self.bytes.get(self.head + offset..)?.get(..len),
            Place::Variable(index) => {
                let (start, end) = (*self.starts.get(index)?, *self.starts.get(index + 1)?);
                self.bytes.get(start..end)
            }
        }
    }
}

/// Where values begin: numbers of two bytes, the first one last, behind them how many values there are.
fn starts(before: &[u8]) -> Result<Vec<usize>, Stop> {
    let at = before.len().checked_sub(2).ok_or(Stop::Damaged)?;
    let count = usize::from(u16_at(before, at)?);
    let table = at.checked_sub(2 * (count + 1)).ok_or(Stop::Damaged)?;
    let starts = before[table..at].rchunks_exact(2);
    Ok(starts
        .map(|start| usize::from(u16::from_le_bytes([start[0], start[1]])))
        .collect())
}

/// The same in one byte each. Values of a long row that begin in its next 256 bytes are told by a table of jumps.
fn old_starts(before: &[u8], row_len: usize) -> Result<Vec<usize>, Stop> {
    let at = before.len().checked_sub(1).ok_or(Stop::Damaged)?;
    let count = usize::from(before[at]);
    let mut jumps = row_len.saturating_sub(1) / 256;
    let last = at.checked_sub(jumps + 1).ok_or(Stop::Damaged)?;
    // The last jump may be none.
    if last.saturating_sub(count) / 256 < jumps {
        jumps -= 1;
    }
    let mut used = 0;
    let mut starts = Vec::new();
    for index in 0..=count {
        while used < jumps && usize::from(before[at - 1 - used]) == index {
            used += 1;
        }
        let start = last.checked_sub(index).ok_or(Stop::Damaged)?;
        starts.push(usize::from(before[start]) + 256 * used);
    }
    Ok(starts)
}

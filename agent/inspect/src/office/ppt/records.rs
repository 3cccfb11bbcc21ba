//! Records of a presentation: a head, then content or more records.

use super::MAX_ATOM;
use crate::container::compound::Stream;
use crate::source::{Stop, u16_at, u32_at};

const HEAD: u64 = 8;

/// Where a record lies in the stream, and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) id: u16,
    pub(super) instance: u16,
    pub(super) is_container: bool,
    /// Where its head begins.
    pub(super) begin: u64,
    /// Where its content begins.
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Record {
    /// The record at an offset; `None` at the end of the stream.
    pub(super) fn read(stream: &mut Stream<'_, '_>, at: u64) -> Result<Option<Self>, Stop> {
        let end = stream.len();
        Self::read_within(stream, at, end)
    }

    /// The record at an offset; `None` where no head fits before `end`. What would reach over it is cut.
    pub(super) fn read_within(stream: &mut Stream<'_, '_>, at: u64, end: u64) -> Result<Option<Self>, Stop> {
        stream.budget().check_time()?;
        let start = at.saturating_add(HEAD);
        if start > end.min(stream.len()) {
            return Ok(None);
        }
        stream.seek(at);
        let head: [u8; 8] = stream.array()?;
        let first = u16_at(&head, 0)?;
        let len = u64::from(u32_at(&head, 4)?);
        Ok(Some(Self {
            id: u16_at(&head, 2)?,
            instance: first >> 4,
            is_container: first & 0xF == 0xF,
            begin: at,
            start,
            end: (start + len).min(end),
        }))
    }
}

/// The content of a small record.
pub(super) fn atom(stream: &mut Stream<'_, '_>, record: &Record) -> Result<Vec<u8>, Stop> {
    let len = (record.end - record.start).min(MAX_ATOM);
    stream.exact(record.start, usize::try_from(len).unwrap_or_default())
}

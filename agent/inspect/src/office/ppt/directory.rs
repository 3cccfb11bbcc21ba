//! The directory of a presentation: where the valid objects lie, by the number that others name them with.

use std::collections::BTreeMap;

use super::records::Record;
use crate::container::compound::Stream;
use crate::source::{Stop, u32_at};

/// Objects that are kept.
const MAX_OBJECTS: usize = 64 << 10;
/// Times that a presentation was saved by appending.
const MAX_EDITS: usize = 1024;
/// The largest block of a directory.
const MAX_BLOCK: u64 = 1 << 20;

const EDIT: u16 = 0x0FF5;
const BLOCK: u16 = 0x1772;

/// Where the valid objects lie.
pub(super) struct Directory {
    /// Where the document itself lies.
    pub(super) document: u64,
    offsets: BTreeMap<u32, u32>,
}

impl Directory {
    /// Follows the edits from the last one, which begins at `edit`, to the first.
    pub(super) fn read(stream: &mut Stream<'_, '_>, mut edit: u64) -> Result<Self, Stop> {
        let mut offsets = BTreeMap::new();
        let mut document = None;
        for _ in 0..MAX_EDITS {
            let record = Record::read(stream, edit)?.filter(|record| record.id == EDIT);
            let record = record.ok_or(Stop::Damaged)?;
            let body = stream.exact(record.start, 20)?;
            document.get_or_insert(u32_at(&body, 16)?);
            read_block(stream, u32_at(&body, 12)?.into(), &mut offsets)?;
            match u64::from(u32_at(&body, 8)?) {
                before if before > 0 && before < edit => edit = before,
                _ => break,
            }
        }
        let document = document.and_then(|id| offsets.get(&id)).ok_or(Stop::Damaged)?;
        Ok(Self {
            document: (*document).into(),
            offsets,
        })
    }

    pub(super) fn offset(&self, object: u32) -> Option<u64> {
        self.offsets.get(&object).copied().map(u64::from)
    }

    pub(super) fn offsets(&self) -> impl Iterator<Item = u64> {
        self.offsets.values().copied().map(u64::from)
    }
}

/// Takes one block: runs of objects with numbers that follow each other. Later edits, read first, stay.
fn read_block(stream: &mut Stream<'_, '_>, at: u64, offsets: &mut BTreeMap<u32, u32>) -> Result<(), Stop> {
    let record = Record::read(stream, at)?.filter(|record| record.id == BLOCK);
    let record = record.ok_or(Stop::Damaged)?;
    let len = record.end - record.start;
    if len > MAX_BLOCK {
        return Err(Stop::TooLarge);
    }
    let block = stream.exact(record.start, usize::try_from(len).unwrap_or_default())?;
    let mut words = block.chunks_exact(4).map(|word| u32_at(word, 0));
    while let Some(run) = words.next() {
        let run = run?;
        let first = run & 0xF_FFFF;
        for (object, offset) in (first..).zip(words.by_ref().take(usize::try_from(run >> 20).unwrap_or_default())) {
            if offsets.len() < MAX_OBJECTS {
                offsets.entry(object).or_insert(offset?);
            }
        }
    }
    Ok(())
}

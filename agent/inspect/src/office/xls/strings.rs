//! Strings of workbooks: alone in a record, or in the table that all sheets share.

use encoding_rs::Encoding;

use super::records::{Joined, Records};
use crate::codepage;
use crate::source::{Budget, Held, Stop};

/// Bytes of the shared table that are kept. What is above is text too, but not found in its row.
pub(super) const MAX_SHARED: usize = if cfg!(test) { 1 << 20 } else { 16 << 20 };

/// How a workbook writes strings.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Since Excel 97: Unicode, with a flag that says whether characters are one byte or two.
    Unicode,
    /// Before: bytes of a codepage.
    Bytes(&'static Encoding),
}

/// How a string's length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Byte,
    Word,
}

/// The string at an offset of the record at hand, and of those that continue it.
pub(super) fn read(records: &mut Records<'_, '_>, at: usize, length: Length, form: Form) -> Result<String, Stop> {
    let mut joined = Joined::new(records, at);
    let count = match length {
        Length::Byte => joined.u8()?.into(),
        Length::Word => joined.u16()?,
    };
    match form {
        Form::Unicode => unicode(&mut joined, count),
        Form::Bytes(encoding) => {
            let bytes: Result<Vec<u8>, Stop> = (0..count).map(|_| joined.u8()).collect();
            Ok(codepage::zero_ended(&bytes?, encoding))
        }
    }
}

/// A string after its length: flags, characters, then runs of formatting and phonetic text.
fn unicode(joined: &mut Joined<'_, '_, '_>, count: u16) -> Result<String, Stop> {
    const WIDE: u8 = 1;
    const PHONETIC: u8 = 4;
    const RICH: u8 = 8;
    if count == 0 && joined.is_at_end()? {
        return Ok(String::new());
    }
    let flags = joined.u8()?;
    let runs = if flags & RICH == 0 { 0 } else { joined.u16()? };
    let phonetic = if flags & PHONETIC == 0 { 0 } else { joined.u32()? };
    let units = joined.units(count, flags & WIDE != 0)?;
    joined.skip(u64::from(runs) * 4 + u64::from(phonetic))?;
    Ok(String::from_utf16_lossy(&units))
}

/// The strings that cells name by number.
#[derive(Debug)]
pub(super) struct Shared<'b> {
    text: String,
    ends: Vec<u32>,
    held: Held<'b>,
}

impl<'b> Shared<'b> {
    pub(super) fn new(budget: &'b Budget) -> Result<Self, Stop> {
        Ok(Self {
            text: String::new(),
            ends: Vec::new(),
            held: budget.hold(0)?,
        })
    }

    /// Reads the table at hand; `surplus` takes the strings that are too many to keep.
    pub(super) fn read(
        &mut self,
        records: &mut Records<'_, '_>,
        mut surplus: impl FnMut(&str) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut joined = Joined::new(records, 4);
        let count = joined.u32()?;
        for _ in 0..count {
            if joined.is_at_end()? {
                break;
            }
            let length = joined.u16()?;
            let string = unicode(&mut joined, length)?;
            let is_surplus = self.text.len() + self.ends.len() * 4 + string.len() > MAX_SHARED;
            // Room is taken ahead, twice as much each time.
            if is_surplus || self.held.grow(2 * (string.len() as u64 + 4)).is_err() {
                surplus(&string)?;
                continue;
            }
            self.text.push_str(&string);
            self.ends
                .push(u32::try_from(self.text.len()).map_err(|_| Stop::TooLarge)?);
        }
        Ok(())
    }

    pub(super) fn get(&self, index: u32) -> Option<&str> {
        let index = usize::try_from(index).ok()?;
        let end = usize::try_from(*self.ends.get(index)?).ok()?;
        let start = match index.checked_sub(1) {
            Some(before) => usize::try_from(*self.ends.get(before)?).ok()?,
            None => 0,
        };
        self.text.get(start..end)
    }
}

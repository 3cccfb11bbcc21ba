//! The records of a workbook's stream, decrypted, and text that goes on from one record to the next.

use std::io::Read;

use super::cipher::Cipher;
use crate::container::compound::Stream;
use crate::source::{Stop, u16_at};

pub(super) const CONTINUE: u16 = 0x3C;
const BEGIN: u16 = 0x809;
const SHEET: u16 = 0x85;
/// Records that are never encrypted: the beginnings of parts, locks of several kinds, marks of shared use.
const PLAIN: &[u16] = &[BEGIN, 0x2F, 0x194, 0x195, 0xE1, 0x196, 0x138];

/// Reads a stream record by record.
pub(super) struct Records<'s, 'a> {
    stream: Stream<'s, 'a>,
    cipher: Option<Cipher>,
    /// The content of the record at hand.
    pub(super) body: Vec<u8>,
    /// Where the record at hand begins.
    pub(super) start: u64,
}

impl<'s, 'a> Records<'s, 'a> {
    pub(super) fn new(stream: Stream<'s, 'a>) -> Self {
        Self {
            stream,
            cipher: None,
            body: Vec::new(),
            start: 0,
        }
    }

    /// Decrypts what follows.
    pub(super) fn decrypt(&mut self, cipher: Cipher) {
        self.cipher = Some(cipher);
    }

    /// Goes to the next record, and gives its number.
    pub(super) fn advance(&mut self) -> Result<Option<u16>, Stop> {
        self.stream.budget().check_time()?;
        self.start = self.stream.position();
        // Less than a head is what fills up the stream.
        if self.start.saturating_add(4) > self.stream.len() {
            return Ok(None);
        }
        let head: [u8; 4] = self.stream.array()?;
        let (id, len) = (u16_at(&head, 0)?, usize::from(u16_at(&head, 2)?));
        self.body.resize(len, 0);
        self.stream.read_exact(&mut self.body)?;
        // Where a sheet begins can be read without the key.
        let plain = if id == SHEET { 4 } else { 0 };
        if let Some(cipher) = &mut self.cipher
            && !PLAIN.contains(&id)
            && let Some(sealed) = self.body.get_mut(plain..)
        {
            cipher.decrypt(self.start + 4 + plain as u64, len, sealed);
        }
        Ok(Some(id))
    }

    /// Goes to the next record only if it continues the one at hand.
    pub(super) fn advance_if_continued(&mut self) -> Result<bool, Stop> {
        let position = self.stream.position();
        if position.saturating_add(4) > self.stream.len() {
            return Ok(false);
        }
        let head: [u8; 4] = self.stream.array()?;
        self.stream.seek(position);
        Ok(u16_at(&head, 0)? == CONTINUE && self.advance()?.is_some())
    }
}

/// The content of a record and of those that continue it, as one.
pub(super) struct Joined<'r, 's, 'a> {
    pub(super) records: &'r mut Records<'s, 'a>,
    at: usize,
}

impl<'r, 's, 'a> Joined<'r, 's, 'a> {
    /// Begins at an offset of the record at hand.
    pub(super) fn new(records: &'r mut Records<'s, 'a>, at: usize) -> Self {
        Self { records, at }
    }

    /// Whether all of it was read.
    pub(super) fn is_at_end(&mut self) -> Result<bool, Stop> {
        Ok(self.rest()? == 0)
    }

    /// Bytes left of the record at hand, after going to the next one where none are.
    fn rest(&mut self) -> Result<usize, Stop> {
        while self.at >= self.records.body.len() {
            if !self.records.advance_if_continued()? {
                return Ok(0);
            }
            self.at = 0;
        }
        Ok(self.records.body.len() - self.at)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Stop> {
        if self.rest()? == 0 {
            return Err(Stop::Damaged);
        }
        self.at += 1;
        self.records.body.get(self.at - 1).copied().ok_or(Stop::Damaged)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Stop> {
        Ok(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Stop> {
        Ok(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), Stop> {
        let mut left = usize::try_from(count).map_err(|_| Stop::Damaged)?;
        while left > 0 {
            let step = self.rest()?.min(left);
            if step == 0 {
                return Err(Stop::Damaged);
            }
            self.at += step;
            left -= step;
        }
        Ok(())
    }

    /// The characters of a string. Where it goes on in another record, that one says anew how wide they are.
    pub(super) fn units(&mut self, count: u16, mut is_wide: bool) -> Result<Vec<u16>, Stop> {
        let mut units = Vec::new();
        while units.len() < usize::from(count) {
            if self.at >= self.records.body.len() {
                if self.rest()? == 0 {
                    return Err(Stop::Damaged);
                }
                is_wide = self.u8()? & 1 != 0;
                continue;
            }
            units.push(if is_wide { self.u16()? } else { self.u8()?.into() });
        }
        Ok(units)
    }
}

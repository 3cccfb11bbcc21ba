//! Block headers, as far as they are readable: what files there are, where they lie, and how they are packed.

use std::ops::Range;

use crate::encoding;
use crate::source::{Source, Stop, u16_at, u32_at};

pub(super) const VERSION_5: &[u8] = b"Rar!\x1A\x07\x01\x00";
/// The longest block header of version 5.
const MAX_HEADER: u64 = 2 << 20;
/// Bytes of a header that are looked at; names and marks come first.
const HEADER_PART: usize = 4096;
/// The method of what is not packed, in version 4.
const STORED: u8 = 0x30;

/// An archive's files.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) members: Vec<Member>,
    /// Whether nothing of its files can be seen.
    pub(super) has_encrypted_headers: bool,
    /// Whether each file is packed with those before it.
    pub(super) is_solid: bool,
    /// The signature and the archive's own header.
    pub(super) start: u64,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) is_folder: bool,
    pub(super) is_encrypted: bool,
    pub(super) is_stored: bool,
    /// Whether a part of it is in another volume.
    pub(super) is_split: bool,
    /// Its header and its data.
    pub(super) block: Range<u64>,
    pub(super) packed: u64,
}

impl Member {
    /// Whether there is nothing to read in it.
    pub(super) fn is_empty(&self) -> bool {
        self.is_folder || self.packed == 0 && !self.is_encrypted
    }

    /// Its data, as they lie there.
    pub(super) fn data<'a>(&self, source: &Source<'a>) -> Source<'a> {
        source.part(self.block.end.saturating_sub(self.packed), self.packed)
    }
}

/// Reads the headers, as far as they lead.
pub(super) fn walk(source: &mut Source<'_>, archive: &mut Archive) -> Result<(), Stop> {
    if source.bytes(0, VERSION_5.len())? == VERSION_5 {
        walk_5(source, archive)
    } else {
        walk_4(source, archive)
    }
}

fn walk_4(source: &mut Source<'_>, archive: &mut Archive) -> Result<(), Stop> {
    const MAIN: u8 = 0x73;
    const FILE: u8 = 0x74;
    const END: u8 = 0x7B;
    let mut offset = 7;
    while offset < source.len() {
        let header = source.bytes(offset, 40)?;
        let kind = *header.get(2).ok_or(Stop::Damaged)?;
        let flags = u16_at(&header, 3)?;
        let header_size = u64::from(u16_at(&header, 5)?);
        if header_size < 7 {
            return Err(Stop::Damaged);
        }
        source.budget().spend_entry()?;
        let mut data = 0;
        match kind {
            MAIN => {
                archive.has_encrypted_headers = flags & 0x80 != 0;
                archive.is_solid = flags & 8 != 0;
                archive.start = offset + header_size;
                if archive.has_encrypted_headers {
                    return Ok(());
                }
            }
            FILE => {
                let header = source.bytes(offset, usize::try_from(header_size).unwrap_or_default())?;
                let mut member = member_4(&header, flags)?;
                data = member.packed;
                let end = (offset + header_size).checked_add(data).ok_or(Stop::Damaged)?;
                member.block = offset..end;
                archive.members.push(member);
            }
            END => return Ok(()),
            _ if flags & 0x8000 != 0 => data = u32_at(&header, 7)?.into(),
            _ => {}
        }
        offset = offset.checked_add(header_size + data).ok_or(Stop::Damaged)?;
    }
    Ok(())
}

fn member_4(header: &[u8], flags: u16) -> Result<Member, Stop> {
    const IS_FOLDER: u16 = 0xE0;
    const IS_LARGE: u16 = 0x100;
    const HAS_WIDE_NAME: u16 = 0x200;
    let mut packed = u64::from(u32_at(header, 7)?);
    let mut name_at = 32;
    if flags & IS_LARGE != 0 {
        packed |= u64::from(u32_at(header, 32)?) << 32;
        name_at = 40;
    }
    let name_len = usize::from(u16_at(header, 26)?);
    let name = header.get(name_at..).unwrap_or_default();
    let name = &name[..name.len().min(name_len)];
    Ok(Member {
        name: if flags & HAS_WIDE_NAME == 0 {
            encoding::decode_unlabelled(name).into_owned()
        } else {
            wide_name(name)
        },
        is_folder: flags & IS_FOLDER == IS_FOLDER,
        is_encrypted: flags & 4 != 0,
        is_stored: header.get(25) == Some(&STORED),
        is_split: flags & 3 != 0,
        block: 0..0,
        packed,
    })
}

/// A name in UTF-8, or in a single-byte encoding with what turns it into wide characters behind a zero: two bits a character
/// say whether it has no high byte, the usual one, its own, or is a run of the first name.
fn wide_name(bytes: &[u8]) -> String {
    let Some(end) = bytes.iter().position(|byte| *byte == 0) else {
        return String::from_utf8_lossy(bytes).into_owned();
    };
    let (narrow, rest) = (&bytes[..end], &bytes[end + 1..]);
    let mut rest = rest.iter().copied();
    let mut wide = Vec::new();
    decode_wide(narrow, &mut rest, &mut wide);
    String::from_utf16_lossy(&wide)
}

/// The end of the bytes is the end of the name.
fn decode_wide(narrow: &[u8], rest: &mut impl Iterator<Item = u8>, wide: &mut Vec<u16>) -> Option<()> {
    let usual = u16::from(rest.next()?) << 8;
    loop {
        let flags = rest.next()?;
        for shift in [6, 4, 2, 0] {
            match flags >> shift & 3 {
                0 => wide.push(rest.next()?.into()),
                1 => wide.push(usual | u16::from(rest.next()?)),
                2 => wide.push(u16::from_le_bytes([rest.next()?, rest.next()?])),
                _ => {
                    let length = rest.next()?;
                    let correction = if length & 0x80 == 0 { None } else { Some(rest.next()?) };
                    for _ in 0..usize::from(length & 0x7F) + 2 {
                        let byte = *narrow.get(wide.len())?;
                        wide.push(match correction {
                            Some(correction) => usual | u16::from(byte.wrapping_add(correction)),
                            None => byte.into(),
                        });
                    }
                }
            }
        }
    }
}

fn walk_5(source: &mut Source<'_>, archive: &mut Archive) -> Result<(), Stop> {
    const MAIN: u64 = 1;
    const FILE: u64 = 2;
    const ENCRYPTED_HEADERS: u64 = 4;
    const END: u64 = 5;
    let mut offset = VERSION_5.len() as u64;
    while offset < source.len() {
        source.budget().spend_entry()?;
        let start = source.bytes(offset + 4, 3)?;
        let mut fields = Fields(&start);
        let size = fields.number()?;
        let size_len = (start.len() - fields.0.len()) as u64;
        if size == 0 || size > MAX_HEADER {
            return Err(Stop::Damaged);
        }
        let part = usize::try_from(size).map_or(HEADER_PART, |size| size.min(HEADER_PART));
        let header = source.exact(offset + 4 + size_len, part)?;
        let mut fields = Fields(&header);
        let kind = fields.number()?;
        let flags = fields.number()?;
        let extra = if flags & 1 == 0 { 0 } else { fields.number()? };
        let data = if flags & 2 == 0 { 0 } else { fields.number()? };
        let header_end = offset + 4 + size_len + size;
        let end = header_end.checked_add(data).ok_or(Stop::Damaged)?;
        match kind {
            MAIN => {
                archive.is_solid = fields.number()? & 4 != 0;
                archive.start = end;
            }
            FILE => {
                let mut member = member_5(&mut fields)?;
                member.is_encrypted = extra_records(source, header_end, extra.min(size))?.contains(&1);
                member.is_split = flags & 0x18 != 0;
                member.packed = data;
                member.block = offset..end;
                archive.members.push(member);
            }
            ENCRYPTED_HEADERS => {
                archive.has_encrypted_headers = true;
                return Ok(());
            }
            END => return Ok(()),
            _ => {}
        }
        offset = end;
    }
    Ok(())
}

/// The fields of a file; its times, attributes and checksum do not matter.
fn member_5(fields: &mut Fields<'_>) -> Result<Member, Stop> {
    let flags = fields.number()?;
    let _unpacked = fields.number()?;
    let _attributes = fields.number()?;
    for has_word in [flags & 2 != 0, flags & 4 != 0] {
        if has_word {
            fields.take(4)?;
        }
    }
    let method = fields.number()? >> 7 & 7;
    let _system = fields.number()?;
    let name_len = usize::try_from(fields.number()?).unwrap_or(usize::MAX);
    let name = &fields.0[..name_len.min(fields.0.len())];
    Ok(Member {
        name: String::from_utf8_lossy(name).into_owned(),
        is_folder: flags & 1 != 0,
        is_encrypted: false,
        is_stored: method == 0,
        is_split: false,
        block: 0..0,
        packed: 0,
    })
}

/// The types of the records in the extra area, which are the last `size` bytes of a header.
fn extra_records(source: &mut Source<'_>, header_end: u64, size: u64) -> Result<Vec<u64>, Stop> {
    let len = usize::try_from(size).map_or(HEADER_PART, |size| size.min(HEADER_PART));
    let bytes = source.bytes(header_end.saturating_sub(size), len)?;
    let mut fields = Fields(&bytes);
    let mut types = Vec::new();
    while let Ok(record_size) = fields.number() {
        let mut record = Fields(fields.0);
        types.push(record.number()?);
        let Some(rest) = usize::try_from(record_size).ok().and_then(|size| fields.0.get(size..)) else {
            break;
        };
        fields = Fields(rest);
    }
    Ok(types)
}

/// Numbers of seven bits a byte, lowest first.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Stop::Damaged)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Damaged)
    }

    fn take(&mut self, len: usize) -> Result<(), Stop> {
        self.0 = self.0.get(len..).ok_or(Stop::Damaged)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_wide_characters_in_few_bytes() {
        assert_eq!(wide_name("报价.txt".as_bytes()), "报价.txt");
        // Two characters of their own high byte, then a run of the narrow name.
        let [first, second] = ['报', '价'].map(|c| u16::try_from(u32::from(c)).unwrap().to_le_bytes());
        let name = [b"__.txt\0\0".as_slice(), &[0b1010_1100], &first, &second, &[2]].concat();
        assert_eq!(wide_name(&name), "报价.txt");
    }
}

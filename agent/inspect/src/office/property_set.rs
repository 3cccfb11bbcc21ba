//! Property sets: how legacy Office keeps a document's properties, in two streams beside the document.

use std::collections::HashMap;

use encoding_rs::UTF_16LE;

use crate::codepage;
use crate::found::{Found, Property};
use crate::source::{Stop, u16_at, u32_at};

/// The format of the set that holds what authors define themselves.
const USER_DEFINED: [u8; 16] = [
    0x05, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE,
];
const SUMMARY: [u8; 16] = [
    0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9,
];

/// Properties of a set that are looked at.
const MAX_PROPERTIES: usize = 512;
/// Characters of one that are looked at.
const MAX_TEXT: usize = 4096;
const DICTIONARY: u32 = 0;
const CODEPAGE: u32 = 1;

const SHORT: u32 = 2;
const NARROW_STRING: u32 = 30;
const WIDE_STRING: u32 = 31;

/// Takes the properties of a stream.
pub(crate) fn read(stream: &[u8], found: &mut Found) -> Result<(), Stop> {
    // Some writers leave room for properties and write none.
    if stream.starts_with(&[0; 28]) {
        return Ok(());
    }
    if u16_at(stream, 0)? != 0xFFFE {
        return Err(Stop::Damaged);
    }
    let count = usize::try_from(u32_at(stream, 24)?).unwrap_or(usize::MAX).min(2);
    for index in 0..count {
        let row = 28 + index * 20;
        let format = stream.get(row..row + 16).ok_or(Stop::Damaged)?;
        let start = usize::try_from(u32_at(stream, row + 16)?).map_err(|_| Stop::Damaged)?;
        let set = Set::open(stream.get(start..).ok_or(Stop::Damaged)?)?;
        if format == USER_DEFINED {
            set.read_custom(found);
        } else {
            set.read_known(format == SUMMARY, found);
        }
    }
    Ok(())
}

/// One property set of a stream.
struct Set<'a> {
    bytes: &'a [u8],
    offsets: Vec<(u32, usize)>,
    codepage: u16,
}

impl<'a> Set<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Stop> {
        let count = usize::try_from(u32_at(bytes, 4)?)
            .unwrap_or(usize::MAX)
            .min(MAX_PROPERTIES);
        let mut set = Self {
            bytes,
            offsets: Vec::new(),
            codepage: 1252,
        };
        for index in 0..count {
            let offset = usize::try_from(u32_at(bytes, 12 + index * 8)?).map_err(|_| Stop::Damaged)?;
            set.offsets.push((u32_at(bytes, 8 + index * 8)?, offset));
        }
        if let Some(value) = set.value(CODEPAGE).filter(|value| u32_at(value, 0) == Ok(SHORT)) {
            set.codepage = u16_at(value, 4)?;
        }
        Ok(set)
    }

    /// A property's value, beginning with its type.
    fn value(&self, id: u32) -> Option<&'a [u8]> {
        let (_, offset) = self.offsets.iter().find(|(own, _)| *own == id)?;
        self.bytes.get(*offset..)
    }

    fn text(&self, id: u32) -> Option<String> {
        let value = self.value(id)?;
        let len = usize::try_from(u32_at(value, 4).ok()?).ok()?.min(MAX_TEXT);
        match u32_at(value, 0).ok()? {
            NARROW_STRING => Some(self.decode(value.get(8..8_usize.checked_add(len)?)?)),
            WIDE_STRING => Some(wide(value.get(8..len.checked_mul(2)?.checked_add(8)?)?)),
            _ => None,
        }
    }

    fn decode(&self, bytes: &[u8]) -> String {
        // Several ends are found in real files; what follows the first is rubbish.
        codepage::zero_ended(bytes, codepage::by_number(self.codepage.into()))
    }

    fn read_known(&self, is_summary: bool, found: &mut Found) {
        let known: &[(u32, Property<'_>)] = if is_summary {
            &[
                (2, Property::Title),
                (3, Property::Other("subject")),
                (4, Property::Author),
                (5, Property::Other("keywords")),
                (6, Property::Other("comments")),
                (7, Property::Template),
                (8, Property::Other("lastModifiedBy")),
                (18, Property::Other("Application")),
            ]
        } else {
            &[
                (2, Property::Other("category")),
                (14, Property::Manager),
                (15, Property::Company),
            ]
        };
        for (id, property) in known {
            if let Some(text) = self.text(*id) {
                found.property(*property, &text);
            }
        }
    }

    fn read_custom(&self, found: &mut Found) {
        let names = self.dictionary().unwrap_or_default();
        for (id, _) in &self.offsets {
            if let (Some(name), Some(text)) = (names.get(id), self.text(*id)) {
                found.property(Property::Custom(name), &text);
            }
        }
    }

    /// The names of the properties. In Unicode they are padded to four bytes, else they are not.
    fn dictionary(&self) -> Option<HashMap<u32, String>> {
        let dictionary = self.value(DICTIONARY)?;
        let count = usize::try_from(u32_at(dictionary, 0).ok()?).ok()?.min(MAX_PROPERTIES);
        let mut names = HashMap::new();
        let mut offset = 4;
        for _ in 0..count {
            let Some(entry) = dictionary.get(offset..) else {
                break;
            };
            let (Ok(id), Ok(len)) = (u32_at(entry, 0), u32_at(entry, 4)) else {
                break;
            };
            let is_wide = self.codepage == 1200;
            let bytes = usize::try_from(len).ok()?.checked_mul(if is_wide { 2 } else { 1 })?;
            let Some(name) = entry.get(8..bytes.checked_add(8)?) else {
                break;
            };
            names.insert(id, self.decode(name));
            offset += 8 + if is_wide { bytes.next_multiple_of(4) } else { bytes };
        }
        Some(names)
    }
}

fn wide(bytes: &[u8]) -> String {
    codepage::zero_ended(bytes, UTF_16LE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_without_properties_is_no_damage() {
        let mut found = Found::for_tests();
        assert_eq!(read(&[0; 4096], &mut found), Ok(()));
        assert_eq!(read(&[0; 27], &mut found), Err(Stop::Damaged));
        assert_eq!(read(&[1; 4096], &mut found), Err(Stop::Damaged));
    }
}

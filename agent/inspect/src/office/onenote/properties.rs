//! The properties of an object ([MS-ONESTORE] 2.6): which others it refers to, and its texts ([MS-ONE] 2.1.12).

use crate::encoding::{self, Encoding};
use crate::source::{Stop, u16_at, u32_at};

/// Properties that hold text, in wide characters.
const WIDE: &[u32] = &[
    // The text of a paragraph.
    0x1C00_1C22,
    // The title of a page that has no text of its own for it.
    0x1C00_1D3C,
    // The name of an embedded file.
    0x1C00_1D9C,
    // The text that stands for a picture.
    0x1C00_1E58,
];
/// The text of a paragraph in narrow characters, where they are enough.
const NARROW: u32 = 0x1C00_3498;

/// Sets of properties within sets that are passed over, each with those it has.
const MAX_SETS: usize = 10_000;

/// What is read of an object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) texts: Vec<String>,
    /// Short numbers of others, in their order.
    pub(super) others: Vec<u32>,
}

impl Object {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Stop> {
        const NO_SPACES: u32 = 1 << 31;
        const HAS_CONTEXTS: u32 = 1 << 30;
        let mut rest = Rest(bytes);
        let head = rest.u32()?;
        let others = rest.numbers(head)?;
        if head & NO_SPACES == 0 {
            let head = rest.u32()?;
            rest.numbers(head)?;
            if head & HAS_CONTEXTS != 0 {
                let head = rest.u32()?;
                rest.numbers(head)?;
            }
        }
        let texts = rest.texts()?;
        Ok(Self { texts, others })
    }
}

struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], Stop> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Stop::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Stop> {
        u32_at(self.take(4)?, 0)
    }

    fn len(&mut self) -> Result<usize, Stop> {
        usize::try_from(self.u32()?).map_err(|_| Stop::Damaged)
    }

    /// As many short numbers as the lower part of `head` says.
    fn numbers(&mut self, head: u32) -> Result<Vec<u32>, Stop> {
        let count = usize::try_from(head & 0xFF_FFFF).map_err(|_| Stop::Damaged)?;
        let bytes = self.take(4 * count)?;
        Ok(bytes
            .chunks_exact(4)
            .map(|number| u32::from_le_bytes([number[0], number[1], number[2], number[3]]))
            .collect())
    }

    /// A set of properties: their numbers, which tell their types, then their values. Sets within sets come in the place of values,
    /// so that what is left to read is a list of numbers and sets.
    fn texts(&mut self) -> Result<Vec<String>, Stop> {
        let mut texts = Vec::new();
        let mut open = vec![Open::Set];
        let mut sets_left = MAX_SETS;
        while let Some(next) = open.pop() {
            let property = match next {
                Open::Value(property) => property,
                Open::Set => {
                    sets_left = sets_left.checked_sub(1).ok_or(Stop::TooLarge)?;
                    let count = usize::from(u16_at(self.take(2)?, 0)?);
                    let properties = self.take(4 * count)?.rchunks_exact(4);
                    open.extend(
                        properties
                            .map(|bytes| Open::Value(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))),
                    );
                    continue;
                }
            };
            match property >> 26 & 0x1F {
                0x1 | 0x2 | 0x8 | 0xA | 0xC => {}
                0x3 => drop(self.take(1)?),
                0x4 => drop(self.take(2)?),
                0x5 | 0x9 | 0xB | 0xD => drop(self.take(4)?),
                0x6 => drop(self.take(8)?),
                0x7 => {
                    let len = self.len()?;
                    texts.extend(text(property, self.take(len)?));
                }
                0x10 => {
                    let count = self.len()?;
                    if count > 0 {
                        self.take(4)?;
                    }
                    if count > sets_left {
                        return Err(Stop::TooLarge);
                    }
                    open.extend(std::iter::repeat_n(Open::Set, count));
                }
                0x11 => open.push(Open::Set),
                _ => return Err(Stop::Damaged),
            }
        }
        Ok(texts)
    }
}

/// What is to be read next.
#[derive(Clone, Copy)]
enum Open {
    Set,
    Value(u32),
}

/// What a property says, if it is text.
fn text(property: u32, value: &[u8]) -> Option<String> {
    let encoding = match property & 0x7FFF_FFFF {
        NARROW => Encoding::Latin,
        wide if WIDE.contains(&wide) => Encoding::Utf16Le,
        _ => return None,
    };
    let text = encoding::decode(value, encoding);
    Some(text.trim_end_matches('\0').to_owned())
}

//! Values of a row as text.

use std::borrow::Cow;

use super::definition::Column;
use super::pages::Pages;
use crate::found::Found;
use crate::office::number;
use crate::source::{Source, Stop, u32_at};

/// Types of columns.
pub(super) mod kind {
    pub(super) const BYTE: u8 = 2;
    pub(super) const INTEGER: u8 = 3;
    pub(super) const LONG: u8 = 4;
    pub(super) const MONEY: u8 = 5;
    pub(super) const SINGLE: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const TEXT: u8 = 10;
    pub(in super::super) const OBJECT: u8 = 11;
    pub(super) const MEMO: u8 = 12;
    pub(super) const DECIMAL: u8 = 16;
    pub(super) const LARGE: u8 = 19;
}

/// Digits of money behind the point.
const MONEY_SCALE: u8 = 4;
/// Bytes of one text that are read.
const MAX_TEXT: usize = 1 << 20;
/// Pages over which one value goes.
const MAX_PAGES: usize = 8192;

/// Takes a value, as far as it is text or a number.
pub(super) fn push(
    pages: Pages,
    source: &mut Source<'_>,
    column: &Column,
    bytes: &[u8],
    found: &mut Found,
) -> Result<(), Stop> {
    let text = match column.kind {
        kind::TEXT => pages.text(bytes),
        kind::MEMO => pages.text(&long(pages, source, bytes, MAX_TEXT)?),
        kind::BYTE => bytes.first().map(u8::to_string).unwrap_or_default(),
        kind::INTEGER | kind::LONG | kind::LARGE => whole(bytes).map(|whole| whole.to_string()).unwrap_or_default(),
        kind::MONEY => whole(bytes)
            .map(|whole| decimal(whole.unsigned_abs().into(), MONEY_SCALE, whole < 0))
            .unwrap_or_default(),
        kind::SINGLE => bytes
            .first_chunk()
            .map(|bytes| number::shown(f32::from_le_bytes(*bytes).into()))
            .unwrap_or_default(),
        kind::DOUBLE => bytes
            .first_chunk()
            .map(|bytes| number::shown(f64::from_le_bytes(*bytes)))
            .unwrap_or_default(),
        kind::DECIMAL => large_decimal(bytes, column.scale).unwrap_or_default(),
        _ => return Ok(()),
    };
    found.text.push(&text)
}

/// A whole number with a sign, of two, four or eight bytes.
pub(super) fn whole(bytes: &[u8]) -> Option<i64> {
    match *bytes {
        [a, b] => Some(i16::from_le_bytes([a, b]).into()),
        [a, b, c, d] => Some(i32::from_le_bytes([a, b, c, d]).into()),
        _ => bytes.first_chunk().map(|bytes| i64::from_le_bytes(*bytes)),
    }
}

/// A sign, and four words of which the highest stands first.
fn large_decimal(bytes: &[u8], scale: u8) -> Option<String> {
    let (sign, words) = (bytes.first()?, bytes.get(1..17)?);
    let digits = words.chunks_exact(4).fold(0, |value, word| {
        value << 32 | u128::from(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    });
    Some(decimal(digits, scale, sign & 0x80 != 0))
}

/// A number with so many digits behind its point, of which those are left out that say nothing.
fn decimal(digits: u128, scale: u8, is_negative: bool) -> String {
    let scale = usize::from(scale.min(28));
    let mut text = format!("{digits:0width$}", width = scale + 1);
    if scale > 0 {
        text.insert(text.len() - scale, '.');
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if is_negative {
        text.insert(0, '-');
    }
    text
}

/// A long value, `max` bytes at most: in the row, in another, or in a chain of them.
pub(super) fn long(pages: Pages, source: &mut Source<'_>, bytes: &[u8], max: usize) -> Result<Vec<u8>, Stop> {
    const HEAD: usize = 12;
    const HERE: u32 = 0x8000_0000;
    const IN_ONE_ROW: u32 = 0x4000_0000;
    let head = u32_at(bytes, 0)?;
    let len = usize::try_from(head & !(HERE | IN_ONE_ROW)).map_or(max, |len| len.min(max));
    let mut value = Vec::new();
    let mut next = u32_at(bytes, 4)?;
    if head & HERE != 0 {
        value.extend_from_slice(bytes.get(HEAD..).ok_or(Stop::Damaged)?);
    } else if head & IN_ONE_ROW != 0 {
        value = pages.row(source, next)?;
    } else {
        for _ in 0..MAX_PAGES {
            if next == 0 || value.len() >= len {
                break;
            }
            let row = pages.row(source, next)?;
            next = u32_at(&row, 0)?;
            value.extend_from_slice(&row[4..]);
        }
    }
    value.truncate(len);
    Ok(value)
}

/// Text in wide characters. A mark at its start says that runs of them are squeezed to one byte each; a zero begins and ends
/// such a run.
pub(super) fn wide(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut rest) = bytes.strip_prefix(&[0xFF, 0xFE]) else {
        return bytes.into();
    };
    let mut wide = Vec::with_capacity(2 * rest.len());
    let mut is_squeezed = true;
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first == 0 {
            is_squeezed = !is_squeezed;
        } else if is_squeezed {
            wide.extend([*first, 0]);
        } else if let [second, behind @ ..] = rest {
            wide.extend([*first, *second]);
            rest = behind;
        }
    }
    wide.into()
}

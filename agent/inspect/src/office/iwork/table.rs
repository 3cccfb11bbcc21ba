//! Parts of tables: texts stand in lists, numbers and keys of texts in tiles of rows.

use std::fmt::Write;

use super::protobuf::Message;
use super::push_text;
use crate::flow::Flow;
use crate::office::number;
use crate::source::{Stop, u16_at, u32_at};
use crate::text::Gap;

/// The kind of list that holds the texts of cells.
const TEXTS: u64 = 1;
/// The only form of cells that programs have written since 2014.
const CELL_VERSION: u8 = 5;
const DECIMAL: u32 = 1 << 0;
const DOUBLE: u32 = 1 << 1;
const DATE: u32 = 1 << 2;
const TEXT: u32 = 1 << 3;
/// Empty cells that count between two others.
const MAX_EMPTY: usize = 64;
/// Where the values of a cell begin, behind its flags.
const VALUES: usize = 12;
/// What a decimal's exponent is greater by.
const BIAS: i32 = 0x1820;

/// Whether a list holds the texts of cells.
pub(super) fn is_texts(object: &[u8]) -> bool {
    Message::new(object).number(1) == Some(TEXTS)
}

/// The texts of a table's cells, in the order in which they were written.
pub(super) fn read_list(object: &[u8], flow: &mut Flow<'_>) -> Result<(), Stop> {
    if !is_texts(object) {
        return Ok(());
    }
    for entry in Message::new(object).parts(3) {
        for text in Message::new(entry).texts(3) {
            push_text(text, flow)?;
            flow.end(Gap::Paragraph);
        }
    }
    Ok(())
}

/// The numbers of some rows, and their texts as far as `text` knows them by their keys.
pub(super) fn read_tile<'k>(
    object: &[u8],
    text: impl Fn(u32) -> Option<&'k str>,
    flow: &mut Flow<'_>,
) -> Result<(), Stop> {
    for row in Message::new(object).parts(5) {
        let cells = Message::new(row).parts(6).next().unwrap_or_default();
        let offsets = Message::new(row).parts(7).next().unwrap_or_default();
        let width = if Message::new(row).number(8) == Some(1) { 4 } else { 1 };
        let mut empty = 0;
        flow.settle();
        for offset in offsets.chunks_exact(2) {
            let offset = u16_at(offset, 0)?;
            let start = (offset != u16::MAX).then(|| usize::from(offset) * width);
            let cell = start.and_then(|start| cells.get(start..)).unwrap_or_default();
            let key = key_of(cell).and_then(&text);
            let number = if key.is_none() { number_of(cell) } else { None };
            let Some(shown) = key.or(number.as_deref()) else {
                empty += 1;
                continue;
            };
            for _ in 0..empty.min(MAX_EMPTY) {
                flow.end(Gap::Cell);
            }
            empty = 0;
            push_text(shown, flow)?;
            flow.end(Gap::Cell);
        }
        flow.end(Gap::Paragraph);
    }
    Ok(())
}

/// The key of a cell's text, behind its numbers.
fn key_of(cell: &[u8]) -> Option<u32> {
    if *cell.first()? != CELL_VERSION {
        return None;
    }
    let flags = u32_at(cell, 8).ok()?;
    if flags & TEXT == 0 {
        return None;
    }
    let before = [(DECIMAL, 16), (DOUBLE, 8), (DATE, 8)];
    let sizes = before.iter().filter(|(flag, _)| flags & flag != 0);
    u32_at(cell, VALUES + sizes.map(|(_, size)| size).sum::<usize>()).ok()
}

/// The number that a cell begins with, if it has one.
fn number_of(cell: &[u8]) -> Option<String> {
    if *cell.first()? != CELL_VERSION {
        return None;
    }
    let flags = u32_at(cell, 8).ok()?;
    let value = cell.get(VALUES..)?;
    if flags & DECIMAL != 0 {
        return decimal(value.first_chunk()?);
    }
    if flags & DOUBLE != 0 {
        return Some(number::shown(f64::from_le_bytes(*value.first_chunk()?)));
    }
    None
}

/// A number of 34 decimal digits (IEEE 754-2008, 3.5.2, in binary encoding).
fn decimal(bytes: &[u8; 16]) -> Option<String> {
    let exponent = i32::from(u16::from(bytes[15] & 0x7F) << 7 | u16::from(bytes[14] >> 1)) - BIAS;
    let mut mantissa = *bytes;
    mantissa[14] &= 1;
    mantissa[15] = 0;
    let mut digits = u128::from_le_bytes(mantissa).to_string();
    match exponent {
        0..=30 => digits.push_str(&"0".repeat(usize::try_from(exponent).ok()?)),
        -34..0 => {
            let point = usize::try_from(-exponent).ok()?;
            if digits.len() <= point {
                digits.insert_str(0, &"0".repeat(point + 1 - digits.len()));
            }
            digits.insert(digits.len() - point, '.');
            digits.truncate(digits.trim_end_matches('0').trim_end_matches('.').len());
        }
        _ => return None,
    }
    let mut text = String::new();
    let sign = if bytes[15] & 0x80 == 0 { "" } else { "-" };
    write!(text, "{sign}{digits}").ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(mantissa: u128, exponent: i32) -> [u8; 16] {
        let mut bytes = mantissa.to_le_bytes();
        let biased = u16::try_from(exponent + BIAS).unwrap();
        bytes[14] |= (biased << 1).to_le_bytes()[0];
        bytes[15] |= (biased >> 7).to_le_bytes()[0];
        bytes
    }

    #[test]
    fn decimals_are_digits() {
        for (mantissa, exponent, expected) in [
            (13_800_138_000, 0, "13800138000"),
            (138, 2, "13800"),
            (12_345, -2, "123.45"),
            (5, -3, "0.005"),
            (1_500, -2, "15"),
        ] {
            assert_eq!(decimal(&packed(mantissa, exponent)).unwrap(), expected);
        }
    }
}

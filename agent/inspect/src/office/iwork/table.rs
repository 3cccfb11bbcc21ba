//! Tables of Numbers: texts stand in lists, numbers in tiles of rows.

use std::fmt::Write;

use super::protobuf::{Message, Value};
use super::push_text;
use crate::flow::Flow;
use crate::source::{Stop, u16_at, u32_at};
use crate::text::Gap;

/// The kind of list that holds the texts of cells.
const TEXTS: u64 = 1;
/// The only form of cells that programs have written since 2014.
const CELL_VERSION: u8 = 5;
const DECIMAL: u32 = 1 << 0;
const DOUBLE: u32 = 1 << 1;
/// Where the values of a cell begin, behind its flags.
const VALUES: usize = 12;
/// What a decimal's exponent is greater by.
const BIAS: i32 = 0x1820;

/// The texts of a table's cells, in the order in which they were written.
pub(super) fn read_list(object: &[u8], flow: &mut Flow<'_>) -> Result<(), Stop> {
    let is_texts = Message::new(object).any(|field| matches!(field, (1, Value::Number(TEXTS))));
    if !is_texts {
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

/// The numbers of some rows.
pub(super) fn read_tile(object: &[u8], flow: &mut Flow<'_>) -> Result<(), Stop> {
    for row in Message::new(object).parts(5) {
        let cells = Message::new(row).parts(6).next().unwrap_or_default();
        let offsets = Message::new(row).parts(7).next().unwrap_or_default();
        let is_wide = Message::new(row).any(|field| matches!(field, (8, Value::Number(1))));
        for offset in offsets.chunks_exact(2) {
            let offset = u16_at(offset, 0)?;
            if offset == u16::MAX {
                continue;
            }
            let offset = usize::from(offset) * if is_wide { 4 } else { 1 };
            if let Some(number) = cells.get(offset..).and_then(number) {
                flow.push(&number)?;
                flow.end(Gap::Cell);
            }
        }
        flow.end(Gap::Paragraph);
    }
    Ok(())
}

/// The number that a cell begins with, if it has one.
fn number(cell: &[u8]) -> Option<String> {
    if *cell.first()? != CELL_VERSION {
        return None;
    }
    let flags = u32_at(cell, 8).ok()?;
    let value = cell.get(VALUES..)?;
    if flags & DECIMAL != 0 {
        return decimal(value.first_chunk()?);
    }
    if flags & DOUBLE != 0 {
        let number = f64::from_le_bytes(*value.first_chunk()?);
        return (number.abs() < 1e31).then(|| number.to_string());
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

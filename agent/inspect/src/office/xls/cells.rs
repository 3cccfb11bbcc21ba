//! Cells: each record carries the cells of one row, or a part of them.

use super::Workbook;
use super::strings::{self, Length};
use crate::source::{Stop, u16_at, u32_at, u64_at};
use crate::text::{Gap, Text};

/// Numbers of records.
mod id {
    pub(super) const SHARED: u16 = 0xFD;
    pub(super) const LABEL: u16 = 0x204;
    pub(super) const RICH_LABEL: u16 = 0xD6;
    pub(super) const NUMBER: u16 = 0x203;
    pub(super) const SHORT_NUMBER: u16 = 0x27E;
    pub(super) const SHORT_NUMBERS: u16 = 0xBD;
    pub(super) const FORMULA: u16 = 0x06;
    pub(super) const FORMULA_OLD: u16 = 0x406;
    pub(super) const FORMULA_TEXT: u16 = 0x207;
}

impl Workbook<'_, '_> {
    /// Takes the cells of the record at hand, if it is one of cells.
    pub(super) fn cell(&mut self, id: u16, text: &mut Text) -> Result<(), Stop> {
        match id {
            id::SHARED => {
                let index = u32_at(&self.records.body, 6)?;
                self.enter(text)?;
                self.shared.get(index).map_or(Ok(()), |string| push(string, text))
            }
            id::LABEL | id::RICH_LABEL => {
                self.enter(text)?;
                let string = strings::read(&mut self.records, 6, Length::Word, self.form)?;
                push(&string, text)
            }
            id::NUMBER => {
                self.enter(text)?;
                text.push(&float(u64_at(&self.records.body, 6)?))
            }
            id::SHORT_NUMBER => {
                self.enter(text)?;
                text.push(&short(u32_at(&self.records.body, 6)?))
            }
            id::SHORT_NUMBERS => self.short_numbers(text),
            id::FORMULA | id::FORMULA_OLD => self.formula(text),
            id::FORMULA_TEXT => {
                let Some(row) = self.waiting.take() else {
                    return Ok(());
                };
                self.enter_row(row, text);
                let string = strings::read(&mut self.records, 0, Length::Word, self.form)?;
                push(&string, text)
            }
            _ => Ok(()),
        }
    }

    fn short_numbers(&mut self, text: &mut Text) -> Result<(), Stop> {
        // Row and first column, cells of six bytes, last column.
        let count = self.records.body.len().saturating_sub(6) / 6;
        for index in 0..count {
            self.enter(text)?;
            text.push(&short(u32_at(&self.records.body, 6 + index * 6)?))?;
        }
        Ok(())
    }

    /// What a formula gave when it was last worked out.
    fn formula(&mut self, text: &mut Text) -> Result<(), Stop> {
        let value = u64_at(&self.records.body, 6)?;
        match (value >> 48, value & 0xFF) {
            (0xFFFF, 0) => self.waiting = Some(u16_at(&self.records.body, 0)?),
            // Truth values, errors, nothing.
            (0xFFFF, _) => {}
            _ => {
                self.enter(text)?;
                text.push(&float(value))?;
            }
        }
        Ok(())
    }

    /// Goes to the cell of the record at hand.
    fn enter(&mut self, text: &mut Text) -> Result<(), Stop> {
        let row = u16_at(&self.records.body, 0)?;
        self.enter_row(row, text);
        Ok(())
    }

    fn enter_row(&mut self, row: u16, text: &mut Text) {
        match self.row.replace(row) {
            None => {}
            Some(before) if before == row => text.gap(Gap::Cell),
            Some(_) => text.gap(Gap::Paragraph),
        }
    }
}

/// A cell's text may have lines of its own.
pub(super) fn push(string: &str, text: &mut Text) -> Result<(), Stop> {
    for (index, line) in string.split('\n').enumerate() {
        if index > 0 {
            text.gap(Gap::Line);
        }
        text.push(line)?;
    }
    Ok(())
}

/// A number as plain digits, as far as Excel counts them.
fn digits(number: f64) -> String {
    /// Excel shows and keeps fifteen.
    const DIGITS: usize = 15;
    let rounded = format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number);
    if f64::is_finite(rounded) {
        rounded.to_string()
    } else {
        String::new()
    }
}

pub(super) fn float(bits: u64) -> String {
    digits(f64::from_bits(bits))
}

/// A number of 30 bits: a whole one, or the upper half of a float; of it or of a hundredth.
pub(super) fn short(bits: u32) -> String {
    const HUNDREDTH: u32 = 1;
    const WHOLE: u32 = 2;
    let number = if bits & WHOLE == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    digits(if bits & HUNDREDTH == 0 { number } else { number / 100.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_digits() {
        assert_eq!(short(13_800_138 << 2 | 2), "13800138");
        assert_eq!(short(12_345 << 2 | 3), "123.45");
        assert_eq!(float(13_800_138_000_f64.to_bits()), "13800138000");
        assert_eq!(float((0.1_f64 + 0.2).to_bits()), "0.3");
        assert_eq!(float(6.222_02e17_f64.to_bits()), "622202000000000000");
        assert_eq!(float(f64::NAN.to_bits()), "");
    }
}

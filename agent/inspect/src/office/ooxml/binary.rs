//! Workbooks whose parts are records instead of XML ([MS-XLSB] 2.1.4 and 2.4).

use std::fmt::Write;
use std::io::{self, Read};

use super::Listed;
use super::sheet::Row;
use super::strings::Strings;
use crate::flow::Flow;
use crate::source::{Stop, u16_at, u32_at, u64_at};
use crate::text::Gap;

/// The longest record that is read; a longer one is passed over.
const MAX_RECORD: usize = 256 << 10;

const ROW: u16 = 0;
const CELL_RK: u16 = 2;
const CELL_REAL: u16 = 5;
const CELL_TEXT: u16 = 6;
const CELL_SHARED: u16 = 7;
const FORMULA_TEXT: u16 = 8;
const FORMULA_NUMBER: u16 = 9;
const SHARED_STRING: u16 = 19;
const CELL_RICH_TEXT: u16 = 62;
const SHEET: u16 = 156;
const HEADER_FOOTER: u16 = 479;
const COMMENT_TEXT: u16 = 637;

/// Bytes before a cell's value: its column and its style.
const CELL: usize = 8;

/// The records of a part.
struct Records<R> {
    reader: R,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(part: R) -> Self {
        Self {
            reader: part,
            data: Vec::new(),
        }
    }

    /// The kind of the next record, whose data are then known.
    fn next(&mut self) -> Result<Option<u16>, Stop> {
        let Some(first) = self.byte()? else {
            return Ok(None);
        };
        let mut kind = u16::from(first);
        if first >= 0x80 {
            let second = self.byte()?.ok_or(Stop::Damaged)?;
            kind = u16::from(first & 0x7F) | u16::from(second & 0x7F) << 7;
        }
        let mut size = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?.ok_or(Stop::Damaged)?;
            size |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                break;
            }
        }
        self.data.clear();
        let mut record = (&mut self.reader).take(size);
        if size > MAX_RECORD as u64 {
            io::copy(&mut record, &mut io::sink())?;
            return Ok(Some(kind));
        }
        let count = record.read_to_end(&mut self.data)?;
        if (count as u64) < size {
            return Err(Stop::Damaged);
        }
        Ok(Some(kind))
    }

    fn byte(&mut self) -> Result<Option<u8>, Stop> {
        let mut byte = [0];
        loop {
            match self.reader.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Reads the table of shared strings.
pub(super) fn read_strings(part: impl Read, strings: &mut Strings, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut records = Records::new(io::BufReader::new(part));
    while let Some(kind) = records.next()? {
        if kind == SHARED_STRING {
            let (text, _) = text_at(&records.data, 1).unwrap_or_default();
            strings.push(&text, flow)?;
            strings.end(flow);
        }
    }
    Ok(())
}

/// Reads a sheet row by row; gives the codes of its headers and footers.
pub(super) fn read_sheet(part: impl Read, strings: &Strings, flow: &mut Flow<'_>) -> (String, Result<(), Stop>) {
    let mut margin = String::new();
    let result = read_rows(part, strings, flow, &mut margin);
    (margin, result)
}

fn read_rows(part: impl Read, strings: &Strings, flow: &mut Flow<'_>, margin: &mut String) -> Result<(), Stop> {
    let mut records = Records::new(io::BufReader::new(part));
    let mut row = Row::default();
    while let Some(kind) = records.next()? {
        match kind {
            ROW => {
                flow.end(Gap::Paragraph);
                row.begin(flow);
            }
            CELL_RK | CELL_REAL | CELL_TEXT | CELL_SHARED | FORMULA_TEXT | FORMULA_NUMBER | CELL_RICH_TEXT => {
                read_cell(kind, &records.data, strings, &mut row, flow)?;
            }
            HEADER_FOOTER => *margin = header_footer(&records.data),
            _ => {}
        }
    }
    flow.end(Gap::Paragraph);
    Ok(())
}

fn read_cell(kind: u16, data: &[u8], strings: &Strings, row: &mut Row, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let Ok(column) = u32_at(data, 0) else {
        return Ok(());
    };
    row.go_to(column as usize, flow);
    match kind {
        CELL_SHARED => {
            let index = u32_at(data, CELL).ok().and_then(|index| usize::try_from(index).ok());
            flow.push(index.and_then(|index| strings.get(index)).unwrap_or_default())?;
        }
        CELL_TEXT | FORMULA_TEXT => flow.push(&text_at(data, CELL).unwrap_or_default().0)?,
        CELL_RICH_TEXT => flow.push(&text_at(data, CELL + 1).unwrap_or_default().0)?,
        CELL_RK => {
            if let Ok(number) = u32_at(data, CELL) {
                push_number(rk(number), flow)?;
            }
        }
        _ => {
            if let Ok(bits) = u64_at(data, CELL) {
                push_number(f64::from_bits(bits), flow)?;
            }
        }
    }
    row.end_cell(flow);
    Ok(())
}

/// Reads what was said beside cells.
pub(super) fn read_comments(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut records = Records::new(io::BufReader::new(part));
    while let Some(kind) = records.next()? {
        if kind == COMMENT_TEXT {
            flow.paragraph(&text_at(&records.data, 1).unwrap_or_default().0)?;
        }
    }
    Ok(())
}

/// The sheets of a workbook in their order.
pub(super) fn sheets(part: impl Read, max: usize) -> Result<Vec<Listed>, Stop> {
    let mut records = Records::new(io::BufReader::new(part));
    let mut sheets = Vec::new();
    while let Some(kind) = records.next()? {
        if kind != SHEET || sheets.len() == max {
            continue;
        }
        let data = &records.data;
        if let Some((relationship, end)) = text_at(data, 8) {
            sheets.push(Listed {
                relationship,
                title: text_at(data, end).unwrap_or_default().0,
                is_hidden: u32_at(data, 0)? != 0,
            });
        }
    }
    Ok(sheets)
}

/// Headers and footers behind their flags: for odd, even and first pages.
fn header_footer(data: &[u8]) -> String {
    let mut codes = String::new();
    let mut at = 2;
    while let Some((text, end)) = text_at(data, at) {
        codes.push_str(&text);
        codes.push('\n');
        at = end;
    }
    codes
}

/// The string at `at`, which begins with its length, and where it ends; one without text has the length -1.
fn text_at(data: &[u8], at: usize) -> Option<(String, usize)> {
    let len = u32_at(data, at).ok()?;
    if len == u32::MAX {
        return Some((String::new(), at + 4));
    }
    let end = usize::try_from(len).ok()?.checked_mul(2)?.checked_add(at + 4)?;
    let bytes = data.get(at + 4..end)?;
    let units = bytes.chunks_exact(2).map(|pair| u16_at(pair, 0).unwrap_or_default());
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some((text.collect(), end))
}

/// A number in the short form (2.5.123): two flags, then the upper bits of a floating-point number or an integer.
fn rk(number: u32) -> f64 {
    let value = if number & 2 == 0 {
        f64::from_bits(u64::from(number & !3) << 32)
    } else {
        f64::from(number.cast_signed() >> 2)
    };
    if number & 1 == 0 { value } else { value / 100.0 }
}

fn push_number(number: f64, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut text = String::new();
    // Rust writes them without an exponent; none that means something is as long as the largest are.
    if number.abs() < 1e31 {
        let _ = write!(text, "{number}");
    }
    flow.push(&text)
}

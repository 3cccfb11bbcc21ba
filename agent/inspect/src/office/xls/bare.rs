//! Workbooks that are nothing but records, without a compound file around them: those of Excel 2 to 4 (BIFF2 to BIFF4), and
//! what programs that export tables still write in their image ([MS-XLS] tells of the same records in their later form).

use std::io::Read;

use encoding_rs::{Encoding, GB18030};
use fileward_protocol::vocabulary::EncryptionMethod;

use super::{cells, margins};
use crate::codepage;
use crate::found::Found;
use crate::source::{Source, Stop, u16_at, u32_at, u64_at};
use crate::text::{Gap, Part, Text};

/// Numbers of records; the upper byte of cells tells the version.
mod id {
    pub(super) const INTEGER_2: u16 = 0x02;
    pub(super) const NUMBER_2: u16 = 0x03;
    pub(super) const LABEL_2: u16 = 0x04;
    pub(super) const FORMULA_2: u16 = 0x06;
    pub(super) const FORMULA_TEXT_2: u16 = 0x07;
    pub(super) const NUMBER: u16 = 0x203;
    pub(super) const LABEL: u16 = 0x204;
    pub(super) const FORMULA_3: u16 = 0x206;
    pub(super) const FORMULA_4: u16 = 0x406;
    pub(super) const FORMULA_TEXT: u16 = 0x207;
    pub(super) const SHORT_NUMBER: u16 = 0x27E;
    pub(super) const HEADER: u16 = 0x14;
    pub(super) const FOOTER: u16 = 0x15;
    pub(super) const NOTE: u16 = 0x1C;
    pub(super) const FILE_PASS: u16 = 0x2F;
    pub(super) const CODEPAGE: u16 = 0x42;
}

/// Reads the records one after another. Text without a codepage is taken for that of those who still write this.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let budget = source.budget();
    let len = source.len();
    let mut section = source.section(0, len);
    let mut sheet = Sheet {
        encoding: GB18030,
        row: None,
        is_first: false,
    };
    let mut body = Vec::new();
    let mut at = 0;
    found.text.part(Part::Body);
    // Less than a head is what fills up the file.
    while at + 4 <= len {
        budget.check_time()?;
        let mut head = [0; 4];
        section.read_exact(&mut head)?;
        let (id, size) = (u16_at(&head, 0)?, usize::from(u16_at(&head, 2)?));
        body.resize(size, 0);
        section.read_exact(&mut body)?;
        at += 4 + size as u64;
        if id == id::FILE_PASS {
            found.encrypted(EncryptionMethod::CfbXor);
            return Ok(());
        }
        // One broken record says nothing of the next.
        let result = sheet.take(id, &body, &mut found.text);
        found.tolerate(result)?;
    }
    Ok(())
}

struct Sheet {
    encoding: &'static Encoding,
    /// The row of the cell before.
    row: Option<u16>,
    /// Whether the cell at hand is of the first version, which has one byte more before its value and one less in lengths.
    is_first: bool,
}

impl Sheet {
    fn take(&mut self, id: u16, body: &[u8], text: &mut Text) -> Result<(), Stop> {
        self.is_first = id < 0x100;
        let value = 6 + usize::from(self.is_first);
        match id {
            id::CODEPAGE => self.encoding = codepage::by_number(u16_at(body, 0)?.into()),
            id::HEADER | id::FOOTER if !body.is_empty() => {
                text.part(Part::Margin);
                margins::push(&self.string(body, 0, true)?, text)?;
                text.part(Part::Body);
            }
            id::NOTE => {
                text.part(Part::Aside);
                text.gap(Gap::Paragraph);
                cells::push(&self.string(body, 4, false)?, text)?;
                text.gap(Gap::Paragraph);
                text.part(Part::Body);
            }
            id::LABEL | id::LABEL_2 => {
                self.enter(body, text)?;
                cells::push(&self.string(body, value, self.is_first)?, text)?;
            }
            // The cell is that of the formula before.
            id::FORMULA_TEXT | id::FORMULA_TEXT_2 => cells::push(&self.string(body, 0, self.is_first)?, text)?,
            id::NUMBER | id::NUMBER_2 => {
                self.enter(body, text)?;
                text.push(&cells::float(u64_at(body, value)?))?;
            }
            id::INTEGER_2 => {
                self.enter(body, text)?;
                text.push(&u16_at(body, value)?.to_string())?;
            }
            id::SHORT_NUMBER => {
                self.enter(body, text)?;
                text.push(&cells::short(u32_at(body, value)?))?;
            }
            id::FORMULA_2 | id::FORMULA_3 | id::FORMULA_4 => {
                self.enter(body, text)?;
                let result = u64_at(body, value)?;
                // All ones above: a text that follows, a truth value, an error.
                if result >> 48 != 0xFFFF {
                    text.push(&cells::float(result))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The string at an offset of a record, behind its length.
    fn string(&self, body: &[u8], at: usize, is_short: bool) -> Result<String, Stop> {
        let (count, at) = if is_short {
            (usize::from(*body.get(at).ok_or(Stop::Damaged)?), at + 1)
        } else {
            (usize::from(u16_at(body, at)?), at + 2)
        };
        let rest = body.get(at..).unwrap_or_default();
        Ok(codepage::zero_ended(&rest[..rest.len().min(count)], self.encoding))
    }

    /// Goes to the cell of a record, which begins with its row.
    fn enter(&mut self, body: &[u8], text: &mut Text) -> Result<(), Stop> {
        let row = u16_at(body, 0)?;
        match self.row.replace(row) {
            None => {}
            Some(before) if before == row => text.gap(Gap::Cell),
            Some(_) => text.gap(Gap::Paragraph),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use crate::examined::examined;
    use crate::kind;

    #[test]
    fn a_table_as_programs_export_it_is_read_without_a_codepage() {
        // 示例 in GBK, as they write it.
        let label = record(0x204, b"\0\0\0\0\0\0\x04\0\xCA\xBE\xC0\xFD");
        let number = record(
            0x203,
            &[&[0, 0, 1, 0, 0, 0][..], &13_800_138_000_f64.to_le_bytes()].concat(),
        );
        let below = record(0x204, b"\x01\0\0\0\0\0\x01\0a");
        let begin = record(0x809, &[0, 0, 0x10, 0, 0, 0, 0, 0]);
        let found = examined(&[begin, label, number, below, record(0x0A, &[])].concat());
        assert_eq!((found.kind, found.stopped), (kind::XLS, None));
        assert_eq!(found.text.captured, "示例\t13800138000\na");
    }

    #[test]
    fn the_first_version_has_other_lengths() {
        let begin = record(0x09, &[2, 0, 0x10, 0]);
        let label = record(0x04, b"\0\0\0\0\0\0\0\x04\xCA\xBE\xC0\xFD");
        let integer = record(0x02, &[0, 0, 1, 0, 0, 0, 0, 42, 0]);
        let formula = record(
            0x06,
            &[&[1, 0, 0, 0, 0, 0, 0][..], &[0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0]].concat(),
        );
        let result = record(0x07, b"\x02ok");
        let header = record(0x14, b"\x05&Ltop");
        let found = examined(&[begin, header, label, integer, formula, result, record(0x0A, &[])].concat());
        assert_eq!((found.kind, found.stopped), (kind::XLS, None));
        assert!(found.text.captured.contains("top"));
        assert!(found.text.captured.ends_with("示例\t42\nok"), "{}", found.text.captured);
    }

    #[test]
    fn a_lock_is_told_and_a_cut_keeps_what_came() {
        let begin = record(0x409, &[4, 0, 0x10, 0, 0, 0]);
        let locked = examined(&[begin.clone(), record(0x2F, &[1, 2, 3, 4]), record(0x0A, &[])].concat());
        assert!(locked.encryption.protects());
        let mut cut = [begin, record(0x204, b"\0\0\0\0\0\0\x01\0a")].concat();
        cut.extend([4, 2, 99, 0, 1]);
        let found = examined(&cut);
        assert!(found.text.captured.contains('a'));
        assert_eq!(found.stopped, Some(fileward_policy::facts::TextState::Malformed));
    }
}

//! Excel's formats before xlsx ([MS-XLS]: BIFF8 since Excel 97, BIFF5 before), which WPS Spreadsheets uses too.
//!
//! The stream is read once, record by record: first what the workbook shares, then sheet by sheet. What is locked only
//! with the password that Excel has built in is decrypted on the way.

mod bare;
mod cells;
pub(super) mod cipher;
mod margins;
mod records;
mod strings;

pub(crate) use bare::examine as examine_bare;

use encoding_rs::WINDOWS_1252;
use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use self::records::{Joined, Records};
use self::strings::{Form, Length, Shared};
use crate::codepage;
use crate::container::compound::Storage;
use crate::found::Found;
use crate::office::built_in_password;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part, Text};

/// Sheets of one workbook whose names are kept.
const MAX_SHEETS: usize = 4096;

/// Numbers of records.
mod id {
    pub(super) const FILE_PASS: u16 = 0x2F;
    pub(super) const CODEPAGE: u16 = 0x42;
    pub(super) const SHEET: u16 = 0x85;
    pub(super) const SHARED_STRINGS: u16 = 0xFC;
    pub(super) const BEGIN: u16 = 0x809;
    pub(super) const END: u16 = 0x0A;
    pub(super) const HEADER: u16 = 0x14;
    pub(super) const FOOTER: u16 = 0x15;
    pub(super) const MORE_MARGINS: u16 = 0x89C;
    pub(super) const NOTE: u16 = 0x1C;
    pub(super) const OBJECT: u16 = 0x5D;
    pub(super) const TEXT_BOX: u16 = 0x1B6;
    pub(super) const SERIES_TEXT: u16 = 0x100D;
}

/// Fills in what a workbook says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let stream = storage.stream("Workbook").or_else(|| storage.stream("Book"));
    let stream = storage.open(source, stream.ok_or(Stop::Damaged)?);
    let shared = Shared::new(stream.budget())?;
    let mut workbook = Workbook {
        records: Records::new(stream),
        form: Form::Unicode,
        sheets: Vec::new(),
        shared,
        depth: 0,
        part: Part::Body,
        row: None,
        waiting: None,
        is_note: false,
    };
    workbook.read(found)
}

struct Sheet {
    start: u64,
    name: String,
    is_hidden: bool,
}

/// A workbook on the way through its records.
struct Workbook<'s, 'a> {
    records: Records<'s, 'a>,
    form: Form,
    sheets: Vec<Sheet>,
    shared: Shared<'a>,
    /// Parts within each other: a chart may stand in a sheet.
    depth: u32,
    part: Part,
    /// The row of the cell before.
    row: Option<u16>,
    /// The row of a formula whose text comes in a record of its own.
    waiting: Option<u16>,
    /// Whether the object at hand is a note.
    is_note: bool,
}

impl Workbook<'_, '_> {
    fn read(&mut self, found: &mut Found) -> Result<(), Stop> {
        loop {
            let id = match self.records.advance() {
                Ok(Some(id)) => id,
                Ok(None) => break,
                // Behind the last part may stand rubbish.
                Err(Stop::Damaged) if self.depth == 0 && self.records.start > 0 => break,
                Err(stop) => return Err(stop),
            };
            if id == id::FILE_PASS && self.depth == 1 && self.sheets.is_empty() {
                if !self.unlock(found)? {
                    return Ok(());
                }
                continue;
            }
            match self.take(id, &mut found.text) {
                // One broken record says nothing of the next.
                Err(stop @ Stop::Damaged) => found.stopped(&stop),
                result => result?,
            }
        }
        let is_cut = self.depth > 0 || self.sheets.iter().any(|sheet| sheet.start >= self.records.start);
        if is_cut { Err(Stop::Damaged) } else { Ok(()) }
    }

    fn take(&mut self, id: u16, text: &mut Text) -> Result<(), Stop> {
        match id {
            id::BEGIN => self.begin(text),
            id::END => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            id::CODEPAGE => self.codepage(),
            id::SHEET => self.sheet(),
            id::SHARED_STRINGS => self.share(text),
            id::HEADER | id::FOOTER | id::MORE_MARGINS => self.margin(id, text),
            id::OBJECT => {
                self.is_note = u16_at(&self.records.body, 4) == Ok(0x19);
                Ok(())
            }
            id::TEXT_BOX => self.text_box(text),
            id::NOTE => self.old_note(text),
            id::SERIES_TEXT => self.series(text),
            _ => self.cell(id, text),
        }
    }

    /// Meets the lock; false when the built-in password does not open it.
    fn unlock(&mut self, found: &mut Found) -> Result<bool, Stop> {
        let record = &self.records.body;
        // Since Excel 97 the record begins with its type; before, there was XOR alone.
        let is_xor = record.len() == 4 || u16_at(record, 0)? == 0;
        let method = if is_xor {
            EncryptionMethod::CfbXor
        } else {
            EncryptionMethod::CfbRc4
        };
        let Some(cipher) = built_in_password::open_workbook(record) else {
            found.set_encryption(EncryptionState::Encrypted, method);
            return Ok(false);
        };
        found.set_encryption(EncryptionState::Openable, method);
        self.records.decrypt(cipher);
        Ok(true)
    }

    fn begin(&mut self, text: &mut Text) -> Result<(), Stop> {
        const EXCEL_97: u16 = 0x600;
        self.depth += 1;
        let start = self.records.start;
        if start == 0 {
            text.part(Part::Body);
            if u16_at(&self.records.body, 0)? < EXCEL_97 {
                self.form = Form::Bytes(WINDOWS_1252);
            }
        }
        if self.depth > 1 {
            return Ok(());
        }
        self.row = None;
        self.waiting = None;
        self.part = Part::Body;
        if let Some(sheet) = self.sheets.iter().find(|sheet| sheet.start == start) {
            self.part = if sheet.is_hidden { Part::Aside } else { Part::Body };
            text.part(self.part);
            text.gap(Gap::Page);
            text.push(&sheet.name)?;
            text.gap(Gap::Paragraph);
        }
        Ok(())
    }

    fn codepage(&mut self) -> Result<(), Stop> {
        if matches!(self.form, Form::Bytes(_)) {
            let number = u16_at(&self.records.body, 0)?;
            self.form = Form::Bytes(codepage::by_number(number.into()));
        }
        Ok(())
    }

    fn sheet(&mut self) -> Result<(), Stop> {
        let body = &self.records.body;
        let start = u32_at(body, 0)?.into();
        let is_hidden = body.get(4).is_some_and(|state| state & 3 != 0);
        let name = strings::read(&mut self.records, 6, Length::Byte, self.form)?;
        if self.sheets.len() < MAX_SHEETS {
            self.sheets.push(Sheet { start, name, is_hidden });
        }
        Ok(())
    }

    fn share(&mut self, text: &mut Text) -> Result<(), Stop> {
        let surplus = |string: &str| {
            text.push(string)?;
            text.gap(Gap::Paragraph);
            Ok(())
        };
        self.shared.read(&mut self.records, surplus)
    }

    fn margin(&mut self, id: u16, text: &mut Text) -> Result<(), Stop> {
        let found = match (id, self.form) {
            (id::MORE_MARGINS, _) => margins::more(&mut self.records)?,
            _ if self.records.body.is_empty() => return Ok(()),
            (_, Form::Unicode) => vec![strings::read(&mut self.records, 0, Length::Word, self.form)?],
            (_, Form::Bytes(_)) => vec![strings::read(&mut self.records, 0, Length::Byte, self.form)?],
        };
        for margin in found {
            text.part(Part::Margin);
            margins::push(&margin, text)?;
        }
        text.part(self.part);
        Ok(())
    }

    /// The text of a shape or a note follows in records that continue its own.
    fn text_box(&mut self, text: &mut Text) -> Result<(), Stop> {
        let count = u16_at(&self.records.body, 10)?;
        if count == 0 || !self.records.advance_if_continued()? {
            return Ok(());
        }
        let mut joined = Joined::new(&mut self.records, 0);
        let is_wide = joined.u8()? & 1 != 0;
        let units = joined.units(count, is_wide)?;
        self.push_aside(&String::from_utf16_lossy(&units), self.is_note, text)
    }

    /// Before Excel 97, a note's text stands in the note itself.
    fn old_note(&mut self, text: &mut Text) -> Result<(), Stop> {
        if matches!(self.form, Form::Unicode) {
            return Ok(());
        }
        let note = strings::read(&mut self.records, 4, Length::Word, self.form)?;
        self.push_aside(&note, true, text)
    }

    /// Titles and names in charts.
    fn series(&mut self, text: &mut Text) -> Result<(), Stop> {
        let title = strings::read(&mut self.records, 2, Length::Byte, self.form)?;
        self.push_aside(&title, false, text)
    }

    fn push_aside(&mut self, string: &str, is_note: bool, text: &mut Text) -> Result<(), Stop> {
        text.part(if is_note { Part::Aside } else { self.part });
        text.gap(Gap::Paragraph);
        for line in string.split(['\r', '\n']) {
            text.push(line)?;
            text.gap(Gap::Line);
        }
        text.gap(Gap::Paragraph);
        text.part(self.part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;
    use crate::examined::{assert_in_order, examined};

    pub(super) fn record(id: u16, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap();
        [&id.to_le_bytes()[..], &len.to_le_bytes(), body].concat()
    }

    fn workbook(name: &str, records: &[Vec<u8>]) -> Found {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let mut stream = file.create_stream(name).unwrap();
        stream.write_all(&records.concat()).unwrap();
        drop(stream);
        examined(&file.into_inner().into_inner())
    }

    #[test]
    fn sheets_are_read_row_by_row() {
        let found = examined(include_bytes!("../../tests/files/fixtures/rich.xls"));
        assert_eq!(found.stopped, None);
        assert_in_order(
            &found,
            &[
                "员工\n",
                "表头机密\n",
                "姓名\tPhone\t工资\n张三\t13800138000\t1234.56\t42\n李四\t公式结果\t3",
                "批注在此",
                "隐藏表\n",
                "隐藏内容",
                "Shapes\n",
                "形状文字",
            ],
        );
    }

    #[test]
    fn what_the_built_in_password_opens_reads_like_any_other() {
        let plain = examined(include_bytes!("../../tests/files/fixtures/rich.xls"));
        for (locked, method) in [
            (
                &include_bytes!("../../tests/files/fixtures/rich-xor.xls")[..],
                EncryptionMethod::CfbXor,
            ),
            (
                include_bytes!("../../tests/files/fixtures/rich-crypto-api.xls"),
                EncryptionMethod::CfbRc4,
            ),
        ] {
            let found = examined(locked);
            assert_eq!(found.text.captured, plain.text.captured, "{method:?}");
            assert_eq!(found.encryption.state, EncryptionState::Openable);
            assert_eq!(found.encryption.method, Some(method));
        }
        let found = examined(include_bytes!("../../tests/files/fixtures/calc-built-in.xls"));
        assert_in_order(&found, &["合计"]);
    }

    #[test]
    fn a_string_goes_on_in_the_next_record_with_other_widths() {
        // Two strings; the first is cut, and goes on with wide characters behind a flag of its own.
        let begin = record(0x809, &[0, 6, 5, 0]);
        let table = record(0xFC, b"\x02\0\0\0\x02\0\0\0\x05\0\0abc");
        let more = record(0x3C, b"\x01\x3A\x79\x8B\x4F\x01\0\0z");
        let end = record(0x0A, &[]);
        let cell = |row: u8, string: u8| record(0xFD, &[row, 0, 0, 0, 0, 0, string, 0, 0, 0]);
        let found = workbook(
            "Workbook",
            &[
                begin.clone(),
                table,
                more,
                end.clone(),
                begin,
                cell(0, 0),
                cell(0, 1),
                cell(1, 9),
                end,
            ],
        );
        assert_eq!((found.text.captured.as_str(), found.stopped), ("abc示例\tz\n", None));
    }

    #[test]
    fn books_older_than_unicode_are_read_by_their_codepage() {
        let begin = record(0x809, &[0, 5, 5, 0]);
        let page = record(0x42, &936_u16.to_le_bytes());
        let label = record(0x204, b"\0\0\0\0\0\0\x04\0\xCA\xBE\xC0\xFD");
        let note = record(0x1C, b"\0\0\0\0\x02\0\xC5\xFA");
        let found = workbook("Book", &[begin, page, label, note, record(0x0A, &[])]);
        assert_in_order(&found, &["示例", "批"]);
    }

    #[test]
    fn a_table_larger_than_memory_is_text_all_the_same() {
        let begin = record(0x809, &[0, 6, 5, 0]);
        let end = record(0x0A, &[]);
        let mut records = vec![begin.clone(), record(0xFC, &[0, 0, 0, 0, 100, 0, 0, 0])];
        // Strings of 20,000 characters, each of three bytes in memory.
        for _ in 0..100 {
            let units = "示"
                .repeat(20_000)
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>();
            records.push(record(0x3C, &[&[0x20, 0x4E, 1][..], &units].concat()));
        }
        let first = record(0xFD, &[0; 10]);
        let last = record(0xFD, &[1, 0, 0, 0, 0, 0, 99, 0, 0, 0]);
        records.extend([end.clone(), begin, first, last, end]);
        let found = workbook("Workbook", &records);
        let surplus = 100 - strings::MAX_SHARED / 60_004;
        // The first is in its cell; the last came early.
        let expected = 20_000 * (surplus as u64 + 1);
        assert_eq!((found.stopped, found.text.chars()), (None, expected));
    }
}

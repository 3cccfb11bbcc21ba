//! Sheets of a workbook: cells in rows (ECMA-376, part 1, 18.3).

use std::io::Read;

use super::strings::Strings;
use crate::flow::Flow;
use crate::markup::Tag;
use crate::office::number;
use crate::source::Stop;
use crate::text::Gap;
use crate::xml::{Event, Reader};

/// Bytes of one cell's value: Excel allows 32,767 characters.
const MAX_VALUE: usize = 128 << 10;
/// Bytes of a sheet's headers and footers.
const MAX_MARGIN: usize = 8 << 10;
/// Empty cells that count between two others: columns far off have no heading to be found by.
const MAX_EMPTY: usize = 64;

/// Where the next cell of a row stands.
#[derive(Debug, Default)]
pub(super) struct Row {
    next: usize,
}

impl Row {
    pub(super) fn begin(&mut self, flow: &mut Flow<'_>) {
        flow.settle();
        self.next = 0;
    }

    /// Goes on to the cell in this column.
    pub(super) fn go_to(&mut self, column: usize, flow: &mut Flow<'_>) {
        for _ in 0..column.saturating_sub(self.next).min(MAX_EMPTY) {
            flow.end(Gap::Cell);
        }
        self.next = column;
    }

    pub(super) fn end_cell(&mut self, flow: &mut Flow<'_>) {
        flow.end(Gap::Cell);
        self.next = self.next.saturating_add(1);
    }
}

/// What a cell's value means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Number,
    Shared,
    Text,
    Nothing,
}

/// The element whose text is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Value,
    Text,
    Margin,
}

struct Sheet<'s, 'f, 't> {
    strings: &'s Strings,
    flow: &'f mut Flow<'t>,
    row: Row,
    meaning: Meaning,
    inside: Inside,
    value: String,
    margin: String,
}

/// Reads a sheet row by row; gives the codes of its headers and footers.
pub(super) fn read(part: impl Read, strings: &Strings, flow: &mut Flow<'_>) -> (String, Result<(), Stop>) {
    let mut sheet = Sheet {
        strings,
        flow,
        row: Row::default(),
        meaning: Meaning::Number,
        inside: Inside::Nothing,
        value: String::new(),
        margin: String::new(),
    };
    let result = sheet.read(part);
    (sheet.margin, result)
}

impl Sheet<'_, '_, '_> {
    fn read(&mut self, part: impl Read) -> Result<(), Stop> {
        let mut reader = Reader::new(part);
        while let Some(event) = reader.next()? {
            match event {
                Event::Open(tag) => match tag.name {
                    "f" | "rPh" | "extLst" | "conditionalFormatting" | "dataValidations" => reader.skip()?,
                    _ => self.open(&tag),
                },
                Event::Text(piece) => self.take(piece)?,
                Event::Close(name) => self.close(name)?,
            }
        }
        Ok(())
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "row" => self.row.begin(self.flow),
            "c" => self.begin_cell(tag),
            "v" => self.inside = Inside::Value,
            "t" => self.inside = Inside::Text,
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                self.inside = Inside::Margin;
            }
            _ => {}
        }
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        self.meaning = Meaning::Number;
        self.value.clear();
        for (name, value) in tag.attributes() {
            match name {
                "r" => {
                    if let Some(column) = column(value) {
                        self.row.go_to(column, self.flow);
                    }
                }
                "t" => {
                    self.meaning = match value {
                        "s" => Meaning::Shared,
                        "str" | "inlineStr" | "d" => Meaning::Text,
                        "b" | "e" => Meaning::Nothing,
                        _ => Meaning::Number,
                    }
                }
                _ => {}
            }
        }
    }

    fn take(&mut self, piece: &str) -> Result<(), Stop> {
        match self.inside {
            Inside::Nothing => Ok(()),
            Inside::Text => self.flow.push(piece),
            Inside::Value if self.meaning == Meaning::Text => self.flow.push(piece),
            Inside::Value => {
                append(&mut self.value, piece, MAX_VALUE);
                Ok(())
            }
            Inside::Margin => {
                append(&mut self.margin, piece, MAX_MARGIN);
                Ok(())
            }
        }
    }

    fn close(&mut self, name: &str) -> Result<(), Stop> {
        match name {
            "v" => {
                self.inside = Inside::Nothing;
                match self.meaning {
                    Meaning::Number => self.flow.push(&number::digits(&self.value))?,
                    Meaning::Shared => {
                        let index = self.value.trim_ascii().parse().ok();
                        self.flow
                            .push(index.and_then(|index| self.strings.get(index)).unwrap_or_default())?;
                    }
                    Meaning::Text | Meaning::Nothing => {}
                }
            }
            "c" => self.row.end_cell(self.flow),
            "row" => self.flow.end(Gap::Paragraph),
            _ => {
                if self.inside == Inside::Margin {
                    append(&mut self.margin, "\n", MAX_MARGIN);
                }
                self.inside = Inside::Nothing;
            }
        }
        Ok(())
    }
}

fn append(text: &mut String, piece: &str, max: usize) {
    if text.len() + piece.len() <= max {
        text.push_str(piece);
    }
}

/// The column of a cell such as `AB12`, from 0.
fn column(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase).take(4);
    let number = letters.fold(0, |number, letter| number * 26 + usize::from(letter - b'A') + 1);
    number.checked_sub(1)
}

/// The text of headers and footers, whose sections, fonts and fields are codes behind an ampersand (18.3.1.46).
pub(super) fn push_margin(codes: &str, flow: &mut Flow<'_>) -> Result<(), Stop> {
    for line in codes.lines() {
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once('&') {
            flow.push(before)?;
            let mut after = behind.chars();
            match after.next() {
                Some('&') => flow.push("&")?,
                Some('L' | 'C' | 'R') => flow.end(Gap::Paragraph),
                Some('"') => {
                    let (_, behind) = after.as_str().split_once('"').unwrap_or_default();
                    rest = behind;
                    continue;
                }
                Some('K') => {
                    rest = after
                        .as_str()
                        .trim_start_matches(|c: char| c.is_ascii_hexdigit() || matches!(c, '+' | '-'));
                    continue;
                }
                Some(c) if c.is_ascii_digit() => {
                    rest = after.as_str().trim_start_matches(|c: char| c.is_ascii_digit());
                    continue;
                }
                _ => {}
            }
            rest = after.as_str();
        }
        flow.push(rest)?;
        flow.end(Gap::Paragraph);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;
    use crate::text::Part;

    #[test]
    fn cells_stand_in_their_columns() {
        let sheet = r#"<worksheet><sheetData>
            <row r="1"><c r="A1" t="inlineStr"><is><r><t>身份</t></r><r><t>证号</t></r></is></c><c r="C1" t="s"><v>0</v></c></row>
            <row r="2"><c r="B2"><f>A1+1</f><v>1.3800138E+10</v></c><c r="C2" t="str"><v>a&amp;b</v></c><c t="b"><v>1</v></c></row>
            <row r="3"><c r="XFD3"><v>7</v></c></row>
            </sheetData><headerFooter><oddHeader>&amp;L机密&amp;C&amp;"宋体,Bold"&amp;12内部&amp;R&amp;P/&amp;N R&amp;&amp;D</oddHeader></headerFooter></worksheet>"#;
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        let mut strings = Strings::default();
        strings.push("电话", &mut flow).unwrap();
        strings.end(&mut flow);
        let (margin, result) = read(sheet.as_bytes(), &strings, &mut flow);
        result.unwrap();
        flow.turn_to(Part::Margin);
        push_margin(&margin, &mut flow).unwrap();
        flow.finish().unwrap();
        let far = "\t".repeat(MAX_EMPTY);
        let expected = format!("身份证号\t\t电话\n\t13800138000\ta&b\t\n{far}7\n\u{C}机密\n内部\n/ R&D\u{C}");
        assert_eq!(found.text.captured, expected);
    }
}

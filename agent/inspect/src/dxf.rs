//! Drawings in text (DXF): lines in pairs, a group's code and its value. Only the groups of texts are read.

mod binary;

pub(crate) use binary::examine as examine_binary;

use crate::encoding::Encoding;
use crate::found::Found;
use crate::plain_text;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part, Text};

/// The groups that hold texts: the text itself, the tag or prompt of an attribute, and further pieces of a long text.
const TEXT: u16 = 1;
const PIECE: u16 = 3;
/// Bytes of a line that are kept.
const MAX_LINE: usize = 4096;

/// Reads the texts of a drawing.
pub(crate) fn examine(source: &mut Source<'_>, encoding: Encoding, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let budget = source.budget();
    let len = source.len();
    let mut groups = Groups {
        text: &mut found.text,
        code: None,
        line: String::new(),
    };
    plain_text::decode(&mut source.section(0, len), encoding, budget, &mut |text| {
        groups.push(text)
    })?;
    groups.end_line()
}

/// Lines on their way.
struct Groups<'a> {
    text: &'a mut Text,
    /// The code of the group whose value comes next.
    code: Option<u16>,
    line: String,
}

impl Groups<'_> {
    fn push(&mut self, text: &str) -> Result<(), Stop> {
        let mut pieces = text.split('\n');
        self.add(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.end_line()?;
            self.add(piece);
        }
        Ok(())
    }

    fn add(&mut self, piece: &str) {
        let room = MAX_LINE.saturating_sub(self.line.len());
        self.line.push_str(&piece[..piece.floor_char_boundary(room)]);
    }

    fn end_line(&mut self) -> Result<(), Stop> {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_end_matches('\r');
        match self.code.take() {
            // Others than these are all the same.
            None => self.code = Some(line.trim().parse().unwrap_or(u16::MAX)),
            Some(TEXT) => {
                self.text.push(&readable(line))?;
                self.text.gap(Gap::Paragraph);
            }
            // The last piece is of the other group.
            Some(PIECE) => self.text.push(&readable(line))?,
            Some(_) => {}
        }
        Ok(())
    }
}

/// A text without the marks of its looks: braces, codes up to a semicolon, and characters by number.
fn readable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '{' | '}' => {}
            '\\' => rest = escape(rest, &mut out),
            c => out.push(c),
        }
    }
    out
}

/// Takes what a backslash begins; what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    if let Some(number) = rest.strip_prefix("U+").and_then(|number| number.get(..4)) {
        let c = u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
        out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        return &rest[6..];
    }
    let Some(code) = rest.chars().next() else {
        return rest;
    };
    let behind = &rest[code.len_utf8()..];
    match code {
        'P' | '~' => out.push(' '),
        'f' | 'F' | 'H' | 'W' | 'Q' | 'T' | 'C' | 'A' | 'p' => {
            return behind.split_once(';').map_or(behind, |(_, behind)| behind);
        }
        'L' | 'l' | 'O' | 'o' | 'K' | 'k' | 'S' => {}
        code => out.push(code),
    }
    behind
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    #[test]
    fn only_texts_are_read_and_without_their_looks() {
        let drawing = "  0\r\nSECTION\r\n  2\r\nENTITIES\r\n  0\r\nMTEXT\r\n 10\r\n13800138000\r\n  3\r\n{\\fSimSun|b0;设计单位：}\r\n  \
            1\r\n\\U+793A\\U+4F8B科技\\P图号 A-1\r\n  0\r\nEOF\r\n";
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        examine(
            &mut Source::of_memory(drawing.as_bytes(), &budget),
            Encoding::Utf8,
            &mut found,
        )
        .unwrap();
        assert_eq!(found.text.captured, "设计单位：示例科技 图号 A-1\n");
    }
}

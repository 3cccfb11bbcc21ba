//! One way of writing for all text: what looks the same is the same before anything is looked for.
//!
//! Full-width and other compatibility forms become plain ones (as NFKC has it, where it matters), every blank is one
//! space, every dash a hyphen, invisible characters are left out. Gaps become control characters that no text has
//! otherwise. What comes out depends on the whole text alone, not on the pieces it came in.

use unicode_normalization::char::decompose_compatible;
use wide::u8x16;

use crate::bytes::{is, places, within};
use crate::text::Gap;

/// Between cells.
pub(super) const CELL: u8 = b'\t';
/// Ends a line; two of them a paragraph.
pub(super) const LINE: u8 = b'\n';
/// Ends a page.
pub(super) const PAGE: u8 = 0x0C;
/// Ends a file within the file.
pub(super) const FILE: u8 = 0x1C;
/// Empty cells in a row that are kept apart.
const CELLS: u8 = 64;

/// Writes text in its normal form.
#[derive(Debug, Default)]
pub(super) struct Normal {
    started: bool,
    /// The strongest gap since the last character that ends a line.
    line: Option<Gap>,
    cells: u8,
    space: bool,
    /// A carriage return has just ended a line; a line feed after it ends no other.
    returned: bool,
}

/// What a character is written as.
enum Written {
    Space,
    Nothing,
    As(char),
    Gap(Gap),
    Return,
    Tab,
    Compatible,
}

impl Normal {
    /// Writes a piece to the end of `out`.
    pub(super) fn push(&mut self, out: &mut String, piece: &str) {
        let bytes = piece.as_bytes();
        let mut plain = 0;
        let mut places = places(bytes, may_change).peekable();
        while let Some(at) = places.next() {
            // The one blank between two words, by far the most frequent, stays where it is.
            let is_last = places.peek() != Some(&(at + 1)) && at + 1 < bytes.len();
            if bytes[at] == b' ' && at > plain && is_last || stays(&bytes[at..]) {
                continue;
            }
            let Some(c) = piece[at..].chars().next() else { break };
            let Some(written) = written(c) else { continue };
            self.plain(out, &piece[plain..at]);
            self.write(out, c, &written);
            plain = at + c.len_utf8();
        }
        self.plain(out, &piece[plain..]);
    }

    /// Ends what was written.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.space = false;
        self.returned = false;
        match gap {
            Gap::Cell => {
                // A cell's own paragraph ends with it.
                if self.line == Some(Gap::Paragraph) && self.cells == 0 {
                    self.line = None;
                }
                self.tab();
            }
            Gap::Line if self.line == Some(Gap::Line) => self.line(Gap::Paragraph),
            gap => self.line(gap),
        }
    }

    fn line(&mut self, gap: Gap) {
        self.line = self.line.max(Some(gap));
        self.cells = 0;
    }

    fn tab(&mut self) {
        self.cells = self.cells.saturating_add(1).min(CELLS);
    }

    fn write(&mut self, out: &mut String, c: char, written: &Written) {
        let after_return = self.returned && c == '\n';
        self.returned = false;
        match written {
            Written::Nothing => {}
            Written::Space => self.space = true,
            Written::Gap(_) if after_return => {}
            Written::Gap(gap) => self.gap(*gap),
            Written::Return => {
                self.gap(Gap::Line);
                self.returned = true;
            }
            Written::Tab => {
                self.space = false;
                self.tab();
            }
            Written::As(c) => self.plain(out, c.encode_utf8(&mut [0; 4])),
            Written::Compatible => decompose_compatible(c, |part| {
                self.plain(out, part.encode_utf8(&mut [0; 4]));
            }),
        }
    }

    fn plain(&mut self, out: &mut String, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.line.is_some() || self.cells > 0 || self.space {
            self.flush(out);
        }
        self.started = true;
        self.returned = false;
        out.push_str(text);
    }

    fn flush(&mut self, out: &mut String) {
        let line = self.line.take().filter(|_| self.started);
        match line {
            Some(Gap::Line) => out.push('\n'),
            Some(Gap::Paragraph) => out.push_str("\n\n"),
            Some(Gap::Page) => out.push(char::from(PAGE)),
            Some(Gap::File) => out.push(char::from(FILE)),
            Some(Gap::Cell) | None => {}
        }
        for _ in 0..self.cells {
            out.push(char::from(CELL));
        }
        if self.space && line.is_none() && self.cells == 0 && self.started {
            out.push(' ');
        }
        self.cells = 0;
        self.space = false;
    }
}

/// Whether characters that begin with these bytes may be written otherwise. No byte within a character is such a one.
#[inline]
fn may_change(bytes: u8x16) -> u8x16 {
    let ascii = within(bytes, 0, b' ') | is(bytes, 0x7F);
    let wide = within(bytes, 0xE1, 0xE3) | within(bytes, 0xEF, 0xF0) | is(bytes, 0xC2);
    ascii | wide
}

/// Whether a text begins with a comma or stop of Chinese, by far the most frequent of what may change but does not.
fn stays(bytes: &[u8]) -> bool {
    matches!(bytes, [0xE3, 0x80, 0x81 | 0x82, ..] | [0xEF, 0xBC, 0x8C, ..])
}

/// How a character is written; `None` for as it is.
fn written(c: char) -> Option<Written> {
    Some(match c {
        '\t' => Written::Tab,
        '\r' => Written::Return,
        '\n' | '\u{b}' | '\u{85}' | '\u{2028}' => Written::Gap(Gap::Line),
        '\u{2029}' => Written::Gap(Gap::Paragraph),
        '\u{c}' => Written::Gap(Gap::Page),
        '\0'..=' '
        | '\u{7f}'
        | '\u{a0}'
        | '\u{1680}'
        | '\u{180e}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => Written::Space,
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Written::Nothing,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Written::As('-'),
        // Commas of prose stay apart from those between the columns of a table.
        '，' | '；' => return None,
        '\u{ff01}'..='\u{ff5e}' => Written::As(char::from_u32(u32::from(c) - 0xfee0)?),
        // Radicals that fonts of PDFs have in place of characters, ligatures, digits of formulas.
        '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{fb06}' | '\u{fe30}'..='\u{fe4f}' | '\u{1d7ce}'..='\u{1d7ff}' => {
            Written::Compatible
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(pieces: &[&str]) -> String {
        let mut out = String::new();
        let mut normal = Normal::default();
        for piece in pieces {
            normal.push(&mut out, piece);
        }
        out
    }

    #[test]
    fn forms_of_one_character_are_one() {
        assert_eq!(normal(&["１３８\u{a0}００\u{3000}Ａｂ（ｘ）"]), "138 00 Ab(x)");
        assert_eq!(normal(&["010—8888−8888 1\u{200b}2\u{ad}3"]), "010-8888-8888 123");
        assert_eq!(normal(&["⾝份证 \u{1d7d8}\u{1d7d9} ﬁ"]), "身份证 01 fi");
        assert_eq!(normal(&["甲，乙；“丙”。"]), "甲，乙；“丙”。");
    }

    #[test]
    fn lines_cells_and_blanks_are_written_once() {
        assert_eq!(
            normal(&["\r\n a \r\n b\r\n\r\nc\t\td  e \u{c}\nf\n"]),
            "a\nb\n\nc\t\td e\u{c}f"
        );
    }

    #[test]
    fn the_strongest_gap_stays_and_a_cells_paragraph_ends_with_it() {
        let mut out = String::new();
        let mut normal = Normal::default();
        for (piece, gaps) in [
            ("a", &[Gap::Paragraph, Gap::Cell][..]),
            ("b", &[Gap::Cell, Gap::Cell]),
            ("c", &[Gap::Paragraph, Gap::Line]),
            ("d", &[Gap::Line, Gap::Page, Gap::Paragraph]),
            ("e", &[Gap::Page, Gap::File, Gap::Page]),
            ("f", &[]),
        ] {
            normal.push(&mut out, piece);
            for gap in gaps {
                normal.gap(*gap);
            }
        }
        assert_eq!(out, "a\tb\t\tc\n\nd\u{c}e\u{1c}f");
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "([0-9１２Ａa机密 \t\r\n\u{a0}\u{200b}⾝，—]){0,60}", cut in 0usize..60, other in 0usize..60) {
            let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
            let (a, b) = (at(cut.min(other)), at(cut.max(other)));
            prop_assert_eq!(normal(&[&text]), normal(&[&text[..a], &text[a..b], &text[b..]]));
        }
    }
}

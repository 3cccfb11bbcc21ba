//! The text of a document on its way from a format's reader to the scanner. Nothing of it is kept.

use std::sync::Arc;

use crate::bytes;
use crate::scan::{Patterns, Scanned, Scanner};
use crate::source::Stop;

/// Where in a document a piece of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What a reader sees on the pages, sheets and slides.
    Body,
    /// Headers, footers, watermarks, stamps: what repeats on pages and carries marks.
    Margin,
    /// Notes, comments, hidden sheets and slides, tracked deletions, alternative texts.
    Aside,
    /// Values of properties and of custom XML.
    Property,
}

/// What separates two pieces of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// Cells of one row.
    Cell,
    /// Lines: a sentence or a number may go on.
    Line,
    /// Paragraphs, rows, shapes: a sentence ends.
    Paragraph,
    /// Pages, sheets, slides, messages.
    Page,
    /// Files within a file: what follows has a first page of its own.
    File,
}

/// Takes the text of a file and of everything within it, piece by piece.
#[derive(Debug)]
pub(crate) struct Text {
    scanner: Scanner,
    part: Part,
    chars: u64,
    chars_left: u64,
    is_read: bool,
    /// What was taken, as tests see it.
    #[cfg(test)]
    pub(crate) captured: String,
    /// Where in it each part begins.
    #[cfg(test)]
    begun: Vec<(Part, usize)>,
}

impl Text {
    pub(crate) fn new(patterns: Arc<Patterns>, max_chars: u64) -> Self {
        Self {
            scanner: Scanner::new(patterns),
            part: Part::Body,
            chars: 0,
            chars_left: max_chars,
            is_read: false,
            #[cfg(test)]
            captured: String::new(),
            #[cfg(test)]
            begun: Vec::new(),
        }
    }

    /// Says where what follows stands, and that this kind's text is read. Parts do not run into each other.
    pub(crate) fn part(&mut self, part: Part) {
        self.is_read = true;
        if self.part != part {
            // No page ends with a part: a header may come before the page it stands on.
            self.scanner.gap(Gap::Paragraph);
            self.part = part;
            #[cfg(test)]
            self.captured.push('\u{C}');
        }
        #[cfg(test)]
        self.begun.push((part, self.captured.len()));
    }

    /// Takes running text. Pieces without a gap between them are one text: runs of a paragraph, halves of a number.
    ///
    /// # Errors
    /// When the file has more text than is read of one.
    pub(crate) fn push(&mut self, piece: &str) -> Result<(), Stop> {
        let chars = bytes::chars(piece) as u64;
        self.chars_left = self.chars_left.checked_sub(chars).ok_or(Stop::TooLarge)?;
        self.chars += chars;
        self.scanner.push(self.part, piece);
        #[cfg(test)]
        self.captured.push_str(piece);
        Ok(())
    }

    /// Ends what was pushed. Looking at a line costs as much as at its characters, so that many short ones are many characters.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.chars_left = self.chars_left.saturating_sub(1);
        self.scanner.gap(gap);
        #[cfg(test)]
        self.captured.push(match gap {
            Gap::Cell => '\t',
            Gap::Line | Gap::Paragraph => '\n',
            Gap::Page | Gap::File => '\u{C}',
        });
    }

    /// Every text between two gaps with the part that it stands in, as tests see it.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> Vec<(Part, String)> {
        let ends = self
            .begun
            .iter()
            .skip(1)
            .map(|(_, start)| *start)
            .chain([self.captured.len()]);
        let pieces = self.begun.iter().zip(ends);
        let texts = pieces.flat_map(|((part, start), end)| {
            let texts = self.captured[*start..end].split(['\t', '\n', '\u{C}']);
            texts
                .filter(|text| !text.is_empty())
                .map(|text| (*part, text.to_owned()))
        });
        texts.collect()
    }

    /// Whether a reader of text has been at work.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read
    }

    /// Characters taken so far.
    pub(crate) fn chars(&self) -> u64 {
        self.chars
    }

    /// Takes a property's value, as far as there is room for text. It is no sign that this kind's text is read.
    pub(crate) fn property(&mut self, value: &str) {
        let part = std::mem::replace(&mut self.part, Part::Property);
        self.scanner.gap(Gap::Paragraph);
        self.scanner.push(Part::Property, value);
        self.scanner.gap(Gap::Paragraph);
        self.part = part;
    }

    /// What was found in all of it.
    pub(crate) fn finish(self) -> Scanned {
        self.scanner.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_text_use_up_the_limit_too() {
        let mut text = Text::new(Patterns::for_tests(), 10);
        for _ in 0..4 {
            text.push("x").unwrap();
            text.gap(Gap::Line);
        }
        assert_eq!(text.push("xyz"), Err(Stop::TooLarge));
        assert_eq!(text.chars(), 4);
    }
}

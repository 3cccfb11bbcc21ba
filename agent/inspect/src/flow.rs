//! Text of documents whose structure nests: gaps are said where something ends, and given when something follows.

use crate::source::Stop;
use crate::text::{Gap, Part, Text};

/// Bytes of asides after which they are given at the end of the next paragraph.
const ASIDE: usize = 16 << 10;
/// Bytes of asides that are held at all.
const MAX_ASIDE: usize = 256 << 10;

/// The text of one part of a document. What stands aside, such as deleted words between others, is held back so that it
/// does not tear them apart.
#[derive(Debug)]
pub(crate) struct Flow<'t> {
    text: &'t mut Text,
    part: Part,
    pending: Option<Gap>,
    /// Nothing was pushed since the last gap, so that there is nothing to end.
    is_fresh: bool,
    aside: String,
}

impl<'t> Flow<'t> {
    pub(crate) fn new(text: &'t mut Text, part: Part) -> Self {
        text.part(part);
        Self {
            text,
            part,
            pending: None,
            is_fresh: true,
            aside: String::new(),
        }
    }

    /// Says that what follows stands somewhere else.
    pub(crate) fn turn_to(&mut self, part: Part) {
        self.settle();
        self.part = part;
        self.text.part(part);
    }

    pub(crate) fn push(&mut self, piece: &str) -> Result<(), Stop> {
        if piece.is_empty() {
            return Ok(());
        }
        self.settle();
        self.is_fresh = false;
        self.text.push(piece)
    }

    /// A text of its own.
    pub(crate) fn paragraph(&mut self, text: &str) -> Result<(), Stop> {
        self.end(Gap::Paragraph);
        self.push(text)?;
        self.end(Gap::Paragraph);
        Ok(())
    }

    /// Ends what was pushed. Of several ends without text between them the widest counts; but the end of a cell replaces
    /// those of the lines in it, and empty cells count.
    pub(crate) fn end(&mut self, gap: Gap) {
        self.pending = match (self.pending, gap) {
            (None, gap) if self.is_fresh && gap != Gap::Cell => None,
            (Some(Gap::Cell), Gap::Cell) => {
                self.text.gap(Gap::Cell);
                Some(Gap::Cell)
            }
            (Some(Gap::Cell), Gap::Line) => Some(Gap::Cell),
            (None, gap) | (Some(_), gap @ Gap::Cell) => Some(gap),
            (Some(pending), gap) => Some(pending.max(gap)),
        };
        if gap >= Gap::Paragraph && self.aside.len() > ASIDE {
            // What fails here fails again with the next text.
            let _ = self.give_aside();
        }
    }

    /// Gives the gap that was said last, even if nothing follows: a row begins.
    pub(crate) fn settle(&mut self) {
        if let Some(gap) = self.pending.take() {
            self.text.gap(gap);
            self.is_fresh = true;
        }
    }

    /// Takes running text that stands aside.
    pub(crate) fn aside(&mut self, piece: &str) {
        if self.aside.len() + piece.len() <= MAX_ASIDE {
            self.aside.push_str(piece);
        }
    }

    /// Ends what stands aside, if there is any.
    pub(crate) fn end_aside(&mut self) {
        if !self.aside.is_empty() && !self.aside.ends_with('\n') {
            self.aside.push('\n');
        }
    }

    /// Gives what was held back and ends the part.
    pub(crate) fn finish(mut self) -> Result<(), Stop> {
        self.end(Gap::Page);
        self.settle();
        self.give_aside()
    }

    fn give_aside(&mut self) -> Result<(), Stop> {
        if self.aside.is_empty() {
            return Ok(());
        }
        let aside = std::mem::take(&mut self.aside);
        self.settle();
        self.text.part(Part::Aside);
        let result = aside.lines().try_for_each(|line| {
            self.text.push(line)?;
            self.text.gap(Gap::Paragraph);
            Ok(())
        });
        self.text.part(self.part);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;

    #[test]
    fn a_cell_ends_with_one_gap_however_many_paragraphs_it_has() {
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        for cell in ["a", "", "b"] {
            flow.push(cell).unwrap();
            flow.end(Gap::Line);
            flow.end(Gap::Cell);
        }
        flow.end(Gap::Paragraph);
        flow.push("c").unwrap();
        flow.finish().unwrap();
        assert_eq!(found.text.captured, "a\t\tb\nc\u{C}");
    }

    #[test]
    fn what_stands_aside_does_not_tear_a_number_apart() {
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        flow.push("138").unwrap();
        flow.aside("139");
        flow.push("00138000").unwrap();
        flow.finish().unwrap();
        assert_eq!(found.text.captured, "13800138000\u{C}\u{C}139\n\u{C}");
    }
}

//! The shared strings of a workbook: what its cells say by number.

use std::io::Read;

use crate::flow::Flow;
use crate::source::Stop;
use crate::text::Gap;
use crate::xml::{Event, Reader};

/// Bytes of strings that are kept.
const MAX_BYTES: usize = 8 << 20;
/// Strings that are kept.
const MAX_STRINGS: usize = 1 << 20;

/// Shared strings in their order, as far as memory goes.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
    is_full: bool,
}

impl Strings {
    /// Reads the table of a workbook in XML. What cannot be kept is given as it stands: then its cells have nothing to say.
    pub(super) fn read(&mut self, part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
        let mut reader = Reader::new(part);
        let mut in_text = false;
        while let Some(event) = reader.next()? {
            match event {
                Event::Open(tag) if tag.name == "rPh" => reader.skip()?,
                Event::Open(tag) => in_text = tag.name == "t",
                Event::Text(piece) if in_text => self.push(piece, flow)?,
                Event::Text(_) => {}
                Event::Close(name) => {
                    in_text = false;
                    if name == "si" {
                        self.end(flow);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, piece: &str, flow: &mut Flow<'_>) -> Result<(), Stop> {
        if !self.is_full && self.text.len() + piece.len() > MAX_BYTES {
            self.is_full = true;
            let start = self.last_end();
            flow.push(&self.text[start..])?;
            self.text.truncate(start);
        }
        if self.is_full {
            return flow.push(piece);
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub(super) fn end(&mut self, flow: &mut Flow<'_>) {
        match u32::try_from(self.text.len()) {
            Ok(end) if !self.is_full => self.ends.push(end),
            _ => flow.end(Gap::Paragraph),
        }
        self.is_full |= self.ends.len() >= MAX_STRINGS;
    }

    /// The string of this number, if it was kept.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start as usize..*self.ends.get(index)? as usize)
    }

    fn last_end(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;
    use crate::text::Part;

    #[test]
    fn strings_that_cannot_be_kept_are_given_as_they_stand() {
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        let mut strings = Strings::default();
        let long = "x".repeat(MAX_BYTES - 10);
        let table = format!(
            "<sst><si><t>kept</t></si><si><t>{long}</t></si><si><r><t>too </t></r><r><t>much text</t></r></si></sst>"
        );
        strings.read(table.as_bytes(), &mut flow).unwrap();
        flow.finish().unwrap();
        assert_eq!(strings.get(0), Some("kept"));
        assert_eq!(strings.get(1).map(str::len), Some(long.len()));
        assert_eq!(strings.get(2), None);
        assert_eq!(found.text.captured, "too much text\u{C}");
    }

    #[test]
    fn the_sounds_of_a_string_are_not_read() {
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        let mut strings = Strings::default();
        let table = "<sst><si><r><t>东</t></r><r><t>京</t></r><rPh><t>トウキョウ</t></rPh></si></sst>";
        strings.read(table.as_bytes(), &mut flow).unwrap();
        assert_eq!(strings.get(0), Some("东京"));
    }
}

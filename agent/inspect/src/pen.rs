//! Gathers single characters into pieces that are worth handing to the scanner.

use crate::source::Stop;
use crate::text::{Gap, Part, Text};

/// Bytes gathered before they are handed on.
const PIECE: usize = 4 << 10;

/// What a reader that meets its text character by character writes with.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    piece: String,
}

impl Pen {
    pub(crate) fn put(&mut self, c: char, text: &mut Text) -> Result<(), Stop> {
        self.piece.push(c);
        if self.piece.len() < PIECE {
            return Ok(());
        }
        self.flush(text)
    }

    pub(crate) fn gap(&mut self, gap: Gap, text: &mut Text) -> Result<(), Stop> {
        self.flush(text)?;
        text.gap(gap);
        Ok(())
    }

    pub(crate) fn part(&mut self, part: Part, text: &mut Text) -> Result<(), Stop> {
        self.flush(text)?;
        text.part(part);
        Ok(())
    }

    /// Hands on what was gathered. Dropping a pen loses it.
    pub(crate) fn flush(&mut self, text: &mut Text) -> Result<(), Stop> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let result = text.push(&self.piece);
        self.piece.clear();
        result
    }
}

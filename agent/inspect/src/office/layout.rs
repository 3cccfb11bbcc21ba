//! Text that is placed piece by piece: what is one line, and what is one word.

use crate::flow::Flow;
use crate::source::Stop;
use crate::text::Gap;

/// Where a piece of text stands on its page, in any unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Its width, where it is known.
    pub(super) width: Option<f64>,
    /// The height of its characters.
    pub(super) size: f64,
}

/// Puts pieces together in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Layout {
    last: Option<(f64, Place)>,
}

impl Layout {
    /// Takes a piece: it goes on with the text before when it begins where that ends.
    pub(super) fn push(&mut self, text: &str, place: Place, flow: &mut Flow<'_>) -> Result<(), Stop> {
        let width = place.width.unwrap_or_else(|| width(text, place.size));
        if let Some((end, last)) = self.last {
            let size = place.size.max(last.size);
            let same_line = (place.y - last.y).abs() < size / 2.0;
            // Without widths the end is only guessed.
            let near = if place.width.is_some() { 0.6 } else { 1.0 };
            match () {
                () if !same_line => flow.end(Gap::Line),
                () if (place.x - end).abs() > size * near => flow.end(Gap::Cell),
                () => {}
            }
        }
        self.last = Some((place.x + width, place));
        flow.push(text)
    }
}

/// A guess: wide characters are as wide as high, others half of it.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let halves: u32 = text.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum();
    f64::from(halves) * size / 2.0
}

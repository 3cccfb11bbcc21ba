//! From strings placed on a page to running text: what lies side by side is one text, what lies apart is not.

use crate::pdf::geometry::Point;
use crate::source::Stop;
use crate::text::{Gap, Part, Text};

/// Distances, each in heights of the letters. A blank is a quarter wide.
const BLANK: f32 = 0.17;
/// In lines that are squeezed, letters that are not one word stand as near as this.
const SQUEEZED_BLANK: f32 = 0.12;
/// Ideographs are set apart without being words.
const WIDE_BLANK: f32 = 0.45;
const CELL: f32 = 1.5;
/// Lines are stretched at blanks to be of one width.
const STRETCHED: f32 = 6.0;
const BACK: f32 = -0.6;
/// What is raised or lowered less belongs to the line.
const LINE: f32 = 0.55;
const PARAGRAPH: f32 = 2.3;
/// Letters along a curve.
const CURVE: f32 = 1.3;
/// What a word is divided with at the end of a line.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{AD}'];
/// Strings longer than this, in bytes, are not drawn twice.
const REMEMBERED: usize = 256;
/// The shift of a string that is drawn twice to look bold.
const TWICE: f32 = 0.12;

/// A string on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    pub(super) text: &'a str,
    pub(super) start: Point,
    pub(super) end: Point,
    /// Where the line goes, with length 1.
    pub(super) direction: Point,
    /// How high letters are.
    pub(super) em: f32,
}

/// What was laid last.
#[derive(Debug)]
struct Last {
    text: String,
    start: Point,
    end: Point,
    direction: Point,
    em: f32,
    end_char: char,
}

/// The text of a page on its way out.
#[derive(Debug, Default)]
pub(super) struct Layout {
    last: Option<Last>,
    /// A hyphen behind a letter, which is none of the word when the word goes on in the next line.
    hyphen: Option<char>,
}

impl Layout {
    /// Takes the next string.
    pub(super) fn lay(&mut self, placed: Placed<'_>, part: Part, out: &mut Text) -> Result<(), Stop> {
        let (Some(first), Some(end_char)) = (placed.text.chars().next(), placed.text.chars().next_back()) else {
            return Ok(());
        };
        if let Some(last) = &self.last {
            if last.text == placed.text && placed.start.minus(last.start).length() < TWICE * placed.em {
                return Ok(());
            }
            let between = between(last, &placed, first);
            let hyphen = self.hyphen.take();
            if let (Some(_), Between::Gap(Gap::Line), true) = (hyphen, &between, first.is_lowercase()) {
                return self.push(placed, end_char, part, out);
            }
            if let Some(hyphen) = hyphen {
                out.push(hyphen.encode_utf8(&mut [0; 4]))?;
            }
            match between {
                Between::Nothing => {}
                Between::Blank if last.end_char.is_whitespace() || first.is_whitespace() => {}
                Between::Blank => out.push(" ")?,
                Between::Gap(gap) => out.gap(gap),
            }
        }
        self.push(placed, end_char, part, out)
    }

    /// Takes a string that goes on where the text is.
    fn push(&mut self, placed: Placed<'_>, end_char: char, part: Part, out: &mut Text) -> Result<(), Stop> {
        // What is set at an angle is a watermark or a stamp.
        let is_straight = placed.direction.x.abs().max(placed.direction.y.abs()) > 0.99;
        out.part(if is_straight { part } else { Part::Margin });
        let (shown, hyphen) = self.without_hyphen(placed.text);
        self.hyphen = hyphen;
        out.push(shown)?;
        let mut text = self.last.take().map(|last| last.text).unwrap_or_default();
        text.clear();
        if placed.text.len() <= REMEMBERED {
            text.push_str(placed.text);
        }
        self.last = Some(Last {
            text,
            start: placed.start,
            end: placed.end,
            direction: placed.direction,
            em: placed.em,
            end_char,
        });
        Ok(())
    }

    /// A string without the hyphen that it ends with behind a small letter, and that hyphen.
    fn without_hyphen<'t>(&self, text: &'t str) -> (&'t str, Option<char>) {
        let mut chars = text.chars();
        let hyphen = chars.next_back().filter(|c| HYPHENS.contains(c));
        let before = chars
            .next_back()
            .or_else(|| self.last.as_ref().map(|last| last.end_char));
        match hyphen.filter(|_| before.is_some_and(char::is_lowercase)) {
            Some(hyphen) => (&text[..text.len() - hyphen.len_utf8()], Some(hyphen)),
            None => (text, None),
        }
    }

    /// Ends what was laid.
    pub(super) fn end(&mut self, gap: Gap, out: &mut Text) -> Result<(), Stop> {
        if let Some(hyphen) = self.hyphen.take() {
            out.push(hyphen.encode_utf8(&mut [0; 4]))?;
        }
        if self.last.take().is_some() {
            out.gap(gap);
        }
        Ok(())
    }
}

enum Between {
    Nothing,
    Blank,
    Gap(Gap),
}

fn between(last: &Last, next: &Placed<'_>, first: char) -> Between {
    let way = next.start.minus(last.end);
    let em = last.em.max(next.em);
    if last.direction.along(next.direction) < 0.95 {
        // Letters of a seal stand on a circle, each turned a little further.
        let is_near = way.length() < CURVE * em;
        return if is_near {
            Between::Nothing
        } else {
            Between::Gap(Gap::Paragraph)
        };
    }
    let (along, across) = (way.along(last.direction) / em, way.across(last.direction) / em);
    if across.abs() > LINE {
        return Between::Gap(if (-PARAGRAPH..0.0).contains(&across) {
            Gap::Line
        } else {
            Gap::Paragraph
        });
    }
    let has_blank = last.end_char.is_whitespace() || first.is_whitespace();
    let cell = if has_blank { STRETCHED } else { CELL };
    let blank = if is_wide(last.end_char) || is_wide(first) {
        WIDE_BLANK
    } else if last.end_char.is_alphabetic() && first.is_alphabetic() {
        SQUEEZED_BLANK
    } else {
        BLANK
    };
    match along {
        along if along > cell => Between::Gap(Gap::Cell),
        along if along > blank => Between::Blank,
        along if along < BACK => Between::Gap(Gap::Line),
        _ => Between::Nothing,
    }
}

/// Ideographs and what is set among them. Ligatures and other scripts with blanks lie between their blocks.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..)
}

//! Content streams: what a page shows, as far as it is text.

use std::rc::Rc;

use crate::pdf::font::Font;
use crate::pdf::geometry::Matrix;
use crate::pdf::layout::Placed;
use crate::pdf::object::{Dictionary, Object, numbers};
use crate::pdf::parser::{Failure, Parser, Token, is_blank};
use crate::pdf::reader::{Reader, Resources};
use crate::pdf::strings;
use crate::source::Stop;
use crate::text::Part;

/// Operands kept of one operator; none has more that matter.
const MAX_OPERANDS: usize = 64;
/// Bytes of a string that are shown at once: as many as no code lies across.
const STRING: usize = 16 << 10;
/// States put aside at a time.
const MAX_SAVED: usize = 256;
/// Marked contents within each other.
const MAX_MARKS: usize = 256;
/// Forms within forms.
pub(super) const MAX_FORMS: u32 = 12;
/// Operators between two looks at the clock.
const CLOCK: u32 = 4096;

/// What `q` puts aside.
#[derive(Clone, Debug)]
struct Graphics {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    char_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// What marked content says of the text within it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    Nothing,
    /// Repeated on pages, not part of what they say.
    Artifact,
    /// The text is given in another way; none when it was taken.
    Replaced(Option<String>),
}

/// Runs one content stream.
pub(super) struct Content<'r> {
    resources: &'r Resources,
    part: Part,
    depth: u32,
    graphics: Graphics,
    saved: Vec<Graphics>,
    marks: Vec<Mark>,
    /// Marks that were too deep to be kept.
    deeper: u32,
    text: Matrix,
    line: Matrix,
    shown: String,
}

impl<'r> Content<'r> {
    pub(super) fn new(resources: &'r Resources, part: Part, matrix: Matrix, depth: u32) -> Self {
        let graphics = Graphics {
            matrix,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        Self {
            resources,
            part,
            depth,
            graphics,
            saved: Vec::new(),
            marks: Vec::new(),
            deeper: 0,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            shown: String::new(),
        }
    }

    pub(super) fn run(&mut self, bytes: &[u8], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        let mut parser = Parser::new(bytes);
        let mut operands = Vec::new();
        let mut clock = CLOCK;
        loop {
            match parser.token() {
                Ok(Token::Operand(object)) if operands.len() < MAX_OPERANDS => operands.push(object),
                Ok(Token::Operand(_)) => {}
                Ok(Token::Operator(b"BI")) => {
                    skip_image(&mut parser);
                    operands.clear();
                }
                Ok(Token::Operator(word)) => {
                    self.operator(word, &operands, reader)?;
                    operands.clear();
                    clock -= 1;
                    if clock == 0 {
                        reader.source.budget().check_time()?;
                        clock = CLOCK;
                    }
                }
                Err(Failure::Wrong) => parser.skip(1),
                Err(Failure::Cut) => return Ok(()),
            }
        }
    }

    fn operator(&mut self, word: &[u8], operands: &[Object], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        match word {
            b"q" if self.saved.len() < MAX_SAVED => self.saved.push(self.graphics.clone()),
            b"Q" => self.graphics = self.saved.pop().unwrap_or_else(|| self.graphics.clone()),
            b"cm" => {
                if let Some(matrix) = numbers(operands) {
                    self.graphics.matrix = Matrix(matrix).then(self.graphics.matrix);
                }
            }
            b"Do" => {
                if let [Object::Name(name)] = operands
                    && self.depth > 0
                    && !self.is_replaced()
                {
                    let form = (self.resources, name.as_slice());
                    reader.show_form(form, self.current_part(), self.graphics.matrix, self.depth - 1)?;
                }
            }
            b"BT" => (self.text, self.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"BMC" | b"BDC" => self.begin_mark(operands, reader)?,
            b"EMC" if self.deeper > 0 => self.deeper -= 1,
            b"EMC" => {
                self.marks.pop();
            }
            b"Tj" | b"TJ" | b"'" | b"\"" => self.show(word, operands, reader)?,
            _ => self.text_state(word, operands, reader)?,
        }
        Ok(())
    }

    fn text_state(&mut self, word: &[u8], operands: &[Object], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        let number = operands.last().and_then(Object::number);
        let graphics = &mut self.graphics;
        match (word, number) {
            (b"Tf", Some(size)) => {
                graphics.size = size;
                if let Some(Object::Name(name)) = operands.first() {
                    graphics.font = reader.font(self.resources, name)?;
                }
            }
            (b"Tc", Some(space)) => graphics.char_space = space,
            (b"Tw", Some(space)) => graphics.word_space = space,
            (b"Tz", Some(percent)) => graphics.scale = percent / 100.0,
            (b"TL", Some(leading)) => graphics.leading = leading,
            (b"Ts", Some(rise)) => graphics.rise = rise,
            (b"Td" | b"TD", _) => {
                if let Some([x, y]) = numbers(operands) {
                    if word == b"TD" {
                        graphics.leading = -y;
                    }
                    self.next_line(x, y);
                }
            }
            (b"Tm", _) => {
                if let Some(matrix) = numbers(operands) {
                    (self.text, self.line) = (Matrix(matrix), Matrix(matrix));
                }
            }
            (b"T*", _) => self.next_line(0.0, -self.graphics.leading),
            _ => {}
        }
        Ok(())
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.line = Matrix::translation(x, y).then(self.line);
        self.text = self.line;
    }

    /// The operators that show strings.
    fn show(&mut self, word: &[u8], operands: &[Object], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        if let (b"\"", Some([word_space, char_space])) = (word, numbers(operands)) {
            (self.graphics.word_space, self.graphics.char_space) = (word_space, char_space);
        }
        if word != b"Tj" && word != b"TJ" {
            self.next_line(0.0, -self.graphics.leading);
        }
        match operands.last() {
            Some(Object::Text(string)) => self.show_string(string, reader),
            Some(Object::Array(items)) => {
                for item in items {
                    match item {
                        Object::Text(string) => self.show_string(string, reader)?,
                        item => self.advance(-item.number().unwrap_or_default() / 1000.0 * self.graphics.size),
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Moves along the line.
    fn advance(&mut self, by: f32) {
        let is_vertical = self.graphics.font.as_ref().is_some_and(|font| font.is_vertical());
        let (x, y) = if is_vertical {
            (0.0, by)
        } else {
            (by * self.graphics.scale, 0.0)
        };
        self.text = Matrix::translation(x, y).then(self.text);
    }

    fn show_string(&mut self, string: &[u8], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        string.chunks(STRING).try_for_each(|part| self.show_part(part, reader))
    }

    fn show_part(&mut self, string: &[u8], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        let Some(font) = self.graphics.font.clone() else {
            return Ok(());
        };
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        let measures = font.show(string, &mut shown);
        let graphics = &self.graphics;
        let (size, scale, rise) = (graphics.size, graphics.scale, graphics.rise);
        let spaces = measures.codes * graphics.char_space + measures.blanks * graphics.word_space;
        let by = measures.width * size + if font.is_vertical() { -spaces } else { spaces };
        let place = self.text.then(graphics.matrix);
        let start = place.point(0.0, rise);
        self.advance(by);
        let end = self.text.then(self.graphics.matrix).point(0.0, rise);
        // A negative size turns the line around.
        let forth = if font.is_vertical() {
            place.way(0.0, -size)
        } else {
            place.way(size * scale, 0.0)
        };
        let replacement = self.replacement();
        let placed = Placed {
            text: replacement.as_deref().unwrap_or(&shown),
            start,
            end,
            direction: forth.direction(),
            em: place.way(0.0, size).length().min(forth.length() * 2.0) * font.em,
        };
        let part = self.current_part();
        reader.layout.lay(placed, part, &mut reader.found.text)?;
        self.shown = shown;
        Ok(())
    }

    /// What is to be taken instead of a string: nothing at all when it was taken already.
    fn replacement(&mut self) -> Option<String> {
        let mark = self.marks.iter_mut().find_map(|mark| match mark {
            Mark::Replaced(text) => Some(text),
            _ => None,
        });
        mark.map(|text| text.take().unwrap_or_default())
    }

    fn is_replaced(&self) -> bool {
        self.marks.iter().any(|mark| matches!(mark, Mark::Replaced(_)))
    }

    fn current_part(&self) -> Part {
        if self.marks.contains(&Mark::Artifact) {
            Part::Margin
        } else {
            self.part
        }
    }

    fn begin_mark(&mut self, operands: &[Object], reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
        if self.marks.len() == MAX_MARKS {
            self.deeper = self.deeper.saturating_add(1);
            return Ok(());
        }
        let properties = match operands.get(1) {
            Some(Object::Dictionary(own)) => own.clone(),
            Some(Object::Name(name)) => reader.properties(self.resources, name)?,
            _ => Dictionary::default(),
        };
        let mark = match (properties.text("ActualText"), operands.first()) {
            (Some(text), _) => Mark::Replaced(Some(strings::decode(text))),
            (_, Some(Object::Name(name))) if name == b"Artifact" => Mark::Artifact,
            _ => Mark::Nothing,
        };
        self.marks.push(mark);
        Ok(())
    }
}

/// Goes over an image that stands in the stream itself: behind `ID` come its bytes, up to `EI`. False without an end.
pub(super) fn skip_image(parser: &mut Parser<'_>) -> bool {
    loop {
        match parser.token() {
            Ok(Token::Operator(b"ID")) => break,
            Ok(_) => {}
            Err(Failure::Wrong) => parser.skip(1),
            Err(Failure::Cut) => return false,
        }
    }
    let rest = parser.rest();
    let is_end = |at: &usize| {
        let (before, after) = (rest[..*at].last(), rest.get(at + 2..).unwrap_or_default());
        // What follows the image is readable, what follows two of its own bytes is hardly so.
        let readable = |byte: &u8| is_blank(*byte) && *byte != 0 || (0x20..0x7F).contains(byte);
        before.is_none_or(|byte| is_blank(*byte))
            && after.first().is_none_or(|byte| is_blank(*byte))
            && after.iter().take(12).all(readable)
    };
    let end = memchr::memmem::find_iter(rest, b"EI").find(is_end);
    parser.skip(end.map_or(rest.len(), |at| at + 2));
    end.is_some()
}

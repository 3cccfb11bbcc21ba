//! Simple fonts: one byte, one glyph.

use crate::pdf::font::cmap::CMap;
use crate::pdf::font::encoding::{self, Base};
use crate::pdf::font::{Measures, file, letters, widths};
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::Objects;
use crate::pdf::parser::{Failure, Parser, Token};
use crate::source::{Source, Stop};

/// The flag of fonts whose glyphs are not those of Latin writing.
const SYMBOLIC: i64 = 4;

/// A simple font.
#[derive(Debug)]
pub(super) struct Simple {
    texts: Vec<Box<str>>,
    widths: Vec<f32>,
}

impl Simple {
    pub(super) fn read(
        source: &mut Source<'_>,
        objects: &mut Objects,
        font: &Dictionary,
        map: Option<CMap>,
        scale: f32,
    ) -> Result<Self, Stop> {
        let descriptor = objects.entries(source, font, "FontDescriptor")?;
        let mut texts = encoded(source, objects, font, &descriptor)?;
        if let Some(map) = map {
            for (code, own) in (0..).zip(&mut texts) {
                let mut text = String::new();
                if map.text(code, &mut text) {
                    *own = text.into();
                }
            }
        }
        let widths = read_widths(source, objects, font, &descriptor, scale)?;
        Ok(Self { texts, widths })
    }

    pub(super) fn show(&self, string: &[u8], text: &mut String) -> Measures {
        let mut measures = Measures::default();
        for byte in string {
            let code = usize::from(*byte);
            if let (Some(own), Some(width)) = (self.texts.get(code), self.widths.get(code)) {
                text.push_str(own);
                measures.width += width;
            }
            measures.codes += 1.0;
            measures.blanks += f32::from(u8::from(*byte == b' '));
        }
        measures
    }
}

/// The texts of all codes, as the encoding says.
fn encoded(
    source: &mut Source<'_>,
    objects: &mut Objects,
    font: &Dictionary,
    descriptor: &Dictionary,
) -> Result<Vec<Box<str>>, Stop> {
    let encoding = objects.entry(source, font, "Encoding")?;
    let named = match &encoding {
        Object::Name(name) => Base::of_name(name),
        Object::Dictionary(own) => own.name("BaseEncoding").and_then(Base::of_name),
        _ => None,
    };
    let base = named.unwrap_or_else(|| usual(font, descriptor));
    let mut texts: Vec<Box<str>> = (0..=255)
        .map(|code| base.character(code).map(written).unwrap_or_default())
        .collect();
    if named.is_none() && font.has_name("Subtype", b"Type1") {
        let program = file(source, objects, descriptor, &["FontFile"])?;
        take_program(&program.unwrap_or_default(), &mut texts);
    }
    if let Object::Dictionary(own) = &encoding {
        let differences = objects.entry(source, own, "Differences")?;
        take_differences(&differences.into_array(), &mut texts);
    }
    Ok(texts)
}

/// The encoding of a font that names none.
fn usual(font: &Dictionary, descriptor: &Dictionary) -> Base {
    let name = font.name("BaseFont").unwrap_or_default();
    let signs = ["Symbol", "Dingbats", "Wingdings", "Webdings"];
    if signs
        .iter()
        .any(|own| memchr::memmem::find(name, own.as_bytes()).is_some())
    {
        return Base::Signs;
    }
    match font.name("Subtype") {
        Some(b"TrueType" | b"Type3") => Base::Windows,
        _ if descriptor.integer("Flags").is_some_and(|flags| flags & SYMBOLIC != 0) => Base::Windows,
        _ => Base::Standard,
    }
}

/// Takes a list of codes, each with the names of the glyphs from it on.
fn take_differences(differences: &[Object], texts: &mut [Box<str>]) {
    let mut code = 0_usize;
    for item in differences {
        match item {
            Object::Integer(first) => code = usize::try_from(*first).unwrap_or(usize::MAX),
            Object::Name(name) => {
                if let Some(own) = texts.get_mut(code) {
                    take_glyph(code, name, own);
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}

fn take_glyph(code: usize, name: &[u8], own: &mut Box<str>) {
    if let Some(text) = encoding::of_glyph(name) {
        let mut shown = String::new();
        letters::push_str(&mut shown, &text);
        *own = shown.into();
    } else if name == b".notdef" || name_of_code(name) != Some(code) {
        // A name that only numbers the code, as in `a65`, leaves it what it is.
        *own = Box::default();
    }
}

fn name_of_code(name: &[u8]) -> Option<usize> {
    let digits = name.iter().position(u8::is_ascii_digit)?;
    std::str::from_utf8(&name[digits..]).ok()?.parse().ok()
}

/// Takes the encoding that stands in the readable part of a Type 1 font: `dup 65 /A put`.
fn take_program(program: &[u8], texts: &mut [Box<str>]) {
    const READABLE: usize = 64 << 10;
    let program = &program[..program.len().min(READABLE)];
    let Some(start) = memchr::memmem::find(program, b"/Encoding") else {
        return;
    };
    let mut parser = Parser::new(&program[start..]);
    let mut operands = Vec::new();
    loop {
        match parser.token() {
            Ok(Token::Operand(object)) => operands.push(object),
            Ok(Token::Operator(b"put")) => {
                if let [.., Object::Integer(code), Object::Name(name)] = operands.as_slice()
                    && let Ok(code) = usize::try_from(*code)
                    && let Some(own) = texts.get_mut(code)
                {
                    take_glyph(code, name, own);
                }
                operands.clear();
            }
            Ok(Token::Operator(b"def" | b"readonly" | b"eexec")) | Err(Failure::Cut) => return,
            Ok(Token::Operator(_)) => operands.clear(),
            Err(Failure::Wrong) => parser.skip(1),
        }
    }
}

fn written(c: char) -> Box<str> {
    let mut text = String::new();
    letters::push(&mut text, c);
    text.into()
}

fn read_widths(
    source: &mut Source<'_>,
    objects: &mut Objects,
    font: &Dictionary,
    descriptor: &Dictionary,
    scale: f32,
) -> Result<Vec<f32>, Stop> {
    let array = objects.entry(source, font, "Widths")?.into_array();
    if array.is_empty() {
        let name = font.name("BaseFont").unwrap_or_default();
        return Ok((0..=255).map(|code| widths::standard(name, code) / 1000.0).collect());
    }
    let missing = objects
        .entry(source, descriptor, "MissingWidth")?
        .number()
        .unwrap_or_default();
    let mut widths = vec![missing * scale; 256];
    let first = match objects.entry(source, font, "FirstChar")? {
        Object::Integer(first) => usize::from(u8::try_from(first).unwrap_or_default()),
        _ => 0,
    };
    for (own, width) in widths[first..].iter_mut().zip(array) {
        if let Some(width) = objects.value(source, &width)?.number() {
            *own = width * scale;
        }
    }
    Ok(widths)
}

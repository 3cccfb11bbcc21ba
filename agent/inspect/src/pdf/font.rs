//! Fonts, as far as text needs them: which characters the codes of a string stand for, and how wide they are.

mod cmap;
mod composite;
mod encoding;
mod gb1;
mod letters;
mod simple;
mod truetype;
mod widths;

use crate::pdf::font::cmap::CMap;
use crate::pdf::font::composite::Composite;
use crate::pdf::font::simple::Simple;
use crate::pdf::object::{Dictionary, Object, numbers};
use crate::pdf::objects::Objects;
use crate::source::{Source, Stop};

/// The largest map of characters that is read.
const MAX_MAP: usize = 4 << 20;
/// The largest font file that is read.
const MAX_FILE: usize = 16 << 20;

/// The measures of a string, for a font of size 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Measures {
    pub(super) width: f32,
    pub(super) codes: f32,
    /// Single-byte blanks, which word spacing widens.
    pub(super) blanks: f32,
}

#[derive(Debug)]
enum Kind {
    Simple(Simple),
    Composite(Composite),
}

/// A font.
#[derive(Debug)]
pub(super) struct Font {
    kind: Kind,
    /// How high its letters are at size 1.
    pub(super) em: f32,
}

impl Font {
    /// Reads the dictionary of a font.
    pub(super) fn read(source: &mut Source<'_>, objects: &mut Objects, font: &Dictionary) -> Result<Self, Stop> {
        let map = to_unicode(source, objects, font)?;
        if font.has_name("Subtype", b"Type0") {
            let composite = Composite::read(source, objects, font, map)?;
            return Ok(Self {
                kind: Kind::Composite(composite),
                em: 1.0,
            });
        }
        let (scale, em) = if font.has_name("Subtype", b"Type3") {
            drawn_scale(source, objects, font)?
        } else {
            (0.001, 1.0)
        };
        let simple = Simple::read(source, objects, font, map, scale)?;
        Ok(Self {
            kind: Kind::Simple(simple),
            em,
        })
    }

    /// Bytes that it takes, roughly.
    pub(super) fn weight(&self) -> usize {
        const SIMPLE: usize = 8 << 10;
        match &self.kind {
            Kind::Simple(_) => SIMPLE,
            Kind::Composite(composite) => composite.weight(),
        }
    }

    /// Adds the text of a string to `text`, and measures the string.
    pub(super) fn show(&self, string: &[u8], text: &mut String) -> Measures {
        match &self.kind {
            Kind::Simple(simple) => simple.show(string, text),
            Kind::Composite(composite) => composite.show(string, text),
        }
    }

    /// Whether its lines run downwards.
    pub(super) fn is_vertical(&self) -> bool {
        matches!(&self.kind, Kind::Composite(composite) if composite.is_vertical())
    }
}

/// The map that a font brings for the very purpose of its text being found.
fn to_unicode(source: &mut Source<'_>, objects: &mut Objects, font: &Dictionary) -> Result<Option<CMap>, Stop> {
    let Some(Object::Reference(number)) = font.get("ToUnicode") else {
        return Ok(None);
    };
    match objects.stream(source, *number, MAX_MAP) {
        Ok(data) => Ok(Some(CMap::read(&data.bytes))),
        // A name stands there in some files; it says nothing that the encoding does not say.
        Err(Stop::Damaged) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// Of a font whose letters are drawn by streams: the scale of widths, and the height of letters.
fn drawn_scale(source: &mut Source<'_>, objects: &mut Objects, font: &Dictionary) -> Result<(f32, f32), Stop> {
    let matrix = objects.entry(source, font, "FontMatrix")?.into_array();
    let [x, _, _, y] = numbers(&matrix).unwrap_or([0.001, 0.0, 0.0, 0.001]);
    let bounds = objects.entry(source, font, "FontBBox")?.into_array();
    let [_, bottom, _, top] = numbers(&bounds).unwrap_or_default();
    let height = ((top - bottom) * y).abs();
    Ok((x, if height > 0.1 { height } else { 1.0 }))
}

/// The stream of a font's file, by its kind of outlines.
fn file(
    source: &mut Source<'_>,
    objects: &mut Objects,
    descriptor: &Dictionary,
    names: &[&str],
) -> Result<Option<Vec<u8>>, Stop> {
    for name in names {
        if let Some(Object::Reference(number)) = descriptor.get(name) {
            return match objects.stream(source, *number, MAX_FILE) {
                Ok(data) => Ok(Some(data.bytes)),
                Err(Stop::Damaged) => Ok(None),
                Err(stop) => Err(stop),
            };
        }
    }
    Ok(None)
}

//! Maps of codes, to characters or to glyphs, as streams within the file (ISO 32000, 9.7.5 and 9.10.3).

use crate::pdf::font::letters;
use crate::pdf::object::Object;
use crate::pdf::parser::{Failure, Parser, Token};

/// Ranges kept of one map.
const MAX_RANGES: usize = 70_000;
/// Characters of a single code.
const MAX_CHARACTERS: usize = 32;
/// Ranges that are tried for one code: later ones may lie within earlier ones.
const TRIED: usize = 4;

/// What a range of codes stands for.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// The first character; the others follow.
    Character(u32),
    /// Several characters for a single code.
    Text(Box<str>),
    Glyph(u32),
}

/// Codes of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Space {
    len: usize,
    first: u32,
    last: u32,
}

/// A map.
#[derive(Debug, Default)]
pub(super) struct CMap {
    spaces: Vec<Space>,
    /// First and last code, in order.
    ranges: Vec<(u32, u32, Target)>,
    pub(super) is_vertical: bool,
    /// The map that it adds to.
    pub(super) base: Option<Vec<u8>>,
}

/// What the operands are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Spaces,
    Characters,
    CharacterRanges,
    Glyphs,
    GlyphRanges,
}

impl CMap {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut parser = Parser::new(bytes);
        let mut section = Section::None;
        let mut operands: Vec<Object> = Vec::new();
        loop {
            match parser.token() {
                Ok(Token::Operand(object)) => {
                    operands.push(object);
                    if map.take(section, &operands) || section == Section::None && operands.len() > 8 {
                        operands.clear();
                    }
                }
                Ok(Token::Operator(word)) => {
                    section = map.operator(word, &operands).unwrap_or(Section::None);
                    operands.clear();
                }
                Err(Failure::Wrong) => parser.skip(1),
                Err(Failure::Cut) => break,
            }
        }
        map.ranges.sort_by_key(|(first, ..)| *first);
        map
    }

    /// That of codes which are characters.
    pub(super) fn identity() -> Self {
        Self {
            ranges: vec![(1, 0xFFFF, Target::Character(1))],
            ..Self::default()
        }
    }

    /// Adds the text of a code; false when the map has none.
    pub(super) fn text(&self, code: u32, text: &mut String) -> bool {
        match self.find(code) {
            Some((first, Target::Character(start))) => match char::from_u32(start.saturating_add(code - first)) {
                Some('\0' | '\u{FFFD}') | None => false,
                Some(c) => {
                    letters::push(text, c);
                    true
                }
            },
            Some((_, Target::Text(own))) => {
                letters::push_str(text, own);
                true
            }
            _ => false,
        }
    }

    /// The glyph of a code.
    pub(super) fn glyph(&self, code: u32) -> Option<u32> {
        match self.find(code)? {
            (first, Target::Glyph(glyph)) => glyph.checked_add(code - first),
            _ => None,
        }
    }

    /// Bytes that it holds, roughly.
    pub(super) fn weight(&self) -> usize {
        self.ranges.len() * size_of::<(u32, u32, Target)>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Bytes of the code that a string begins with.
    pub(super) fn code_len(&self, string: &[u8]) -> usize {
        let mut code = 0;
        for (index, byte) in string.iter().take(4).enumerate() {
            code = code << 8 | u32::from(*byte);
            let is_code = |space: &Space| space.len == index + 1 && (space.first..=space.last).contains(&code);
            if self.spaces.iter().any(is_code) {
                return index + 1;
            }
        }
        // A code of none is passed over by the shortest one.
        self.spaces.iter().map(|space| space.len).min().unwrap_or(2)
    }

    fn find(&self, code: u32) -> Option<(u32, &Target)> {
        let behind = self.ranges.partition_point(|(first, ..)| *first <= code);
        let mut tried = self.ranges[..behind].iter().rev().take(TRIED);
        let (first, _, target) = tried.find(|(_, last, _)| code <= *last)?;
        Some((*first, target))
    }

    fn operator(&mut self, word: &[u8], operands: &[Object]) -> Option<Section> {
        match (word, operands) {
            (b"begincodespacerange", _) => return Some(Section::Spaces),
            (b"beginbfchar", _) => return Some(Section::Characters),
            (b"beginbfrange", _) => return Some(Section::CharacterRanges),
            (b"begincidchar", _) => return Some(Section::Glyphs),
            (b"begincidrange", _) => return Some(Section::GlyphRanges),
            (b"usecmap", [.., Object::Name(name)]) => self.base = Some(name.clone()),
            (b"def", [.., Object::Name(name), Object::Integer(1)]) if name == b"WMode" => self.is_vertical = true,
            _ => {}
        }
        None
    }

    /// Takes the operands if they are complete.
    fn take(&mut self, section: Section, operands: &[Object]) -> bool {
        match (section, operands) {
            (Section::Spaces, [first, last]) => {
                if let (Some((len, first)), Some((_, last))) = (code(first), code(last)) {
                    self.spaces.push(Space { len, first, last });
                }
                self.spaces.truncate(256);
                true
            }
            (Section::Characters, [own, text]) => {
                if let Some((_, own)) = code(own) {
                    self.add(own, own, target(text));
                }
                true
            }
            (Section::CharacterRanges, [first, last, text]) => {
                if let (Some((_, first)), Some((_, last))) = (code(first), code(last)) {
                    self.add_range(first, last, text);
                }
                true
            }
            (Section::Glyphs, [own, glyph]) => {
                if let Some((_, own)) = code(own) {
                    self.add(own, own, number(glyph));
                }
                true
            }
            (Section::GlyphRanges, [first, last, glyph]) => {
                if let (Some((_, first)), Some((_, last))) = (code(first), code(last)) {
                    self.add(first, last, number(glyph));
                }
                true
            }
            _ => false,
        }
    }

    fn add_range(&mut self, first: u32, last: u32, text: &Object) {
        if let Object::Array(texts) = text {
            for (own, text) in (first..=last).zip(texts) {
                self.add(own, own, target(text));
            }
            return;
        }
        match target(text) {
            // The last unit of a longer text counts up.
            Some(Target::Text(start)) => {
                let mut characters = start.chars();
                let Some(end) = characters.next_back() else { return };
                for own in first..=last.min(first.saturating_add(255)) {
                    let end = char::from_u32(u32::from(end) + (own - first)).unwrap_or_default();
                    let text = format!("{}{end}", characters.as_str());
                    self.add(own, own, Some(Target::Text(text.into())));
                }
            }
            target => self.add(first, last, target),
        }
    }

    fn add(&mut self, first: u32, last: u32, target: Option<Target>) {
        if let Some(target) = target.filter(|_| self.ranges.len() < MAX_RANGES && first <= last) {
            self.ranges.push((first, last, target));
        }
    }
}

/// The number of bytes and the value of a code.
fn code(object: &Object) -> Option<(usize, u32)> {
    match object {
        Object::Text(bytes) if (1..=4).contains(&bytes.len()) => {
            let value = bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
            Some((bytes.len(), value))
        }
        _ => None,
    }
}

fn number(object: &Object) -> Option<Target> {
    match object {
        Object::Integer(value) => u32::try_from(*value).ok().map(Target::Glyph),
        _ => None,
    }
}

/// Text in UTF-16, or the name of a glyph.
fn target(object: &Object) -> Option<Target> {
    match object {
        Object::Text(bytes) if bytes.len() == 1 => Some(Target::Character(u32::from(bytes[0]))),
        Object::Text(bytes) => of_characters(letters::wide(&bytes[..bytes.len().min(2 * MAX_CHARACTERS)])),
        Object::Name(name) => of_characters(super::encoding::of_glyph(name)?.chars()),
        _ => None,
    }
}

fn of_characters(characters: impl Iterator<Item = char> + Clone) -> Option<Target> {
    let mut own = characters.clone();
    match (own.next()?, own.next()) {
        (one, None) => Some(Target::Character(u32::from(one))),
        _ => Some(Target::Text(characters.collect::<String>().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(map: &CMap, code: u32) -> Option<String> {
        let mut text = String::new();
        map.text(code, &mut text).then_some(text)
    }

    #[test]
    fn characters_and_ranges_are_mapped() {
        let map = CMap::read(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n\
            1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
            2 beginbfchar <0001> <4E00> <0002> <00660069> endbfchar\n\
            3 beginbfrange <0010> <0012> <0041> <0020> <0021> [<0078> <D840DC00>] <0030> <0031> <00310032> endbfrange\n\
            endcmap end end ",
        );
        for (code, expected) in [
            (1, Some("一")),
            (2, Some("fi")),
            (3, None),
            (0x10, Some("A")),
            (0x12, Some("C")),
            (0x13, None),
            (0x20, Some("x")),
            (0x21, Some("𠀀")),
            (0x31, Some("13")),
        ] {
            assert_eq!(text(&map, code).as_deref(), expected, "{code:#x}");
        }
        assert_eq!(map.code_len(&[0, 1, 2]), 2);
    }

    #[test]
    fn codes_of_mixed_length_are_told_apart() {
        let map = CMap::read(
            b"/WMode 1 def 2 begincodespacerange <00> <80> <8140> <FEFE> endcodespacerange\n\
            1 begincidrange <8140> <8150> 100 endcidrange 1 begincidchar <20> 7 endcidchar ",
        );
        assert!(map.is_vertical);
        assert_eq!(map.code_len(b" \x81\x40"), 1);
        assert_eq!(map.code_len(b"\x81\x42"), 2);
        assert_eq!(
            (map.glyph(0x8142), map.glyph(0x20), map.glyph(0x21)),
            (Some(102), Some(7), None)
        );
    }

    #[test]
    fn a_giant_range_is_not_spelled_out() {
        let map = CMap::read(b"1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange ");
        assert_eq!(map.ranges.len(), 1);
        assert_eq!(text(&map, 0x4E00).as_deref(), Some("一"));
        assert_eq!(text(&map, 0xFFFF_FFFF), None);
    }
}

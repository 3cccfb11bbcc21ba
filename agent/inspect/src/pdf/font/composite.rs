//! Composite fonts: codes of one to four bytes for glyphs by the thousand.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE};

use crate::pdf::font::cmap::CMap;
use crate::pdf::font::widths::Widths;
use crate::pdf::font::{Measures, file, gb1, letters, truetype};
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::Objects;
use crate::source::{Source, Stop};

/// The largest map of glyphs to glyphs: two bytes for each.
const MAX_GLYPH_MAP: usize = 128 << 10;

/// How a string is cut into codes.
#[derive(Debug)]
enum Codes {
    /// Two bytes, which are the glyph.
    Glyphs,
    /// Characters of an encoding that is used outside of PDF too.
    Characters(Charset),
    Own(CMap),
}

/// One of the predefined maps (ISO 32000, 9.7.5.2), by the encoding that its codes are in.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Charset {
    encoding: &'static Encoding,
    /// The glyph of the blank; the rest of ASCII follows it.
    blank: u32,
    /// Whether the codes have seven bits of each byte.
    is_seven_bit: bool,
}

/// What glyphs stand for, where nothing says it of codes.
#[derive(Debug)]
enum Glyphs {
    Unknown,
    Gb1,
    /// Another of Adobe's collections: ASCII begins all of them.
    Ascii,
    /// As the font's own file has it.
    Own(Vec<char>),
}

/// A composite font.
#[derive(Debug)]
pub(super) struct Composite {
    codes: Codes,
    is_vertical: bool,
    map: Option<CMap>,
    glyphs: Glyphs,
    widths: Widths,
}

impl Composite {
    pub(super) fn read(
        source: &mut Source<'_>,
        objects: &mut Objects,
        font: &Dictionary,
        map: Option<CMap>,
    ) -> Result<Self, Stop> {
        let descendants = objects.entry(source, font, "DescendantFonts")?.into_array();
        let descendant = match descendants.first() {
            Some(descendant) => objects.value(source, descendant)?,
            None => Object::Null,
        };
        let descendant = descendant.into_dictionary().unwrap_or_default();
        let (codes, is_vertical) = read_codes(source, objects, font)?;
        let map = map.filter(|map| !map.is_empty());
        let glyphs = match codes {
            Codes::Characters(_) => Glyphs::Unknown,
            _ => read_glyphs(source, objects, &descendant, map.is_some())?,
        };
        Ok(Self {
            codes,
            is_vertical,
            map,
            glyphs,
            widths: Widths::read(source, objects, &descendant)?,
        })
    }

    /// Bytes that it takes, roughly.
    pub(super) fn weight(&self) -> usize {
        let maps = match &self.codes {
            Codes::Own(own) => [Some(own), self.map.as_ref()],
            _ => [None, self.map.as_ref()],
        };
        let glyphs = match &self.glyphs {
            Glyphs::Own(characters) => size_of_val(characters.as_slice()),
            _ => 0,
        };
        maps.into_iter().flatten().map(CMap::weight).sum::<usize>() + glyphs + self.widths.weight()
    }

    pub(super) fn is_vertical(&self) -> bool {
        self.is_vertical
    }

    pub(super) fn show(&self, string: &[u8], text: &mut String) -> Measures {
        let mut measures = Measures::default();
        let mut rest = string;
        if let (Codes::Characters(charset), None) = (&self.codes, &self.map) {
            charset.decode(string, text);
            if charset.encoding == UTF_16BE && self.widths.are_equal() {
                return self.equal_measures(string.len() / 2);
            }
        }
        while !rest.is_empty() {
            let len = self.code_len(rest).clamp(1, rest.len());
            let (code, after) = rest.split_at(len);
            rest = after;
            self.take(code, text, &mut measures);
        }
        if self.is_vertical {
            measures.width = -measures.codes;
        }
        measures
    }

    /// Of so many glyphs that are all of the usual width.
    fn equal_measures(&self, count: usize) -> Measures {
        #[expect(clippy::cast_precision_loss, reason = "strings are cut before they have so many")]
        let codes = count as f32;
        let width = if self.is_vertical {
            -1.0
        } else {
            self.widths.usual / 1000.0
        };
        Measures {
            width: width * codes,
            codes,
            blanks: 0.0,
        }
    }

    fn code_len(&self, rest: &[u8]) -> usize {
        match &self.codes {
            Codes::Glyphs => 2,
            Codes::Characters(charset) => charset.code_len(rest),
            Codes::Own(map) => map.code_len(rest),
        }
    }

    fn take(&self, bytes: &[u8], text: &mut String, measures: &mut Measures) {
        let code = bytes.iter().fold(0_u32, |code, byte| code << 8 | u32::from(*byte));
        measures.codes += 1.0;
        measures.blanks += f32::from(u8::from(bytes == b" "));
        let glyph = match &self.codes {
            Codes::Glyphs => Some(code),
            Codes::Own(map) => map.glyph(code),
            Codes::Characters(charset) => {
                measures.width += charset.width(code, &self.widths) / 1000.0;
                None
            }
        };
        if let Some(glyph) = glyph {
            measures.width += self.widths.of(glyph) / 1000.0;
        }
        if self.map.as_ref().is_some_and(|map| map.text(code, text)) {
            return;
        }
        match (&self.codes, &self.glyphs, glyph) {
            (Codes::Characters(charset), ..) if self.map.is_some() => charset.decode(bytes, text),
            (_, Glyphs::Ascii, Some(glyph @ ..96)) | (_, Glyphs::Gb1, Some(glyph)) => {
                text.extend(gb1::character(glyph));
            }
            (_, Glyphs::Own(characters), Some(glyph)) => {
                if let Some(c) = characters.get(glyph as usize) {
                    letters::push(text, *c);
                }
            }
            _ => {}
        }
    }
}

impl Charset {
    /// The encoding of a map, by the map's name.
    fn of_name(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let has = |part: &str| name.contains(part);
        let starts = |parts: &[&str]| parts.iter().any(|part| name.starts_with(part));
        let charset = |encoding, blank| {
            Some(Self {
                encoding,
                blank,
                is_seven_bit: false,
            })
        };
        let seven_bit = |encoding| {
            Some(Self {
                encoding,
                blank: 1,
                is_seven_bit: true,
            })
        };
        match name.rsplit_once('-').map_or(name, |(name, _)| name) {
            "H" | "V" => seven_bit(EUC_JP),
            "GB" | "GBT" => seven_bit(GB18030),
            "KSC" => seven_bit(EUC_KR),
            _ if has("UCS2") || has("UTF16") => charset(UTF_16BE, if has("-HW-") { 231 } else { 1 }),
            _ if has("UTF8") => charset(UTF_8, 1),
            _ if starts(&["GBKp", "GBpc", "GBTpc"]) => charset(GB18030, 1),
            _ if starts(&["GB"]) => charset(GB18030, 813),
            _ if has("RKSJ") => charset(SHIFT_JIS, if starts(&["90msp", "90pv", "83pv"]) { 1 } else { 231 }),
            _ if has("CNS") => None,
            _ if has("EUC") && !starts(&["KSC"]) => charset(EUC_JP, 231),
            _ if starts(&["KSC"]) => charset(EUC_KR, if has("UHC-HW") { 8094 } else { 1 }),
            _ if starts(&["B5", "ETen", "HK"]) => charset(BIG5, if starts(&["ETenms", "B5"]) { 1 } else { 13648 }),
            _ => None,
        }
    }

    fn decode(self, bytes: &[u8], text: &mut String) {
        if self.encoding == UTF_16BE {
            letters::wide(bytes).for_each(|c| letters::push(text, c));
        } else if self.is_seven_bit {
            let bytes: Vec<u8> = bytes.iter().map(|byte| byte | 0x80).collect();
            letters::push_str(text, &self.encoding.decode_without_bom_handling(&bytes).0);
        } else {
            letters::push_str(text, &self.encoding.decode_without_bom_handling(bytes).0);
        }
    }

    /// Bytes of the character that a string begins with.
    fn code_len(self, rest: &[u8]) -> usize {
        let first = rest.first().copied().unwrap_or_default();
        match first {
            _ if self.is_seven_bit => 2,
            0xD8..=0xDB if self.encoding == UTF_16BE => 4,
            _ if self.encoding == UTF_16BE => 2,
            0..=0x7F => 1,
            _ if self.encoding == UTF_8 => first.leading_ones() as usize,
            0x80 => 1,
            0xA0..=0xDF if self.encoding == SHIFT_JIS => 1,
            0x8F if self.encoding == EUC_JP => 3,
            _ if self.encoding == GB18030 && matches!(rest.get(1), Some(b'0'..=b'9')) => 4,
            _ => 2,
        }
    }

    /// The width of a code: letters of ASCII have their own, ideographs the usual one.
    fn width(self, code: u32, widths: &Widths) -> f32 {
        let Some(index) = code.checked_sub(0x20).filter(|index| *index < 0x5F) else {
            return widths.usual;
        };
        let own = widths.own(self.blank + index).or_else(|| widths.own(1 + index));
        own.unwrap_or(widths.usual)
    }
}

fn read_codes(source: &mut Source<'_>, objects: &mut Objects, font: &Dictionary) -> Result<(Codes, bool), Stop> {
    let encoding = objects.entry(source, font, "Encoding")?;
    if let Object::Name(name) = &encoding {
        let codes = Charset::of_name(name).map_or(Codes::Glyphs, Codes::Characters);
        return Ok((codes, name.ends_with(b"V")));
    }
    let Some(Object::Reference(number)) = font.get("Encoding") else {
        return Ok((Codes::Glyphs, false));
    };
    let data = match objects.stream(source, *number, super::MAX_MAP) {
        Ok(data) => data,
        Err(Stop::Damaged) => return Ok((Codes::Glyphs, false)),
        Err(stop) => return Err(stop),
    };
    let own = CMap::read(&data.bytes);
    let is_vertical = own.is_vertical || data.dictionary.integer("WMode") == Some(1);
    let known = [
        data.dictionary.name("CMapName"),
        data.dictionary.name("UseCMap"),
        own.base.as_deref(),
    ];
    let charset = known.into_iter().flatten().find_map(Charset::of_name);
    Ok((charset.map_or(Codes::Own(own), Codes::Characters), is_vertical))
}

fn read_glyphs(
    source: &mut Source<'_>,
    objects: &mut Objects,
    descendant: &Dictionary,
    has_map: bool,
) -> Result<Glyphs, Stop> {
    let system = objects.entries(source, descendant, "CIDSystemInfo")?;
    let ordering = objects.entry(source, &system, "Ordering")?;
    match &ordering {
        Object::Text(name) if name == b"GB1" => return Ok(Glyphs::Gb1),
        Object::Text(name) if [&b"CNS1"[..], b"Japan1", b"Korea1", b"KR"].contains(&name.as_slice()) => {
            return Ok(Glyphs::Ascii);
        }
        _ => {}
    }
    if has_map {
        return Ok(Glyphs::Unknown);
    }
    let descriptor = objects.entries(source, descendant, "FontDescriptor")?;
    let Some(file) = file(source, objects, &descriptor, &["FontFile2", "FontFile3"])? else {
        return Ok(Glyphs::Unknown);
    };
    let characters = truetype::characters(&file);
    let Some(Object::Reference(number)) = descendant.get("CIDToGIDMap") else {
        return Ok(Glyphs::Own(characters));
    };
    Ok(match objects.stream(source, *number, MAX_GLYPH_MAP) {
        Ok(map) => Glyphs::Own(through(&map.bytes, &characters)),
        Err(Stop::Damaged) => Glyphs::Own(characters),
        Err(stop) => return Err(stop),
    })
}

/// The characters of glyphs that a map leads to the file's own.
fn through(map: &[u8], characters: &[char]) -> Vec<char> {
    map.chunks_exact(2)
        .map(|glyph| usize::from(glyph[0]) << 8 | usize::from(glyph[1]))
        .map(|glyph| characters.get(glyph).copied().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_maps_are_known_by_name() {
        for (name, encoding) in [
            ("GBK-EUC-H", Some(GB18030)),
            ("GBKp-EUC-V", Some(GB18030)),
            ("GB-EUC-H", Some(GB18030)),
            ("GBK2K-H", Some(GB18030)),
            ("UniGB-UCS2-H", Some(UTF_16BE)),
            ("UniGB-UTF16-V", Some(UTF_16BE)),
            ("UniCNS-UTF16-H", Some(UTF_16BE)),
            ("UniJIS-UCS2-HW-H", Some(UTF_16BE)),
            ("ETen-B5-H", Some(BIG5)),
            ("ETenms-B5-V", Some(BIG5)),
            ("90ms-RKSJ-H", Some(SHIFT_JIS)),
            ("EUC-H", Some(EUC_JP)),
            ("KSCms-UHC-H", Some(EUC_KR)),
            ("KSC-EUC-H", Some(EUC_KR)),
            ("H", Some(EUC_JP)),
            ("Identity-H", None),
            ("CNS-EUC-H", None),
        ] {
            let charset = Charset::of_name(name.as_bytes());
            assert_eq!(charset.map(|charset| charset.encoding), encoding, "{name}");
        }
    }

    #[test]
    fn codes_are_cut_as_their_encoding_says() {
        for (name, string, lens) in [
            ("GBK-EUC-H", &b"A\xB0\xA1\x810\x810"[..], &[1, 2, 4][..]),
            ("UniGB-UTF16-H", b"\x4E\x00\xD8\x40\xDC\x00", &[2, 4]),
            ("90ms-RKSJ-H", b"\xB1\x82\xA0a", &[1, 2, 1]),
            ("GB-H", b"\x30\x21", &[2]),
        ] {
            let charset = Charset::of_name(name.as_bytes()).unwrap();
            let mut rest = string;
            for len in lens {
                assert_eq!(charset.code_len(rest), *len, "{name}");
                rest = &rest[*len..];
            }
            assert!(rest.is_empty(), "{name}");
        }
        let mut text = String::new();
        Charset::of_name(b"GB-H").unwrap().decode(b"\x30\x21", &mut text);
        assert_eq!(text, "啊");
    }
}

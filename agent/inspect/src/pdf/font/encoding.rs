//! The encodings of simple fonts: single bytes, by table and by the names of glyphs.

use std::collections::HashMap;
use std::sync::LazyLock;

use encoding_rs::{MACINTOSH, WINDOWS_1252};

/// Names of glyphs with their characters (Adobe Glyph List), as far as office documents use them.
const NAMES: &str = include_str!("glyph_names.txt");
/// The characters of Adobe's standard encoding from 0xA1 on; a blank where there is none (ISO 32000, D.2).
const STANDARD: &str =
    "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß    ";

static GLYPHS: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    let pairs = NAMES.split_ascii_whitespace();
    pairs
        .filter_map(|pair| pair.split_once('='))
        .filter_map(|(name, own)| Some((name, own.chars().next()?)))
        .collect()
});

/// An encoding that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    Windows,
    Macintosh,
    /// Signs instead of letters; figures stand where they always stand.
    Signs,
}

impl Base {
    pub(super) fn of_name(name: &[u8]) -> Option<Self> {
        match name {
            b"StandardEncoding" => Some(Self::Standard),
            b"WinAnsiEncoding" | b"PDFDocEncoding" => Some(Self::Windows),
            b"MacRomanEncoding" => Some(Self::Macintosh),
            _ => None,
        }
    }

    /// The character of a code.
    pub(super) fn character(self, code: u8) -> Option<char> {
        let (Self::Standard | Self::Signs, 0x80..) = (self, code) else {
            return match (self, code) {
                (_, 0..0x20 | 0x7F) | (Self::Signs, 0x41..) => None,
                (Self::Standard, b'\'') => Some('’'),
                (Self::Standard, b'`') => Some('‘'),
                (Self::Macintosh, _) => one(MACINTOSH.decode_without_bom_handling(&[code]).0.as_ref()),
                _ => one(WINDOWS_1252.decode_without_bom_handling(&[code]).0.as_ref()),
            };
        };
        let index = usize::from(code).checked_sub(0xA1).filter(|_| self == Self::Standard)?;
        STANDARD.chars().nth(index).filter(|c| *c != ' ')
    }
}

fn one(text: &str) -> Option<char> {
    text.chars().next()
}

/// The longest name of a glyph.
const MAX_NAME: usize = 64;

/// The text of a glyph by its name: one of the list, `uni` and `u` with digits, parts joined by `_`, a variant behind a dot.
pub(super) fn of_glyph(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= MAX_NAME)?;
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    if let Some(c) = part(name) {
        return Some(c);
    }
    let parts = name.split('_').map(part);
    parts.collect::<Option<String>>().filter(|_| name.contains('_'))
}

fn part(name: &str) -> Option<String> {
    if let Some(c) = GLYPHS.get(name) {
        return Some(c.to_string());
    }
    match name.as_bytes() {
        [c] if c.is_ascii_alphanumeric() => return Some(name.to_owned()),
        b"space" | b"nbspace" | b"nonbreakingspace" => return Some(" ".to_owned()),
        _ => {}
    }
    let is_hex = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let character = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    if let Some(digits) = name
        .strip_prefix("uni")
        .filter(|digits| digits.len() >= 4 && digits.len() % 4 == 0)
        && is_hex(&digits)
    {
        return digits
            .as_bytes()
            .chunks(4)
            .map(|four| character(std::str::from_utf8(four).ok()?))
            .collect();
    }
    let digits = name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len()));
    digits.filter(is_hex).and_then(character).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_are_known_by_their_names() {
        for (name, text) in [
            ("A", Some("A")),
            ("seven", Some("7")),
            ("hyphen", Some("-")),
            ("Euro", Some("€")),
            ("space", Some(" ")),
            ("uni4E00", Some("一")),
            ("uni4E004E01", Some("一丁")),
            ("u20000", Some("𠀀")),
            ("f_f_i", Some("ffi")),
            ("one.oldstyle", Some("1")),
            ("afii10017", Some("А")),
            ("g17", None),
            (".notdef", None),
            ("uniD800", None),
        ] {
            assert_eq!(of_glyph(name.as_bytes()).as_deref(), text, "{name}");
        }
    }

    #[test]
    fn encodings_differ_where_they_should() {
        let all = |code| [Base::Standard, Base::Windows, Base::Macintosh].map(|base| base.character(code));
        assert_eq!(all(b'A'), [Some('A'); 3]);
        assert_eq!(all(0x27), [Some('’'), Some('\''), Some('\'')]);
        assert_eq!(all(0xE9), [Some('Ø'), Some('é'), Some('È')]);
        assert_eq!(all(0xD0), [Some('—'), Some('Ð'), Some('–')]);
        assert_eq!(Base::Signs.character(b'7'), Some('7'));
        assert_eq!(Base::Signs.character(b'a'), None);
    }
}

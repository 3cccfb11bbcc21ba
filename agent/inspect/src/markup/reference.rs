//! References such as `&amp;` and `&#x4E00;`.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// Bytes in which a reference ends.
pub(super) const LONGEST: usize = 40;

/// Names that XML and HTML give to characters, as far as texts of offices have them.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("shy", '\u{AD}'),
    ("middot", '·'),
    ("bull", '•'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("times", '×'),
    ("divide", '÷'),
    ("plusmn", '±'),
    ("minus", '−'),
    ("le", '≤'),
    ("ge", '≥'),
    ("ne", '≠'),
    ("deg", '°'),
    ("permil", '‰'),
    ("micro", 'µ'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("yen", '¥'),
    ("euro", '€'),
    ("pound", '£'),
    ("cent", '¢'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("sect", '§'),
    ("para", '¶'),
    ("larr", '←'),
    ("rarr", '→'),
    ("uarr", '↑'),
    ("darr", '↓'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
];

/// The character that stands for what is between `&` and `;`.
pub(super) fn resolve(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return match code.ok()? {
            0 => None,
            // Written by programs that take these for characters of Windows.
            code @ 0x80..=0x9F => WINDOWS_1252.decode(&[code.to_le_bytes()[0]]).0.chars().next(),
            code => char::from_u32(code),
        };
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

/// Whether it can be a reference at all.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, '&' | '<' | '>' | '='))
}

/// A value with its references resolved; unknown ones stay.
pub(super) fn unescape(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let end = behind.bytes().take(LONGEST).position(|byte| byte == b';');
        let resolved = end.and_then(|end| Some((resolve(behind.get(..end)?)?, &behind[end + 1..])));
        let (c, after) = resolved.unwrap_or(('&', behind));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

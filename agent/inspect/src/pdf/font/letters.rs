//! What a glyph stands for, as people write it.

use crate::bytes::{first, is, within};

/// Radicals that maps made from outlines give in place of the characters that look like them; those that Unicode itself calls
/// compatible are no matter of PDF.
const RADICALS: &[(char, char)] = &[
    ('⺟', '母'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻋', '车'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻧', '卤'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
    ('⻮', '齿'),
    ('⻰', '龙'),
    ('⻳', '龟'),
];

/// Adds a character.
#[inline]
pub(super) fn push(text: &mut String, c: char) {
    match c {
        // Ideographs, and little else, are worth it to be written where they are found.
        '\u{3000}'..='\u{D7FF}' => text.push(c),
        c => push_other(text, c),
    }
}

fn push_other(text: &mut String, c: char) {
    match c {
        '\u{20}'..='\u{7E}' => text.push(c),
        // The hyphen of many fonts is mapped to the soft one.
        '\u{AD}' => text.push('-'),
        '\u{2E80}'..='\u{2EF3}' => {
            let same = RADICALS.iter().find(|(radical, _)| *radical == c);
            text.push(same.map_or(c, |(_, own)| *own));
        }
        '\0' | '\u{FFFD}' | '\u{FEFF}' | '\u{FFFF}' => {}
        c if c.is_control() => text.push(' '),
        c => text.push(c),
    }
}

/// Adds characters.
pub(super) fn push_str(text: &mut String, piece: &str) {
    if is_plain(piece.as_bytes()) {
        text.push_str(piece);
        return;
    }
    for c in piece.chars() {
        push(text, c);
    }
}

/// The characters of UTF-16.
pub(super) fn wide(bytes: &[u8]) -> impl Iterator<Item = char> + Clone {
    let mut units = bytes.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
    std::iter::from_fn(move || {
        let unit = units.next()?;
        // Hardly any is but half of a character.
        let c = char::from_u32(u32::from(unit)).or_else(|| {
            let pair = [unit, units.clone().next()?];
            let c = char::decode_utf16(pair).next()?.ok()?;
            units.next();
            Some(c)
        });
        Some(c.unwrap_or(char::REPLACEMENT_CHARACTER))
    })
}

/// Whether nothing in UTF-8 can be a character that [`push`] changes.
fn is_plain(bytes: &[u8]) -> bool {
    let may_change =
        |bytes| within(bytes, 0, 0x1F) | is(bytes, 0x7F) | is(bytes, 0xC2) | is(bytes, 0xE2) | is(bytes, 0xEF);
    let mut rest = bytes;
    while let Some(at) = first(rest, may_change) {
        match rest[at..] {
            [0xE2, 0xBA | 0xBB, ..] | [0xEF, 0xBB | 0xBF, ..] => return false,
            [0xE2 | 0xEF, ..] => rest = &rest[at + 1..],
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn glyphs_become_what_people_write() {
        let mut text = String::new();
        push_str(&mut text, "⻔卫 ⻢\0\u{AD}1\t");
        assert_eq!(text, "门卫 马-1 ");
    }

    proptest! {
        #[test]
        fn wide_characters_are_those_of_utf_16(units in prop::collection::vec(prop_oneof![any::<u16>(), 0xD7F0..0xE010_u16], 0..20)) {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            prop_assert_eq!(wide(&bytes).collect::<String>(), String::from_utf16_lossy(&units));
        }
    }
}

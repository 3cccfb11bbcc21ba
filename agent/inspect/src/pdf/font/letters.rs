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
pub(super) fn push(text: &mut String, c: char) {
    match c {
        '\u{20}'..='\u{7E}' | '\u{3000}'..='\u{F8FF}' => text.push(c),
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
    use super::*;

    #[test]
    fn glyphs_become_what_people_write() {
        let mut text = String::new();
        push_str(&mut text, "⻔卫 ⻢\0\u{AD}1\t");
        assert_eq!(text, "门卫 马-1 ");
    }
}

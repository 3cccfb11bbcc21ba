//! What a glyph stands for, as people write it.

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
    for c in piece.chars() {
        push(text, c);
    }
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

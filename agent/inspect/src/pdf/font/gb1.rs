//! The character collection Adobe-GB1, as far as it follows the rows of GB 2312: its glyphs need no table of their own.

use encoding_rs::GBK;

/// Glyphs from the first number on, for codes from the second on: as many as the third says (Adobe Technical Note 5079).
const SYMBOLS: &[(u32, u16, u16)] = &[
    (96, 0xA1A1, 94),
    (190, 0xA2B1, 50),
    (240, 0xA2E5, 10),
    (250, 0xA2F1, 12),
    (262, 0xA3A1, 94),
    (356, 0xA4A1, 83),
    (439, 0xA5A1, 86),
    (525, 0xA6A1, 24),
    (549, 0xA6C1, 53),
    (602, 0xA7A1, 33),
    (635, 0xA7D1, 33),
    (668, 0xA8A1, 32),
    (700, 0xA8C5, 38),
    (738, 0xA9A4, 76),
];
/// The first ideograph, and the last glyph of the collection's first supplement that is one.
const IDEOGRAPHS: std::ops::RangeInclusive<u32> = 940..=7702;
/// The row of the common ideographs that is not full: 89 of 94.
const SHORT_ROW: u32 = 39;

/// The character of a glyph.
pub(super) fn character(glyph: u32) -> Option<char> {
    let code = match glyph {
        1..=95 => return char::from_u32(glyph + 0x1F),
        814..=907 => return char::from_u32(glyph - 814 + 0x21),
        7716 => return Some(' '),
        glyph if IDEOGRAPHS.contains(&glyph) => {
            let mut index = glyph - IDEOGRAPHS.start();
            // The glyphs go on where the short row ends, the codes do not.
            if index >= SHORT_ROW * 94 + 89 {
                index += 5;
            }
            u16::try_from((0xB0 + index / 94) << 8 | (0xA1 + index % 94)).ok()?
        }
        glyph => {
            let (first, code, _) = SYMBOLS
                .iter()
                .find(|(first, _, count)| (*first..*first + u32::from(*count)).contains(&glyph))?;
            code + u16::try_from(glyph - first).ok()?
        }
    };
    let bytes = code.to_be_bytes();
    let text = GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
    text.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_are_those_of_the_collection() {
        for (glyph, c) in [
            (1, ' '),
            (17, '0'),
            (96, '\u{3000}'),
            (262, '！'),
            (830, '1'),
            (940, '啊'),
            (4606, '住'),
            (4694, '座'),
            (4695, '亍'),
            (7702, '齄'),
        ] {
            assert_eq!(character(glyph), Some(c), "{glyph}");
        }
        assert_eq!(character(0), None);
        assert_eq!(character(30_000), None);
    }
}

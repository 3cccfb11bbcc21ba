//! The characters of a TrueType or OpenType font's glyphs, by its table `cmap`.

/// Glyphs a font can have.
const MAX_GLYPHS: usize = 1 << 16;
/// Codes looked at in one table: those of Unicode.
const MAX_CODES: u32 = 0x11_0000;
/// Subtables looked at.
const MAX_TABLES: u16 = 32;

/// The character of each glyph, zero where there is none; empty when the font says nothing.
pub(super) fn characters(font: &[u8]) -> Vec<char> {
    let mut characters = Vec::new();
    if let Some(table) = find_table(font, *b"cmap") {
        read_subtables(table, &mut characters);
    }
    characters
}

fn find_table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    for index in 0..usize::from(u16_at(font, 4)?) {
        let row = font.get(12 + index * 16..)?.first_chunk::<16>()?;
        if row.starts_with(&tag) {
            let [start, len] = [8, 12].map(|at| u32_at(row, at).unwrap_or_default() as usize);
            let table = font.get(start..)?;
            return Some(&table[..len.min(table.len())]);
        }
    }
    None
}

fn read_subtables(table: &[u8], characters: &mut Vec<char>) -> Option<()> {
    for index in 0..u16_at(table, 2)?.min(MAX_TABLES) {
        let row = 4 + usize::from(index) * 8;
        let (platform, encoding) = (u16_at(table, row)?, u16_at(table, row + 2)?);
        // Unicode, or Windows with Unicode.
        if platform == 0 || platform == 3 && matches!(encoding, 1 | 10) {
            let start = u32_at(table, row + 4)? as usize;
            if let Some(subtable) = table.get(start..) {
                read_subtable(subtable, characters);
            }
        }
    }
    None
}

fn read_subtable(table: &[u8], characters: &mut Vec<char>) -> Option<()> {
    match u16_at(table, 0)? {
        4 => read_segments(table, characters),
        12 => read_groups(table, characters),
        _ => None,
    }
}

/// Format 4: segments of codes with a delta, or with a list of glyphs.
fn read_segments(table: &[u8], characters: &mut Vec<char>) -> Option<()> {
    let count = usize::from(u16_at(table, 6)? / 2);
    let mut left = MAX_CODES;
    for segment in 0..count {
        let end = u16_at(table, 14 + segment * 2)?;
        let start = u16_at(table, 16 + (count + segment) * 2)?;
        let delta = u16_at(table, 16 + (2 * count + segment) * 2)?;
        let place = 16 + (3 * count + segment) * 2;
        let offset = u16_at(table, place)?;
        for code in start..=end {
            left = left.checked_sub(1)?;
            let glyph = if offset == 0 {
                code.wrapping_add(delta)
            } else {
                match u16_at(table, place + usize::from(offset) + usize::from(code - start) * 2) {
                    None | Some(0) => continue,
                    Some(glyph) => glyph.wrapping_add(delta),
                }
            };
            set(characters, u32::from(glyph), u32::from(code));
        }
    }
    None
}

/// Format 12: groups of codes, each with its first glyph.
fn read_groups(table: &[u8], characters: &mut Vec<char>) -> Option<()> {
    let mut left = MAX_CODES;
    for group in 0..u32_at(table, 12)? as usize {
        let at = 16 + group.checked_mul(12)?;
        let (start, end, first) = (u32_at(table, at)?, u32_at(table, at + 4)?, u32_at(table, at + 8)?);
        for code in start..=end.min(MAX_CODES) {
            left = left.checked_sub(1)?;
            set(characters, first.wrapping_add(code - start), code);
        }
    }
    None
}

/// Remembers the first character of a glyph.
fn set(characters: &mut Vec<char>, glyph: u32, code: u32) {
    let (Some(c), glyph @ 1..MAX_GLYPHS) = (char::from_u32(code), glyph as usize) else {
        return;
    };
    if characters.len() <= glyph {
        characters.resize(glyph + 1, '\0');
    }
    if characters[glyph] == '\0' {
        characters[glyph] = c;
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

//! Sets of Chinese characters, asked of every character of a text.

/// Some of the ideographs of Unicode's first block of them, U+4E00 to U+9FFF.
pub(crate) struct Ideographs([u64; Self::WORDS]);

impl Ideographs {
    const FIRST: u32 = 0x4E00;
    const WORDS: usize = (0xA000 - Self::FIRST as usize) / 64;

    /// Those of a text that has no other characters.
    pub(crate) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut words = [0; Self::WORDS];
        let mut at = 0;
        // Each of them has three bytes in UTF-8.
        while at < bytes.len() {
            let c = ((bytes[at] as usize & 0xF) << 12)
                | ((bytes[at + 1] as usize & 0x3F) << 6)
                | (bytes[at + 2] as usize & 0x3F);
            let own = c - Self::FIRST as usize;
            words[own / 64] |= 1 << (own % 64);
            at += 3;
        }
        Self(words)
    }

    /// Whether it is one of them.
    pub(crate) fn has(&self, c: char) -> bool {
        let own = u32::from(c).wrapping_sub(Self::FIRST) as usize;
        self.0.get(own / 64).is_some_and(|word| word & 1 << (own % 64) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_what_it_is_made_of() {
        static SOME: Ideographs = Ideographs::of("一丁王鿿");
        for c in ['一', '丁', '王', '鿿'] {
            assert!(SOME.has(c), "{c}");
        }
        for c in ['丂', '李', '\u{4DFF}', '\u{A000}', 'a', '\u{10FFFF}'] {
            assert!(!SOME.has(c), "{c}");
        }
    }
}

//! Text in which blanks between Chinese characters do not matter: titles are spaced, names are set over the whole width of a
//! cell, lines end within words.

use std::ops::Range;

use super::normal::LINE;
use crate::bytes::{is, places};

/// A word with blanks in it counts when it has so many characters: shorter ones arise by accident, where other words end and begin.
const SURE: usize = 4;
/// Likewise a word over the end of a line.
const SURE_OVER_LINES: usize = 3;

/// A piece of normal text without those blanks.
#[derive(Debug, Default)]
pub(super) struct Squeezed {
    pub(super) text: String,
    /// Where in the piece a blank was left out, and whether it was the end of a line.
    left_out: Vec<(usize, bool)>,
}

impl Squeezed {
    pub(super) fn of(text: &str) -> Self {
        let mut squeezed = Self::default();
        squeezed.fill(text);
        squeezed
    }

    /// Squeezes `text`.
    pub(super) fn fill(&mut self, text: &str) {
        self.text.clear();
        self.left_out.clear();
        self.text.reserve(text.len());
        let bytes = text.as_bytes();
        let wide = |at: usize| bytes.get(at).is_some_and(|byte| !byte.is_ascii());
        let solid = |at: usize| bytes.get(at).is_some_and(|byte| *byte > b' ');
        let mut from = 0;
        for at in places(bytes, |bytes| is(bytes, b' ') | is(bytes, LINE)) {
            let ends_line = bytes[at] == LINE;
            let Some(before) = at.checked_sub(1).filter(|before| solid(*before) && solid(at + 1)) else {
                continue;
            };
            let left_out = wide(before) || wide(at + 1);
            if !left_out && !ends_line {
                continue;
            }
            self.text.push_str(&text[from..at]);
            if left_out {
                self.left_out.push((at, ends_line));
            } else {
                self.text.push(' ');
            }
            from = at + 1;
        }
        self.text.push_str(&text[from..]);
    }

    /// Where an offset of the piece is in the squeezed text.
    pub(super) fn position(&self, at: usize) -> usize {
        at - self.left_out.partition_point(|(left_out, _)| *left_out < at)
    }

    /// Whether a word that was found is one, for all the blanks left out of it.
    pub(super) fn is_word(&self, hit: &Range<usize>) -> bool {
        // The n-th blank left out stood before what is at its offset less n.
        let first = self.first_from(hit.start + 1);
        let inside = self.left_out[first..]
            .iter()
            .enumerate()
            .take_while(|(n, (at, _))| at - (first + n) < hit.end);
        let (mut blanks, mut lines) = (0, 0);
        for (_, (_, ends_line)) in inside {
            blanks += 1;
            lines += usize::from(*ends_line);
        }
        let chars = self.text[hit.clone()].chars().count();
        match (blanks, lines) {
            (0, _) => true,
            _ if chars >= SURE => true,
            (1, 1) if chars >= SURE_OVER_LINES => true,
            // Spaced out evenly, and by itself.
            _ => blanks + 1 == chars && self.is_apart(hit),
        }
    }

    fn first_from(&self, squeezed: usize) -> usize {
        let mut low = 0;
        let mut high = self.left_out.len();
        while low < high {
            let middle = low.midpoint(high);
            if self.left_out[middle].0 - middle < squeezed {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Whether a blank, a border or punctuation is on both sides.
    fn is_apart(&self, hit: &Range<usize>) -> bool {
        let blank = |squeezed: usize| {
            let first = self.first_from(squeezed);
            self.left_out.get(first).is_some_and(|(at, _)| at - first == squeezed)
        };
        let open = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let before = blank(hit.start) || open(self.text[..hit.start].chars().next_back());
        let after = blank(hit.end) || open(self.text[hit.end..].chars().next());
        before && after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_word(text: &str, word: &str) -> bool {
        let squeezed = Squeezed::of(text);
        let at = squeezed.text.find(word).unwrap();
        squeezed.is_word(&(at..at + word.len()))
    }

    #[test]
    fn blanks_between_chinese_characters_are_left_out() {
        let squeezed = Squeezed::of("机 密 A b\nc d\n甲\n\n乙 \t丙");
        assert_eq!(squeezed.text, "机密A b c d甲\n\n乙 \t丙");
        assert_eq!(squeezed.position("机 密".len()), "机密".len());
    }

    #[test]
    fn a_spaced_word_is_one_but_the_ends_of_others_are_not() {
        assert!(is_word("计算 机 密 的", "机密") && is_word("机 密", "机密") && is_word("技术\n方案", "技术方案"));
        assert!(is_word("客户名\n单", "客户名单") && is_word("标题 客 户 名", "客户名"));
        assert!(
            !is_word("计算机 密码", "机密") && !is_word("计算机\n密码", "机密") && !is_word("主要客 户名等", "客户名")
        );
    }
}

//! What stands in the lines of a text: words, marks, which stand beside each other, and how lines begin and end.
//!
//! `learn.py` has the same in Python; a test compares both.

/// Lines that are looked at, bytes of each, and letters of a word that is more than any word.
const LINES: usize = 300;
const WIDTH: usize = 200;
const WORD: usize = 20;
/// Marks in a run.
const RUN: usize = 3;

/// Marks that begin a remark, when a blank and a word follow.
const REMARKS: &[&str] = &[
    "//", "///", "//!", "/*", "/**", "*", "--", "---", ";", ";;", ";;;", "%", "%%", "#", "##", "###", "'", "<!-",
];

/// A feature by the hash of its name, which is made piece by piece (FNV-1a).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u64);

impl Name {
    const EMPTY: Self = Self(0xCBF2_9CE4_8422_2325);

    pub(super) fn of(text: &str) -> Self {
        Self::EMPTY.and(text)
    }

    pub(super) fn and(self, text: &str) -> Self {
        let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Self(text.bytes().fold(self.0, add))
    }
}

/// How often a feature can be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Text,
    /// Once in each line.
    Line,
}

/// A word, a number, or a run of marks.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    own: &'a str,
    /// What all of its kind are written as.
    general: &'a str,
    /// What stands before it.
    space: &'static str,
}

const ANY_WORD: &str = "w";

/// Gives `take` every feature of a text, again for every place; how many lines were looked at.
pub(super) fn look(text: &str, mut take: impl FnMut(Name, Of)) -> usize {
    let mut tokens = Vec::new();
    let mut count = 0;
    for raw in text.split('\n') {
        let line = raw.trim_matches([' ', '\t', '\r', '\u{B}', '\u{C}', '\0']);
        if line.is_empty() {
            continue;
        }
        if count == LINES {
            break;
        }
        count += 1;
        tokens.clear();
        tokens.extend(Tokens(&line[..line.floor_char_boundary(WIDTH)]));
        look_at_line(raw, &tokens, &mut take);
    }
    count
}

fn look_at_line(raw: &str, tokens: &[Token<'_>], take: &mut impl FnMut(Name, Of)) {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return;
    };
    let begin = Name::of("^");
    let second = tokens.get(1);
    if second.is_some_and(|second| is_remark(first, second)) {
        // What people say to each other tells nothing of the language.
        return take(begin.and(first.own).and(" …"), Of::Line);
    }
    for token in tokens {
        take(Name::of(token.own), Of::Text);
    }
    for pair in tokens.windows(2) {
        if let [left, right] = pair {
            look_at_pair(left, right, take);
        }
    }
    take(begin.and(first.own), Of::Line);
    if let Some(second) = second {
        let start = begin.and(first.general).and(second.space).and(second.general);
        take(start, Of::Line);
    }
    take(Name::of(last.own).and("$"), Of::Line);
    match raw.as_bytes().first() {
        Some(b'\t') => take(Name::of("⇥"), Of::Line),
        Some(b' ') => take(Name::of("␣"), Of::Line),
        _ => {}
    }
}

fn look_at_pair(left: &Token<'_>, right: &Token<'_>, take: &mut impl FnMut(Name, Of)) {
    let (is_word, ends_with_word) = (left.general == ANY_WORD, right.general == ANY_WORD);
    let general = Name::of(left.general).and(right.space);
    take(general.and(right.general), Of::Text);
    if is_word && left.own != ANY_WORD {
        take(Name::of(left.own).and(right.space).and(right.general), Of::Text);
    }
    if !is_word && ends_with_word && right.own != ANY_WORD {
        take(general.and(right.own), Of::Text);
    }
}

fn is_remark(first: &Token<'_>, second: &Token<'_>) -> bool {
    !second.space.is_empty() && [ANY_WORD, WIDE, HIGH].contains(&second.general) && REMARKS.contains(&first.own)
}

/// Runs of letters beyond ASCII: with those of East Asia, and without.
const WIDE: &str = "文";
const HIGH: &str = "é";

/// The tokens of a line.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let space = if rest.len() < self.0.len() { " " } else { "" };
        let first = *rest.as_bytes().first()?;
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_mark = |byte: &u8| byte.is_ascii() && !is_word(byte) && !matches!(byte, b' ' | b'\t');
        let run = |fits: &dyn Fn(&u8) -> bool| rest.bytes().take_while(|byte| fits(byte)).count();
        let len = match first {
            _ if is_word(&first) => run(&is_word),
            _ if first.is_ascii() => run(&is_mark).min(RUN),
            _ => run(&|byte| !byte.is_ascii()),
        };
        let (own, behind) = rest.split_at(len);
        self.0 = behind;
        let (own, general) = match first {
            b'0'..=b'9' => ("0", "0"),
            _ if is_word(&first) && len > WORD => (ANY_WORD, ANY_WORD),
            _ if is_word(&first) => (own, ANY_WORD),
            _ if first.is_ascii() => (own, own),
            _ if own.contains(|c| c >= '\u{2E80}') => (WIDE, WIDE),
            _ => (HIGH, HIGH),
        };
        Some(Token { own, general, space })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn features_are_those_of_the_script_that_learns() {
        let mut names = Vec::new();
        let count = look("\tint f(a) {\n// 说 what\n文é 12;\r\n});;\n", |name, _| {
            names.push(name);
        });
        let expected = [
            "int", "f", "(", "a", ")", "{", "w w", "int w", "w(", "f(", "(w", "(a", "w)", "a)", ") {", "^int", "^w w",
            "{$", "⇥", "^// …", "文", "0", ";", "文 0", "0;", "^文", "^文 0", ";$", "});", "});;", "^});", "^});;",
        ];
        assert_eq!(count, 4);
        let expected: BTreeSet<_> = expected.map(Name::of).into_iter().collect();
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn a_line_without_end_is_looked_at_from_its_start_only() {
        let mut count = 0;
        look(&"文 a;".repeat(100_000), |_, _| count += 1);
        assert!(count < WIDTH * 4);
    }
}

//! The words that a policy names: keywords of its grades and the company's names.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use fileward_policy::effective::Grade;

use super::normal::Normal;
use super::squeezed::Squeezed;
use crate::bytes::{first, places, within};

/// Bytes before what is looked at: a word's border.
const BEFORE: usize = 16;
/// Bytes behind a capital that are made small with it.
const NEAR: usize = 64;

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// The grade by its index.
    Grade(usize),
    /// The company's name by its index.
    Name(usize),
}

/// The words, made ready.
#[derive(Debug, Default)]
pub(super) struct Words {
    searcher: Option<AhoCorasick>,
    /// What each word stands for, and what those stand for that it begins with, with their lengths.
    of: Vec<Vec<(Of, usize)>>,
}

/// What was found of the words.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Keywords by grade, each time they stand.
    pub(super) keywords: Vec<u32>,
    /// Names by their index.
    pub(super) names: Vec<bool>,
    squeezed: Squeezed,
}

impl Words {
    pub(super) fn new(grades: &[Grade], names: &[String]) -> Self {
        let keywords = grades
            .iter()
            .enumerate()
            .flat_map(|(index, grade)| grade.keywords.iter().map(move |word| (word, Of::Grade(index))));
        let names = names.iter().enumerate().map(|(index, name)| (name, Of::Name(index)));
        let (words, of): (Vec<_>, Vec<_>) = keywords
            .chain(names)
            .map(|(word, of)| (plain(word), of))
            .filter(|(word, _)| !word.is_empty())
            .unzip();
        let mut known = BTreeMap::<&str, Vec<Of>>::new();
        for (word, of) in words.iter().zip(&of) {
            known.entry(word).or_default().push(*of);
        }
        let beginning = |word: &String| {
            let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
            let begins = ends.flat_map(|end| known.get(&word[..end]).into_iter().flatten().map(move |of| (*of, end)));
            begins.collect()
        };
        let of = words.iter().map(beginning).collect();
        let searcher = || {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&words)
                .ok()
        };
        let searcher = (!words.is_empty()).then(searcher).flatten();
        Self { searcher, of }
    }

    /// Looks for words that start in `range` of `text`.
    pub(super) fn look(&self, text: &str, range: Range<usize>, found: &mut Found) {
        let Some(searcher) = &self.searcher else { return };
        let from = text.floor_char_boundary(range.start.saturating_sub(BEFORE));
        let mut squeezed = std::mem::take(&mut found.squeezed);
        squeezed.fill(&text[from..]);
        make_small(&mut squeezed.text);
        let own = squeezed.position(range.start - from)..squeezed.position(range.end - from);
        let mut from = own.start;
        // The longest word that starts somewhere comes with those it begins with; others may start within it.
        while from < own.end
            && let Some(hit) = searcher.find(Input::new(&squeezed.text).range(from..))
            && hit.start() < own.end
        {
            for (of, length) in self.of.get(hit.pattern().as_usize()).into_iter().flatten() {
                let word = hit.start()..hit.start() + length;
                if !has_borders(&squeezed.text, &word) || !squeezed.is_word(&word) {
                    continue;
                }
                match of {
                    Of::Grade(index) => found.keyword(*index),
                    Of::Name(index) => found.name(*index),
                }
            }
            from = squeezed.text.ceil_char_boundary(hit.start() + 1);
        }
        found.squeezed = squeezed;
    }
}

impl Found {
    fn keyword(&mut self, grade: usize) {
        if self.keywords.len() <= grade {
            self.keywords.resize(grade + 1, 0);
        }
        if let Some(count) = self.keywords.get_mut(grade) {
            *count = count.saturating_add(1);
        }
    }

    fn name(&mut self, index: usize) {
        if self.names.len() <= index {
            self.names.resize(index + 1, false);
        }
        if let Some(name) = self.names.get_mut(index) {
            *name = true;
        }
    }
}

/// A word as it is looked for.
pub(super) fn plain(word: &str) -> String {
    let mut normal = String::new();
    Normal::default().push(&mut normal, word);
    Squeezed::of(&normal).text.to_ascii_lowercase()
}

/// Adds a text in small letters, and of its blanks only those to be kept.
pub(super) fn push_small(small: &mut String, text: &str, is_kept: impl Fn(char) -> bool) {
    // Ideographs and what stands among them begin with other bytes: they have no case, and normal text no blank of their own.
    let may_change = |bytes| {
        let ascii = within(bytes, 0, b' ') | within(bytes, b'A', b'Z');
        ascii | within(bytes, 0xC2, 0xE2) | within(bytes, 0xEA, 0xF4)
    };
    let mut from = 0;
    for at in places(text.as_bytes(), may_change) {
        let Some(c) = text[at..].chars().next() else { break };
        small.push_str(&text[from..at]);
        from = at + c.len_utf8();
        if is_kept(c) {
            small.extend(c.to_lowercase());
        }
    }
    small.push_str(&text[from..]);
}

/// Makes Latin capitals small. Most text has few of them.
fn make_small(text: &mut str) {
    let mut from = 0;
    while let Some(ahead) = first(&text.as_bytes()[from..], |bytes| within(bytes, b'A', b'Z')) {
        let capital = from + ahead;
        from = text.ceil_char_boundary(capital + NEAR);
        text[capital..from].make_ascii_lowercase();
    }
}

/// Whether Latin letters and digits of a word are not part of a longer one; Chinese has no borders.
fn has_borders(text: &str, hit: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let joined = |a: Option<&u8>, b: Option<&u8>| {
        a.is_some_and(u8::is_ascii_alphanumeric) && b.is_some_and(u8::is_ascii_alphanumeric)
    };
    let before = hit.start.checked_sub(1).and_then(|at| bytes.get(at));
    !joined(before, bytes.get(hit.start))
        && !joined(hit.end.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(hit.end))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fileward_protocol::vocabulary::Sensitivity;
    use proptest::prelude::*;

    use super::*;

    fn look(text: &str) -> (u32, Vec<bool>) {
        let grade = Grade {
            sensitivity: Sensitivity::CoreSecret,
            labels: Vec::new(),
            keywords: ["并购", "技术方案", "方案书", "ＡＢＣ计划", "merger"]
                .map(str::to_owned)
                .to_vec(),
            patterns: Vec::new(),
            detectors: BTreeMap::new(),
        };
        let names = ["示例科技有限公司", "Example Technology"].map(str::to_owned);
        let mut found = Found::default();
        let mut normal = String::new();
        Normal::default().push(&mut normal, text);
        Words::new(&[grade], &names).look(&normal, 0..normal.len(), &mut found);
        found.names.resize(2, false);
        (found.keywords.first().copied().unwrap_or(0), found.names)
    }

    #[test]
    fn words_are_found_however_they_are_set() {
        for (text, count) in [
            ("并购、并购", 2),
            ("并 购", 1),
            ("技术方\n案", 1),
            ("Abc 计划", 1),
            ("MERGER plan", 1),
            ("mergers", 0),
            ("技术方案书", 2),
            ("xABC计划", 0),
            ("合并 购买", 0),
            ("合并\n\n购买", 0),
        ] {
            assert_eq!(look(text).0, count, "{text}");
        }
    }

    #[test]
    fn names_are_found_however_they_are_set() {
        assert_eq!(look("示 例 科 技 有 限 公 司").1, [true, false]);
        assert_eq!(
            look("示例科技\n有限公司 ＥＸＡＭＰＬＥ\nTechnology Ltd").1,
            [true, true]
        );
        assert_eq!(look("Example Technologyx").1, [false, false]);
    }

    proptest! {
        #[test]
        fn small_letters_are_those_of_each_character(text in "[A-Za-zÀΩб密，★Ａ \\t\u{a0}]{0,60}") {
            let mut small = String::new();
            push_small(&mut small, &text, |c| !c.is_whitespace());
            let kept = text.chars().filter(|c| !c.is_whitespace());
            prop_assert_eq!(small, kept.flat_map(char::to_lowercase).collect::<String>());
        }

        #[test]
        fn capitals_are_made_small_wherever_they_stand(text in "[A-Za-z密é ]{0,300}") {
            let mut small = text.clone();
            make_small(&mut small);
            prop_assert_eq!(small, text.to_ascii_lowercase());
        }
    }
}

//! Programming and markup languages by what stands in their lines, for text whose extension is missing or says nothing.
//!
//! A sign is a piece of a line: `^` anchors it to the line's first character that is no blank, `$` to its last. Each sign
//! counts its weight for up to three lines; a language needs a clear lead.

mod signs;

use crate::kind::{self, Kind};
use signs::LANGUAGES;

/// A piece of a line, and how much it says.
type Sign = (&'static str, u32);

/// Lines that are looked at.
const LINES: usize = 150;
/// Bytes of a line that are looked at.
const WIDTH: usize = 200;
/// How often a sign counts.
const MOST: u32 = 3;
/// The least that a language needs, and its least lead over the second.
const ENOUGH: u32 = 6;
const LEAD: u32 = 2;
/// The least weight of a sign that others hardly have.
const STRONG: u32 = 3;
/// A language, and one that has all of it and more.
const DIALECTS: &[[Kind; 2]] = &[[kind::JAVASCRIPT, kind::TYPESCRIPT], [kind::C, kind::CPP]];
/// What a language needs against the extension of another one, which shows no sign of itself.
const CLEAR: u32 = 14;

/// The language of text that begins with `start`, if it is clear.
pub(super) fn recognise(start: &str) -> Option<Kind> {
    let lines = Lines::of(start);
    if !lines.look_like_code() {
        return None;
    }
    let mut scores: Vec<_> = LANGUAGES
        .iter()
        .map(|(kind, signs)| (lines.score(signs), *kind))
        .collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let (best, kind) = *scores.first()?;
    // A language and what grew out of it share most signs.
    let is_kin = |other: Kind| {
        DIALECTS
            .iter()
            .any(|pair| pair.contains(&kind) && pair.contains(&other))
    };
    let (second, _) = scores[1..].iter().find(|(_, other)| !is_kin(*other))?;
    if best < ENOUGH || best < second + LEAD {
        return None;
    }
    let dialect = DIALECTS
        .iter()
        .find(|[base, _]| *base == kind)
        .map(|[_, dialect]| *dialect);
    Some(
        dialect
            .filter(|dialect| lines.strong_score(*dialect) >= ENOUGH)
            .unwrap_or(kind),
    )
}

/// The language of text whose extension says `claimed`, if it is clearly another.
pub(super) fn contradicts(start: &str, claimed: Kind) -> Option<Kind> {
    let lines = Lines::of(start);
    let own = |kind| {
        let language = LANGUAGES.iter().find(|(language, _)| *language == kind);
        language.map(|(_, signs)| lines.score(signs))
    };
    if own(claimed)? > 0 {
        return None;
    }
    let kind = recognise(start)?;
    (own(kind)? >= CLEAR).then_some(kind)
}

/// The first lines of a text, without the blanks around them.
struct Lines<'a> {
    lines: Vec<&'a str>,
    joined: String,
}

impl<'a> Lines<'a> {
    fn of(start: &'a str) -> Self {
        let lines = start.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<_> = lines
            .map(|line| &line[..line.floor_char_boundary(WIDTH)])
            .take(LINES)
            .collect();
        let joined = lines.join("\n");
        Self { lines, joined }
    }

    /// Whether one line in ten is built like one of a program. It spares prose the search for every sign.
    fn look_like_code(&self) -> bool {
        let is_code = |line: &&&str| {
            line.ends_with([';', '{', '}', ')', ']', ':', ',', '>', '"', '\'', '\\', '=', '$'])
                || line.starts_with(['#', '@', '<', '$', '%', '-', '\'', '/', '*', '.', '`', '|', '!', ':'])
                || line.len() < 24 && line.is_ascii()
        };
        self.lines.iter().filter(is_code).count() * 10 >= self.lines.len()
    }

    /// The score of a language by the signs that others hardly have.
    fn strong_score(&self, kind: Kind) -> u32 {
        let language = LANGUAGES.iter().find(|(language, _)| *language == kind);
        let signs = language.map_or(&[][..], |(_, signs)| signs);
        let strong = signs.iter().filter(|(_, weight)| *weight >= STRONG);
        strong.map(|(sign, weight)| weight * self.count(sign)).sum()
    }

    fn score(&self, signs: &[Sign]) -> u32 {
        signs.iter().map(|(sign, weight)| weight * self.count(sign)).sum()
    }

    /// The lines that have a sign, up to [`MOST`].
    fn count(&self, sign: &str) -> u32 {
        let (start, end) = (
            sign.strip_prefix('^'),
            sign.strip_suffix('$').filter(|end| !end.is_empty()),
        );
        let whole = start
            .and_then(|start| start.strip_suffix('$'))
            .filter(|whole| !whole.is_empty());
        match (whole, start, end) {
            (Some(whole), _, _) => self.count_lines(|line| line == whole),
            (None, Some(start), _) => self.count_lines(|line| line.starts_with(start)),
            (None, None, Some(end)) => self.count_lines(|line| line.ends_with(end)),
            (None, None, None) => self.count_holding(sign),
        }
    }

    fn count_lines(&self, has: impl Fn(&str) -> bool) -> u32 {
        let hits = self.lines.iter().filter(|line| has(line)).take(MOST as usize).count();
        u32::try_from(hits).unwrap_or(MOST)
    }

    fn count_holding(&self, sign: &str) -> u32 {
        let finder = memchr::memmem::Finder::new(sign);
        let mut rest = self.joined.as_bytes();
        let mut count = 0;
        while let Some(at) = finder.find(rest).filter(|_| count < MOST) {
            count += 1;
            rest = &rest[at..];
            rest = memchr::memchr(b'\n', rest).map_or(&[], |end| &rest[end..]);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_apart_without_their_names() {
        for (kind, text) in [
            (
                kind::PYTHON,
                "import os\nfrom sys import argv\n\ndef main():\n    print(argv)\n\nif __name__ == '__main__':\n    main()\n",
            ),
            (
                kind::JAVA,
                "package a.b;\n\nimport java.util.List;\n\npublic class Order {\n    private final int id;\n}\n",
            ),
            (
                kind::C,
                "#include <stdio.h>\n\nint main(void)\n{\n    printf(\"hi\\n\");\n    return 0;\n}\n",
            ),
            (
                kind::CPP,
                "#include <iostream>\nusing namespace std;\nint main() {\n    cout << \"hi\" << std::endl;\n}\n",
            ),
            (
                kind::GO,
                "package main\n\nimport \"fmt\"\n\nfunc main() {\n    x := 1\n    fmt.Println(x)\n}\n",
            ),
            (
                kind::RUST,
                "use std::fs;\n\npub fn main() {\n    let mut a = Vec::new();\n    a.push(1);\n}\n",
            ),
            (
                kind::JAVASCRIPT,
                "const fs = require('fs');\nfunction go() {\n  console.log(fs);\n}\nmodule.exports = go;\n",
            ),
            (
                kind::TYPESCRIPT,
                "export interface Order {\n  id: number;\n  name: string;\n}\n",
            ),
            (kind::SQL, "SELECT a, b\nFROM orders\nWHERE a = 1\nORDER BY b;\n"),
            (kind::SHELL, "set -e\nif [ -f a ]; then\n  echo yes\nfi\n"),
            (kind::BATCH, "@echo off\r\nset A=1\r\npause\r\n"),
            (kind::MARKDOWN, "# Title\n\nSome text.\n\n## Part\n\n```\ncode\n```\n"),
        ] {
            assert_eq!(recognise(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn prose_and_lists_are_no_program() {
        for text in [
            "Dear all,\n\nplease find the offer attached; it is valid for a week.\n\nRegards\n",
            "关于示例项目的报价单：\n1. 设备 12,800 元\n2. 服务（一年） 3,000 元\n",
            "From the desk of the manager\nReturn this form to us.\nimport duties apply\n",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn an_extension_is_only_overruled_when_nothing_speaks_for_it() {
        let python = "import os\nimport sys\n\ndef main():\n    try:\n        print(sys.argv)\n    except OSError:\n        pass\n\n\
            if __name__ == '__main__':\n    main()\n";
        assert_eq!(contradicts(python, kind::VERILOG), Some(kind::PYTHON));
        assert_eq!(contradicts(python, kind::PYTHON), None);
        assert_eq!(contradicts("let x = 1;\n", kind::PYTHON), None);
    }
}

//! Programming and markup languages by what stands in their lines, for text whose extension is missing or says nothing.
//!
//! A sign is a piece of a line: `^` anchors it to the line's first character that is no blank, `$` to its last. Each sign
//! counts its weight for up to three lines; a language needs a clear lead.

mod signs;

use crate::kind::Kind;
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
/// What a language needs against the extension of another one, which shows no sign of itself.
const CLEAR: u32 = 14;

/// The language of text that begins with `start`, if it is clear.
pub(super) fn recognise(start: &str) -> Option<Kind> {
    let lines = lines(start);
    let mut scores: Vec<_> = LANGUAGES
        .iter()
        .map(|(kind, signs)| (score(signs, &lines), *kind))
        .collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scores.as_slice() {
        [(best, kind), (second, _), ..] if *best >= ENOUGH && *best >= second + LEAD => Some(*kind),
        _ => None,
    }
}

/// The language of text whose extension says `claimed`, if it is clearly another.
pub(super) fn contradicts(start: &str, claimed: Kind) -> Option<Kind> {
    let kind = recognise(start)?;
    let lines = lines(start);
    let own = |kind| {
        let language = LANGUAGES.iter().find(|(language, _)| *language == kind);
        language.map(|(_, signs)| score(signs, &lines))
    };
    let is_clear = own(kind)? >= CLEAR && own(claimed)? == 0;
    is_clear.then_some(kind)
}

fn lines(start: &str) -> Vec<&str> {
    let lines = start.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| &line[..line.floor_char_boundary(WIDTH)])
        .take(LINES)
        .collect()
}

fn score(signs: &[Sign], lines: &[&str]) -> u32 {
    let count = |sign: &str| {
        let hits = lines
            .iter()
            .filter(|line| is_in(sign, line))
            .take(MOST as usize)
            .count();
        u32::try_from(hits).unwrap_or(MOST)
    };
    signs.iter().map(|(sign, weight)| weight * count(sign)).sum()
}

fn is_in(sign: &str, line: &str) -> bool {
    if let Some(start) = sign.strip_prefix('^') {
        return match start.strip_suffix('$').filter(|whole| !whole.is_empty()) {
            Some(whole) => line == whole,
            None => line.starts_with(start),
        };
    }
    match sign.strip_suffix('$').filter(|end| !end.is_empty()) {
        Some(end) => line.ends_with(end),
        None => memchr::memmem::find(line.as_bytes(), sign.as_bytes()).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind;

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

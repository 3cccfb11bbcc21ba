//! Languages that grew out of others: by what only the younger one has.

use crate::kind::{self, Kind};

/// What stands in a line, and what a line begins with.
struct Signs {
    anywhere: &'static [&'static str],
    beginnings: &'static [&'static str],
}

/// What `TypeScript` has and JavaScript has not: types.
const TYPES: Signs = Signs {
    anywhere: &[
        " as any",
        " as const",
        " as unknown",
        " is string",
        " keyof ",
        " satisfies ",
        "!: ",
        ": Array<",
        ": Map<",
        ": Promise<",
        ": Record<",
        ": Set<",
        ": [",
        ": any",
        ": boolean",
        ": never",
        ": number",
        ": object",
        ": string",
        ": unknown",
        ": void",
        "<T,",
        "<T>",
        "<any>",
        "<number",
        "<string",
        "?: ",
        "[] =",
        "[]) ",
        "[];",
    ],
    beginnings: &[
        "abstract class ",
        "declare ",
        "enum ",
        "export abstract ",
        "export declare ",
        "export enum ",
        "export interface ",
        "export type ",
        "import type ",
        "interface ",
        "namespace ",
        "private ",
        "protected ",
        "public ",
        "readonly ",
        "type ",
    ],
};

/// What C++ has and C has not.
const CLASSES: Signs = Signs {
    anywhere: &[
        "constexpr ",
        "noexcept",
        "nullptr",
        "static_cast<",
        "std::",
        "template <",
        "template<",
    ],
    beginnings: &["class ", "namespace ", "private:", "protected:", "public:", "using "],
};

/// The dialect of a text that is either `kind` or its kin.
pub(super) fn refine(kind: Kind, start: &str) -> Kind {
    match kind {
        kind::TYPESCRIPT if !has(start, &TYPES) => kind::JAVASCRIPT,
        kind::C if has(start, &CLASSES) => kind::CPP,
        kind => kind,
    }
}

/// Whether one is valid as the other.
pub(super) fn are_kin(a: Kind, b: Kind) -> bool {
    const PAIRS: &[[Kind; 2]] = &[[kind::JAVASCRIPT, kind::TYPESCRIPT], [kind::C, kind::CPP]];
    PAIRS.iter().any(|pair| pair.contains(&a) && pair.contains(&b))
}

/// Whether a line has one of the signs, remarks aside.
fn has(start: &str, signs: &Signs) -> bool {
    let mut lines = start
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['/', '*']));
    lines.any(|line| {
        signs.anywhere.iter().any(|sign| line.contains(sign))
            || signs.beginnings.iter().any(|sign| line.starts_with(sign))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_from_plain_script() {
        for text in [
            "let a: number = 1;\n",
            "export interface A {\n}\n",
            "const a = b as const;\n",
        ] {
            assert_eq!(refine(kind::TYPESCRIPT, text), kind::TYPESCRIPT, "{text}");
        }
        for text in [
            "const a = { b: 1 };\n",
            "// interface: number\nfunction a(b) { return b ? 1 : 2; }\n",
        ] {
            assert_eq!(refine(kind::TYPESCRIPT, text), kind::JAVASCRIPT, "{text}");
        }
    }

    #[test]
    fn classes_are_told_from_plain_c() {
        assert_eq!(refine(kind::C, "#pragma once\nnamespace a {\nint b();\n}\n"), kind::CPP);
        assert_eq!(refine(kind::C, "/* like std::map */\nint b(void);\n"), kind::C);
    }
}

//! Kinds of text by what stands in their lines, for text whose name says nothing, or something else.
//!
//! What each word, mark and beginning of a line says for and against each kind was learnt by `learn.py` from files of
//! known kinds: a linear model (multinomial logistic regression), whose weights stand in `weights.txt`, one feature a line.

mod features;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::kind::{self, Kind};
use features::{Name, Of};

const WEIGHTS: &str = include_str!("learnt/weights.txt");
/// What a weight of one is in `weights.txt`.
const UNIT: f32 = 10.0;
/// How much a feature says, and how many there are at least: a short text says little.
const SCALE: f32 = 8.0;
const FEW: usize = 25;
/// A feature counts in as many lines as if it were in each, when it is in one of so many.
const OFTEN: usize = 4;

/// The kinds that are told apart.
const KINDS: &[Kind] = &[
    kind::ASSEMBLER,
    kind::BATCH,
    kind::C,
    kind::CPP,
    kind::CSHARP,
    kind::CSS,
    kind::CSV,
    kind::GO,
    kind::HTML,
    kind::INI,
    kind::JAVA,
    kind::JAVASCRIPT,
    kind::JSON,
    kind::KOTLIN,
    kind::LOG,
    kind::LUA,
    kind::MARKDOWN,
    kind::MATLAB,
    kind::PERL,
    kind::PHP,
    kind::POWERSHELL,
    kind::PYTHON,
    kind::R,
    kind::RUBY,
    kind::RUST,
    kind::SCALA,
    kind::SHELL,
    kind::SQL,
    kind::SWIFT,
    kind::TOML,
    kind::TXT,
    kind::TYPESCRIPT,
    kind::VERILOG,
    kind::VHDL,
    kind::VISUAL_BASIC,
    kind::VUE,
    kind::XML,
    kind::YAML,
];

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(WEIGHTS));

/// What speaks for each kind.
#[derive(Clone, Debug)]
pub(super) struct Opinion([f32; KINDS.len()]);

impl Opinion {
    /// The opinion on a text that begins with `start`.
    pub(super) fn of(start: &str) -> Self {
        MODEL.opinion(start)
    }

    /// The kind for which most speaks.
    pub(super) fn best(&self) -> Kind {
        let best = KINDS.iter().zip(self.0).max_by(|(_, a), (_, b)| a.total_cmp(b));
        best.map_or(kind::TXT, |(kind, _)| *kind)
    }

    /// How much more speaks for the best kind than for this one: the logarithm of how much likelier it is. `None` when this one
    /// is not among those that are told apart.
    pub(super) fn lead_over(&self, kind: Kind) -> Option<f32> {
        let best = self.0.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let own = KINDS.iter().position(|own| *own == kind)?;
        Some(best - self.0[own])
    }
}

/// The weights, made ready.
#[derive(Debug)]
struct Model {
    bias: [f32; KINDS.len()],
    features: HashMap<Name, usize>,
    /// By feature: kinds by their place in [`KINDS`], and what it says of them.
    weights: Vec<Vec<(usize, f32)>>,
}

impl Model {
    /// Reads lines of a feature, a tab, and kinds with their weights. The first line has no feature.
    fn parse(text: &'static str) -> Self {
        let mut model = Self {
            bias: [0.0; KINDS.len()],
            features: HashMap::new(),
            weights: Vec::new(),
        };
        let places: HashMap<_, _> = KINDS.iter().enumerate().map(|(at, kind)| (kind.name(), at)).collect();
        for (feature, weights) in text.lines().filter_map(|line| line.split_once('\t')) {
            let words: Vec<_> = weights.split(' ').collect();
            let weights = words.chunks_exact(2).filter_map(|pair| {
                let weight: f32 = pair[1].parse().ok()?;
                Some((*places.get(pair[0])?, weight / UNIT))
            });
            if feature.is_empty() {
                weights.for_each(|(kind, weight)| model.bias[kind] = weight);
            } else {
                model.features.insert(Name::of(feature), model.weights.len());
                model.weights.push(weights.collect());
            }
        }
        model
    }

    fn opinion(&self, start: &str) -> Opinion {
        let mut is_there = vec![false; self.weights.len()];
        let mut lines = vec![0; self.weights.len()];
        let count = features::look(start, |name, of| {
            if let Some(feature) = self.features.get(&name) {
                is_there[*feature] = true;
            }
            if of == Of::Line
                && let Some(feature) = self.features.get(&name.and("*"))
            {
                lines[*feature] += 1;
            }
        });
        for (is_there, lines) in is_there.iter_mut().zip(lines) {
            *is_there |= lines > 0 && lines * OFTEN >= count;
        }
        self.sum(&is_there)
    }

    /// Long texts have more features than short ones; each then says less.
    #[expect(clippy::cast_precision_loss, reason = "there are a few thousand features")]
    fn sum(&self, is_there: &[bool]) -> Opinion {
        let mut sums = [0.0; KINDS.len()];
        let mut known = 0_usize;
        for (weights, _) in self.weights.iter().zip(is_there).filter(|(_, is_there)| **is_there) {
            known += 1;
            for (kind, weight) in weights {
                sums[*kind] += weight;
            }
        }
        let scale = SCALE / (known.max(FEW) as f32).sqrt();
        for (sum, bias) in sums.iter_mut().zip(self.bias) {
            *sum = *sum * scale + bias;
        }
        Opinion(sums)
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
            assert_eq!(Opinion::of(text).best(), kind, "{text}");
        }
    }

    #[test]
    fn what_is_hardly_likely_is_far_behind() {
        let python = Opinion::of("import os\nimport sys\n\ndef main():\n    print(sys.argv)\n");
        assert_eq!(python.lead_over(kind::PYTHON), Some(0.0));
        assert!(python.lead_over(kind::JAVA) > Some(2.0));
        assert_eq!(python.lead_over(kind::PNG), None);
    }

    #[test]
    fn every_weight_is_read() {
        let features = WEIGHTS.lines().count() - 1;
        assert_eq!(
            (MODEL.weights.len(), MODEL.features.len()),
            (features, features),
            "no two have one hash"
        );
        let written = |line: &str| {
            line.split('\t')
                .nth(1)
                .map_or(0, |weights| weights.split(' ').count() / 2)
        };
        let read: usize = MODEL.weights.iter().map(Vec::len).sum();
        assert_eq!(read, WEIGHTS.lines().skip(1).map(written).sum::<usize>());
        assert!(KINDS.iter().all(|kind| WEIGHTS.contains(&format!("{} ", kind.name()))));
    }
}

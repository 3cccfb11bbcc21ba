//! What is looked for in text. Only counts, and what the policy itself named, leave this module.

use std::collections::BTreeMap;
use std::sync::Arc;

use fileward_protocol::report::{Detection, Word};

use crate::Rules;
use crate::text::{Gap, Part};

/// Characters that are looked at together; what is looked for is shorter.
const BLOCK: usize = 64 << 10;

/// The rules, made ready once for all files.
#[derive(Debug)]
pub(crate) struct Patterns {
    rules: Rules,
}

impl Patterns {
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules }
    }

    /// Those of a policy that names nothing.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Arc<Self> {
        Arc::new(Self::new(Rules::default()))
    }
}

/// What a text held.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) detections: Vec<Detection>,
    /// The policy's labels that stand on it, as the policy writes them.
    pub(crate) labels: Vec<String>,
    /// The company's names that stand in it, as the policy writes them.
    pub(crate) mentions: Vec<String>,
}

/// Looks through one file's text.
#[derive(Debug)]
pub(crate) struct Scanner {
    patterns: Arc<Patterns>,
    block: String,
    counts: BTreeMap<Word, u32>,
    mentions: Vec<String>,
}

impl Scanner {
    pub(crate) fn new(patterns: Arc<Patterns>) -> Self {
        Self {
            patterns,
            block: String::new(),
            counts: BTreeMap::new(),
            mentions: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, _part: Part, piece: &str) {
        self.block.push_str(piece);
        if self.block.len() >= BLOCK {
            self.look();
        }
    }

    pub(crate) fn gap(&mut self, gap: Gap) {
        self.block.push(if gap == Gap::Cell { '\t' } else { '\n' });
    }

    pub(crate) fn finish(mut self) -> Scanned {
        self.look();
        let detections = self
            .counts
            .into_iter()
            .map(|(detector, count)| Detection { detector, count });
        Scanned {
            detections: detections.collect(),
            labels: Vec::new(),
            mentions: self.mentions,
        }
    }

    fn look(&mut self) {
        let text = std::mem::take(&mut self.block);
        for grade in &self.patterns.rules.grades {
            let hits: usize = grade
                .keywords
                .iter()
                .map(|word| text.matches(word.as_str()).count())
                .sum();
            if let (Ok(word), 1..) = (Word::new(&format!("keyword:{}", grade.sensitivity)), hits) {
                let count = self.counts.entry(word).or_default();
                *count = count.saturating_add(u32::try_from(hits).unwrap_or(u32::MAX));
            }
        }
        for name in &self.patterns.rules.company_names {
            if !self.mentions.contains(name) && text.contains(name.as_str()) {
                self.mentions.push(name.clone());
            }
        }
    }
}

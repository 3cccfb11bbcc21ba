//! How often inspection is right, counted over a corpus.
//!
//! Files are examined in this process by the same [`Examiner`] that runs in the worker.

mod tally;
mod verdicts;

use std::collections::BTreeMap;
use std::fs::File;
use std::time::{Duration, Instant};

use fileward_inspect::{Examiner, Hint, InspectError, Limits, Rules};
use fileward_policy::facts::DETECTORS;
use fileward_policy::{Effective, Facts, Policy};

use crate::corpus::{Corpus, Entry};
pub use tally::{Confusion, Tally};
pub use verdicts::{Verdicts, judged};

/// The word of each part of a document; `tests/corpus/words.py` writes them.
pub const MARKS: &[(&str, &str)] = &[
    ("body", "山川甲石"),
    ("header", "山川乙石"),
    ("footer", "山川丙石"),
    ("note", "山川丁石"),
    ("comment", "山川戊石"),
    ("box", "山川己石"),
    ("hidden", "山川庚石"),
    ("property", "山川辛石"),
    ("deletion", "山川壬石"),
    ("embedded", "山川癸石"),
];

/// What was counted.
#[derive(Debug, Default)]
pub struct Accuracy {
    /// Kinds.
    pub kinds: Confusion,
    /// States of encryption.
    pub encryption: Confusion,
    /// Methods, of what is encrypted.
    pub methods: Confusion,
    /// Detectors that this build has.
    pub detectors: BTreeMap<String, Tally>,
    /// Planted numbers for which there is no detector.
    pub unknown_detectors: BTreeMap<String, u32>,
    /// Words of parts, by kind of file.
    pub text: BTreeMap<String, Text>,
    /// Files of which there are no facts.
    pub failed: Vec<String>,
    /// The slowest file, and how long it took.
    pub slowest: (Duration, String),
}

/// How much text of a kind of file was found.
#[derive(Debug, Default)]
pub struct Text {
    /// Words found of those that are there.
    pub tally: Tally,
    /// Words of a part that were not found, and the first file.
    pub lost: BTreeMap<String, (u32, String)>,
}

/// Looks at every file of a corpus.
pub fn measure(corpus: &Corpus) -> Accuracy {
    let everything = Examiner::new(rules(&policy(MARKS.iter().map(|(_, word)| *word))));
    let mut accuracy = Accuracy::default();
    for entry in &corpus.entries {
        let start = Instant::now();
        match examine(&everything, corpus, entry) {
            Ok(facts) => accuracy.add(corpus, entry, &facts),
            Err(error) => accuracy.failed.push(format!("{}: {error}", entry.file)),
        }
        accuracy.slowest = accuracy.slowest.clone().max((start.elapsed(), entry.file.clone()));
    }
    accuracy
}

/// The facts of one file.
///
/// # Errors
/// When there are none.
pub fn examine(examiner: &Examiner, corpus: &Corpus, entry: &Entry) -> Result<Facts, InspectError> {
    let file = File::open(corpus.path(entry)).map_err(|error| InspectError::Unreadable(error.to_string()))?;
    let hint = Hint {
        extension: entry.extension(),
    };
    examiner.inspect(&file, &hint, &Limits::default())
}

/// What an examiner looks for by a policy.
pub fn rules(policy: &Effective) -> Rules {
    Rules::new(policy, [7; 32])
}

/// A policy that looks for these keywords and for every detector there is.
pub fn policy<'a>(keywords: impl Iterator<Item = &'a str>) -> Effective {
    let keywords: Vec<_> = keywords.map(|word| format!("{word:?}")).collect();
    let detectors: Vec<_> = DETECTORS.iter().map(|name| format!("{name} = 1")).collect();
    let text = format!(
        "format = 1\nname = \"accuracy\"\n[[store]]\npath = '~/store'\n[sensitivity.core_secret]\nkeywords = [{}]\n\
         [sensitivity.internal]\ndetectors = {{ {} }}\n",
        keywords.join(", "),
        detectors.join(", ")
    );
    let policy =
        Policy::parse(&text).unwrap_or_else(|errors| panic!("{}", fileward_policy::explain("policy", &errors)));
    policy.effective(None)
}

/// How often a detector hit.
pub fn count(facts: &Facts, detector: &str) -> u32 {
    let hits = facts.detections.iter().filter(|hit| hit.detector.as_str() == detector);
    hits.map(|hit| hit.count).sum()
}

impl Accuracy {
    fn add(&mut self, corpus: &Corpus, entry: &Entry, facts: &Facts) {
        if entry.kind.is_known() {
            self.kinds.add(&entry.kind, facts.kind.as_str(), &entry.file);
        }
        if entry.encryption.is_known() {
            self.encryption
                .add(&entry.encryption, facts.encryption.state.as_str(), &entry.file);
        }
        if let Some(method) = &entry.method {
            let found = facts.encryption.method.map_or("none", |method| method.as_str());
            self.methods.add_word(method, found, &entry.file);
        }
        if let Some(planted) = &entry.detections {
            self.add_detections(planted, facts, &entry.file);
        }
        if let Some(marks) = &entry.marks {
            self.add_text(corpus, entry, marks, facts);
        }
    }

    fn add_detections(&mut self, planted: &BTreeMap<String, u32>, facts: &Facts, file: &str) {
        for (name, planted) in planted {
            if DETECTORS.contains(&name.as_str()) {
                let tally = self.detectors.entry(name.clone()).or_default();
                tally.add(*planted, count(facts, name), file);
            } else {
                *self.unknown_detectors.entry(name.clone()).or_default() += planted;
            }
        }
    }

    /// The sum first; only where it is not right is the file looked at again for each word alone.
    fn add_text(&mut self, corpus: &Corpus, entry: &Entry, marks: &BTreeMap<String, u32>, facts: &Facts) {
        let text = self.text.entry(entry.kind.first().to_owned()).or_default();
        let there: u32 = marks.values().sum();
        let found = count(facts, "keyword:core_secret");
        if found == there {
            text.tally.add(there, found, &entry.file);
            return;
        }
        for (part, word) in MARKS {
            let there = marks.get(*part).copied().unwrap_or(0);
            let examiner = Examiner::new(rules(&policy(std::iter::once(*word))));
            let found = examine(&examiner, corpus, entry).map_or(0, |facts| count(&facts, "keyword:core_secret"));
            // A word beyond the truth was lost in the making, and found all the same.
            text.tally.add(there, found.min(there), &entry.file);
            if found < there {
                let lost = text.lost.entry((*part).to_owned()).or_insert((0, entry.file.clone()));
                lost.0 += there - found;
            }
        }
    }
}

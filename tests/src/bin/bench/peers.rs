//! What other programs say of the same files; `tests/corpus/peers.py` asks them.

use std::collections::BTreeMap;
use std::process::Command;

use fileward_tests::accuracy::{Confusion, Tally};
use fileward_tests::corpus::{self, Corpus, Entry};
use fileward_tests::process::output;
use serde::Deserialize;

use crate::accuracy::scores;

/// The peers' answers, counted.
#[derive(Default)]
pub(crate) struct Peers {
    pub(crate) kinds: BTreeMap<String, Confusion>,
    pub(crate) encryption: BTreeMap<String, Confusion>,
    detectors: BTreeMap<String, BTreeMap<String, Tally>>,
    pub(crate) text: BTreeMap<String, BTreeMap<String, Tally>>,
}

/// One line of the script.
#[derive(Deserialize)]
struct Said {
    peer: String,
    version: Option<String>,
    missing: Option<String>,
    file: Option<String>,
    kind: Option<Vec<String>>,
    encryption: Option<String>,
    detections: Option<BTreeMap<String, u32>>,
    /// The detectors that the peer has.
    #[serde(default)]
    knows: Vec<String>,
    marks: Option<BTreeMap<String, u32>>,
}

impl Peers {
    /// Asks all that are installed, and says of each which it is or why it is left out.
    pub(crate) fn ask(corpus: &Corpus) -> Self {
        let python = corpus::environment().unwrap_or_else(|| "python3".into());
        let mut command = Command::new(python);
        command
            .arg("-B")
            .arg(corpus::scripts().join("peers.py"))
            .arg(corpus.folder());
        let files: BTreeMap<&str, &Entry> = corpus
            .entries
            .iter()
            .map(|entry| (entry.file.as_str(), entry))
            .collect();
        let mut peers = Self::default();
        for line in output(&mut command).lines() {
            let said: Said = serde_json::from_str(line).expect("the script prints JSON");
            match (&said.version, &said.missing) {
                (Some(version), _) => println!("  beside {}: {version}", said.peer),
                (_, Some(why)) => println!("  without {}: {why}", said.peer),
                _ => {}
            }
            if let Some(entry) = said.file.as_deref().and_then(|file| files.get(file)) {
                peers.add(&said, entry);
            }
        }
        peers
    }

    fn add(&mut self, said: &Said, entry: &Entry) {
        let peer = || said.peer.clone();
        if let Some(kinds) = said.kind.as_ref().filter(|_| entry.kind.is_known()) {
            // A peer's word may stand for several of ours; any that is right will do.
            let answer = kinds.iter().find(|kind| entry.kind.has(kind)).or(kinds.first());
            let answer = answer.map_or("nothing", String::as_str);
            self.kinds
                .entry(peer())
                .or_default()
                .add(&entry.kind, answer, &entry.file);
        }
        if let Some(answer) = said.encryption.as_ref().filter(|_| entry.encryption.is_known()) {
            let is_plain = entry.encryption.has("none");
            let truth = if is_plain { "none" } else { "encrypted" };
            self.encryption
                .entry(peer())
                .or_default()
                .add_word(truth, answer, &entry.file);
        }
        if let (Some(found), Some(planted)) = (&said.detections, &entry.detections) {
            let tallies = self.detectors.entry(peer()).or_default();
            for name in &said.knows {
                let there = planted.get(name).copied().unwrap_or(0);
                let found = found.get(name).copied().unwrap_or(0);
                tallies.entry(name.clone()).or_default().add(there, found, &entry.file);
            }
        }
        if let (Some(found), Some(there)) = (&said.marks, &entry.marks) {
            let kinds = self.text.entry(peer()).or_default();
            let tally = kinds.entry(entry.kind.first().to_owned()).or_default();
            for (part, there) in there {
                tally.add(*there, found.get(part).copied().unwrap_or(0).min(*there), &entry.file);
            }
        }
    }

    /// What each peer that has this detector scores with it.
    pub(crate) fn detectors_said(&self, detector: &str) -> String {
        let said = self.detectors.iter().filter_map(|(peer, tallies)| {
            let tally = tallies.get(detector)?;
            Some(format!("{peer} {}", scores(tally)))
        });
        said.collect::<Vec<_>>().join("   ")
    }
}

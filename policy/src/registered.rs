//! The company's registered documents, made ready for being recognised.
//!
//! A text is a near copy when half of the registered document's text is in it, or half of its own text is in the registered
//! document: so a copy with changed lines, an excerpt and a document that quotes it whole all are, as long as the shorter of the
//! two is at least a sixth of the longer one: the samples that are compared hold too few of its shingles otherwise. How sure
//! that is stands where sketches are made, in the scanner of `inspect`.

use std::collections::{BTreeMap, BTreeSet};

use fileward_protocol::bundle::RegisteredDocument;
use fileward_protocol::ids::KeyedHash;
use fileward_protocol::sketch::Sketch;

/// The share of shingles from which a text is a near copy.
pub const NEAR: f64 = 0.5;
/// Shingles in a sample without which nothing is said.
pub const LEAST: usize = 40;
/// Hashes that a candidate shares at least: half of the smallest sample.
const SHARED: usize = LEAST / 2;

/// Registered documents by what recognises them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Documents {
    contents: BTreeSet<KeyedHash>,
    sketches: Vec<Sketch>,
    /// Each hash with the number of its sketch, sorted.
    hashes: Vec<(u64, u32)>,
}

impl Documents {
    /// Makes documents ready.
    pub fn new(documents: &[RegisteredDocument]) -> Self {
        let sketches: Vec<Sketch> = documents
            .iter()
            .filter_map(|document| document.sketch.clone())
            .collect();
        let numbered = (0_u32..).zip(&sketches);
        let mut hashes: Vec<_> = numbered
            .flat_map(|(number, sketch)| sketch.hashes().iter().map(move |hash| (*hash, number)))
            .collect();
        hashes.sort_unstable();
        Self {
            contents: documents.iter().map(|document| document.content).collect(),
            sketches,
            hashes,
        }
    }

    /// Whether a file with this content is registered.
    pub fn holds(&self, content: KeyedHash) -> bool {
        self.contents.contains(&content)
    }

    /// Whether near copies can be recognised at all.
    pub fn has_sketches(&self) -> bool {
        !self.sketches.is_empty()
    }

    /// How much of a registered document and this text is the same, in percent: the highest over all documents, if it makes a
    /// near copy.
    pub fn nearest(&self, text: &Sketch) -> Option<u8> {
        let mut common: BTreeMap<u32, usize> = BTreeMap::new();
        for hash in text.hashes() {
            let start = self.hashes.partition_point(|(known, _)| known < hash);
            for (_, number) in self.hashes[start..].iter().take_while(|(known, _)| known == hash) {
                *common.entry(*number).or_default() += 1;
            }
        }
        let candidates = common.into_iter().filter(|(_, count)| *count >= SHARED);
        candidates
            .filter_map(|(number, _)| self.sketches.get(number as usize))
            .filter_map(|registered| {
                let shares = [registered.containment(text, LEAST), text.containment(registered, LEAST)];
                shares.into_iter().flatten().reduce(f64::max)
            })
            .filter(|share| *share >= NEAR)
            .map(percent)
            .max()
    }
}

fn percent(share: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is between 0 and 1"
    )]
    let percent = (share * 100.0).round() as u8;
    percent
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sketch of a text whose shingles are these numbers.
    fn sketch(shingles: impl Iterator<Item = u64>) -> Sketch {
        let hash = |n: u64| {
            // A full-period mixer: nearby numbers land far from each other.
            let mut hash = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
            hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            hash ^ (hash >> 31)
        };
        Sketch::new(0, shingles.map(hash).collect())
    }

    fn registered(number: u8, shingles: std::ops::Range<u64>) -> RegisteredDocument {
        RegisteredDocument {
            content: KeyedHash([number; 32]),
            sketch: Some(sketch(shingles)),
        }
    }

    fn documents() -> Documents {
        let more = (4..100).map(|number| {
            let start = u64::from(number) * 1_000_000;
            registered(number, start..start + 3_000)
        });
        let few = [registered(1, 0..2_000), registered(2, 10_000..50_000)];
        Documents::new(&few.into_iter().chain(more).collect::<Vec<_>>())
    }

    #[test]
    fn the_very_file_is_known_by_its_content() {
        let documents = documents();
        assert!(documents.holds(KeyedHash([2; 32])));
        assert!(!documents.holds(KeyedHash([3; 32])));
    }

    #[test]
    fn a_copy_with_changed_parts_is_near() {
        let documents = documents();
        assert_eq!(documents.nearest(&sketch(0..2_000)), Some(100));
        let changed = (0..2_000).map(|n| if n % 10 < 2 { n + 500_000 } else { n });
        let share = documents.nearest(&sketch(changed)).unwrap();
        assert!((70..=90).contains(&share), "{share}");
    }

    #[test]
    fn an_excerpt_and_a_quotation_are_near() {
        let documents = documents();
        assert!(documents.nearest(&sketch(12_000..30_000)).is_some());
        assert!(documents.nearest(&sketch((0..2_000).chain(700_000..706_000))).is_some());
    }

    #[test]
    fn other_texts_are_not_near() {
        let documents = documents();
        for start in (20_000_000..30_000_000).step_by(100_000).map(|start| start + 50_000) {
            assert_eq!(documents.nearest(&sketch(start..start + 5_000)), None);
        }
        let common_form = (0..400).chain(600_000..602_000);
        assert_eq!(documents.nearest(&sketch(common_form)), None);
        assert_eq!(Documents::default().nearest(&sketch(0..2_000)), None);
    }

    #[test]
    fn what_is_lost_in_a_far_longer_text_is_not_claimed() {
        assert_eq!(documents().nearest(&sketch((0..2_000).chain(700_000..790_000))), None);
    }

    #[test]
    fn a_short_text_says_nothing() {
        assert_eq!(documents().nearest(&sketch(0..30)), None);
    }
}

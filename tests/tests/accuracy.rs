//! Inspection is as right as it is said to be, over files that real programs make on the spot.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Write as _;

use fileward_inspect::{Examiner, Hint, Limits};
use fileward_tests::accuracy::{Accuracy, measure, policy, rules};
use fileward_tests::corpus::{Corpus, Which};
use fileward_tests::damage::Damager;

/// What a detector's F1 must reach.
const F1: f64 = 0.97;
/// What kinds and encryption must reach.
const RIGHT: f64 = 0.99;

#[test]
fn kinds_encryption_and_detectors_reach_their_floors() {
    let Some(corpus) = Corpus::get(Which::Quick) else {
        return;
    };
    for (program, why) in &corpus.missing {
        eprintln!("SKIPPED: no files by {program}, which is not installed ({why})");
    }
    let accuracy = measure(&corpus);
    assert_eq!(accuracy.failed, Vec::<String>::new(), "every file gives facts");
    assert!(accuracy.kinds.share() >= RIGHT, "kinds:\n{}", accuracy.kinds);
    assert!(
        accuracy.encryption.share() >= RIGHT,
        "encryption:\n{}",
        accuracy.encryption
    );
    assert!(accuracy.methods.share() >= RIGHT, "methods:\n{}", accuracy.methods);
    assert_eq!(low_detectors(&accuracy), BTreeMap::new());
    assert_eq!(lost_text(&accuracy), BTreeMap::new());
}

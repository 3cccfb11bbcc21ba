//! Inspection is as right as it is said to be, over files that real programs make on the spot.

use std::io::Write as _;

use fileward_inspect::{Examiner, Hint, Limits};
use fileward_policy::Policy;
use fileward_tests::accuracy::{Accuracy, judged, measure, policy, rules};
use fileward_tests::corpus::{Corpus, Which};
use fileward_tests::damage::Damager;

/// What kinds and encryption must reach.
const RIGHT: f64 = 0.99;
/// What a detector's F1 must reach.
const F1: f64 = 0.97;
/// What must be found of the text of each kind.
const TEXT: f64 = 0.97;
/// What precision and recall of the whole verdict must reach, by group of documents, and how many employees may be asked about at most.
const VERDICTS: [(&str, f64, f64, f64); 2] = [("verdict", 0.97, 0.92, 0.30), ("held-out", 0.90, 0.70, 0.45)];
/// Variants of damaged files.
const VARIANTS: u64 = 1000;

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
    detectors_reach(&accuracy);
    text_is_found(&accuracy);
}

fn detectors_reach(accuracy: &Accuracy) {
    assert_eq!(accuracy.unknown_detectors.len(), 0, "{:?}", accuracy.unknown_detectors);
    assert!(!accuracy.detectors.is_empty());
    for (name, tally) in &accuracy.detectors {
        assert!(tally.planted() > 0, "{name} is planted");
        let (misses, false_alarms) = tally.examples();
        assert!(
            tally.f1() >= F1,
            "{name}: F1 {:.4}\nmissed: {misses:#?}\nfalse: {false_alarms:#?}",
            tally.f1()
        );
    }
}

fn text_is_found(accuracy: &Accuracy) {
    assert!(!accuracy.text.is_empty());
    for (kind, text) in &accuracy.text {
        assert!(text.tally.recall() >= TEXT, "{kind}: lost {:#?}", text.lost);
    }
}

#[test]
fn work_documents_count_and_private_ones_do_not() {
    let Some(corpus) = Corpus::get(Which::Quick) else {
        return;
    };
    let example = Policy::parse(include_str!("../../policy/example.toml")).unwrap();
    for (group, precision, recall, asked) in VERDICTS {
        let verdicts = judged(&corpus, group, &example.effective(None));
        assert!(
            verdicts.work.all() > 0 && verdicts.private.all() > 0,
            "{group} is there"
        );
        assert!(
            verdicts.precision() >= precision && verdicts.recall() >= recall && verdicts.asked() <= asked,
            "{group}: precision {:.3}, recall {:.3}, asked {:.3}\n{:#?}",
            verdicts.precision(),
            verdicts.recall(),
            verdicts.asked(),
            verdicts.by_reason
        );
    }
}

#[test]
fn damaged_files_of_every_kind_give_facts_or_a_named_error() {
    let Some(corpus) = Corpus::get(Which::Quick) else {
        return;
    };
    let examiner = Examiner::new(rules(&policy(std::iter::empty())));
    for number in 0..VARIANTS {
        // A step without a common divisor visits all files alike.
        let place = usize::try_from(number * 7919).unwrap() % corpus.entries.len();
        let entry = &corpus.entries[place];
        let mut bytes = std::fs::read(corpus.path(entry)).unwrap();
        Damager::new(number).damage(&mut bytes);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let hint = Hint {
            extension: entry.extension(),
        };
        // A panic fails the test; every error has a name by its type.
        if let Ok(facts) = examiner.inspect(&file, &hint, &Limits::default()) {
            assert_eq!(facts.size, bytes.len() as u64, "variant {number} of {}", entry.file);
        }
    }
}

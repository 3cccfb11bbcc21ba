//! How often inspection is right, beside its peers over the same files.

use fileward_policy::Policy;
use fileward_tests::accuracy::{Accuracy, Confusion, Tally, Text, Verdicts, judged, measure};
use fileward_tests::corpus::{Corpus, Which};

use crate::peers::Peers;

pub(crate) fn run(quick: bool) {
    let Some(corpus) = Corpus::get(if quick { Which::Quick } else { Which::Full }) else {
        return;
    };
    println!(
        "accuracy: {} files in {}",
        corpus.entries.len(),
        corpus.folder().display()
    );
    println!("  the examiner runs in this process; the truth comes from the programs and scripts that made the files");
    for (program, why) in &corpus.missing {
        println!("  not in the corpus: {program} is not installed ({why})");
    }
    let accuracy = measure(&corpus);
    let peers = Peers::ask(&corpus);
    kinds(&accuracy, &peers);
    encryption(&accuracy, &peers);
    detectors(&accuracy, &peers);
    text(&accuracy, &peers);
    verdicts(&corpus);
    for failed in &accuracy.failed {
        println!("  no facts: {failed}");
    }
    println!(
        "slowest file: {:.2} s, {}",
        accuracy.slowest.0.as_secs_f64(),
        accuracy.slowest.1
    );
}

fn kinds(accuracy: &Accuracy, peers: &Peers) {
    println!("kinds: {} files", accuracy.kinds.total());
    println!("  {:<12} {:>8}   {:>14}", "", "right", "mean of kinds");
    let line = |name: &str, confusion: &Confusion| {
        println!(
            "  {name:<12} {:>8}   {:>14}",
            percent(confusion.share()),
            percent(confusion.mean_share())
        );
    };
    line("Fileward", &accuracy.kinds);
    print!("{}", accuracy.kinds);
    for (peer, confusion) in &peers.kinds {
        line(peer, confusion);
        println!(
            "    of the {} files of the groups that it was asked about",
            confusion.total()
        );
    }
}

fn encryption(accuracy: &Accuracy, peers: &Peers) {
    println!("encryption: {} files", accuracy.encryption.total());
    println!(
        "  {:<12} {:>8}   method {:>8}",
        "Fileward",
        percent(accuracy.encryption.share()),
        percent(accuracy.methods.share())
    );
    print!("{}{}", accuracy.encryption, accuracy.methods);
    for (peer, confusion) in &peers.encryption {
        println!(
            "  {peer:<12} {:>8}   encrypted or not, by the words of its description",
            percent(confusion.share())
        );
    }
}

fn detectors(accuracy: &Accuracy, peers: &Peers) {
    println!("detectors, counts of each file against what was planted: precision, recall, F1");
    for (name, tally) in &accuracy.detectors {
        println!(
            "  {name:<16} {:>6} planted   Fileward {}   {}",
            tally.planted(),
            scores(tally),
            peers.detectors_said(name)
        );
        let (misses, false_alarms) = tally.examples();
        for file in misses {
            println!("    missed: {file}");
        }
        for file in false_alarms {
            println!("    false:  {file}");
        }
    }
    for (name, planted) in &accuracy.unknown_detectors {
        println!("  {name:<16} {planted:>6} planted   this build has no such detector");
    }
}

/// Precision, recall and F1.
pub(crate) fn scores(tally: &Tally) -> String {
    [tally.precision(), tally.recall(), tally.f1()].map(percent).join("")
}

fn text(accuracy: &Accuracy, peers: &Peers) {
    println!("text: words found of those in the files, by kind");
    for (kind, Text { tally, lost }) in &accuracy.text {
        let others = peers.text.iter().filter_map(|(peer, kinds)| {
            let tally: &Tally = kinds.get(kind)?;
            Some(format!("   {peer} {}", percent(tally.recall())))
        });
        let others: String = others.collect();
        println!(
            "  {kind:<6} {:>6} words   Fileward {} (found besides: {}){others}",
            tally.planted(),
            percent(tally.recall()),
            percent(1.0 - tally.precision())
        );
        for (part, (count, file)) in lost {
            println!("    lost of the {part}: {count}, first in {file}");
        }
    }
}

fn verdicts(corpus: &Corpus) {
    for (name, text) in [
        ("policy/example.toml", include_str!("../../../../policy/example.toml")),
        ("policy/default.toml", fileward_policy::DEFAULT),
    ] {
        let policy = Policy::parse(text)
            .expect("the published policies are valid")
            .effective(None);
        println!("the whole verdict by {name}, were all of it received by a personal chat app:");
        for (group, about) in [
            ("verdict", "documents that thresholds and titles were chosen with"),
            ("held-out", "other kinds of documents"),
        ] {
            println!("  group {group}, {about}");
            summary(&judged(corpus, group, &policy));
        }
    }
}

fn summary(verdicts: &Verdicts) {
    println!(
        "  {} work and {} private documents: precision {}, recall {}, asked {}",
        verdicts.work.all(),
        verdicts.private.all(),
        percent(verdicts.precision()),
        percent(verdicts.recall()),
        percent(verdicts.asked())
    );
    for ((work, reason), outcome) in &verdicts.by_reason {
        println!(
            "    {work:<8} {reason:<22} counted {:>3}   asked {:>3}   left alone {:>3}",
            outcome.counted, outcome.asked, outcome.left
        );
    }
}

/// A share as percent, of constant width.
pub(crate) fn percent(share: f64) -> String {
    format!("{:>7.2} %", share * 100.0)
}

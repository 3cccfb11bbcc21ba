//! The first sweep of a full home with everything looked for, and the next one with nothing changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use fileward_policy::facts::DETECTORS;
use fileward_tests::corpus::{Corpus, Entry, Which};
use fileward_tests::process::{command, have, output, within};
use fileward_tests::{Pc, Policy};

use crate::accuracy::percent;
use crate::figures::{children, processor, resident};
use crate::scanners;

pub(crate) fn run(files: usize) {
    let Some(corpus) = Corpus::get(Which::Sweep(files)) else {
        return;
    };
    let bytes: u64 = corpus.entries.iter().map(|entry| entry.size).sum();
    println!("sweep: {files} files, {:.2} GB, all detectors", bytes as f64 / 1e9);
    let home = corpus.folder().join("home");
    warm(&home);
    for (workers, cores) in [("two workers", None), ("one worker, one core", Some("0"))] {
        let mut pc = Pc::below(&corpus.folder().with_file_name("homes"));
        // The agent gets files of its own names, and no copy of five gigabytes.
        output(
            Command::new("cp")
                .arg("-al")
                .arg(&home)
                .arg(pc.folder("下载").join("库")),
        );
        let found = fileward(&mut pc, &format!("Fileward, {workers}"), cores, bytes);
        recall(&corpus, &found);
        fileward(&mut pc, "Fileward, nothing changed", cores, bytes);
    }
    scanners::beside(&corpus, &home, bytes);
}

/// Reads everything once, so that no run pays for the disk and the next does not.
fn warm(home: &Path) {
    let start = Instant::now();
    output(
        Command::new("sh")
            .args(["-c", "find \"$0\" -type f -print0 | xargs -0 cat | wc -c"])
            .arg(home),
    );
    println!(
        "  read once by find and cat: {:.1} s; caches are warm from here on",
        start.elapsed().as_secs_f64()
    );
}

/// Everything is looked for, and only what is found becomes a finding.
fn policy() -> Policy {
    let all: Vec<_> = DETECTORS.iter().map(|name| format!("{name} = 1")).collect();
    Policy::quick()
        .with("downloads = \"ask\"", "downloads = \"ignore\"")
        // Titles are no evidence, and a single number is.
        .without("\ntitles = [", "\n[work_file.when_unsure]")
        .with(
            "detectors = { cn_resident_id = 1, cn_mobile = 5, bank_card = 1, cn_uscc = 5, email = 20 }",
            &format!("detectors = {{ {} }}", all.join(", ")),
        )
}

/// A sweep from the agent's start to its end; what it found, by file name.
fn fileward(pc: &mut Pc, name: &str, cores: Option<&str>, bytes: u64) -> Vec<serde_json::Value> {
    let agent = command::<&str>("fileward-agent", &[]);
    let mut start_command = match cores {
        Some(cores) if have(&["taskset"]) => {
            let mut taskset = Command::new("taskset");
            taskset.args(["--cpu-list", cores]).arg(agent.get_program());
            taskset
        }
        _ => agent,
    };
    let start = Instant::now();
    pc.start_alone_with(&mut start_command, &policy());
    let agent = pc.agent().pid();
    within(Duration::from_hours(1), "the sweep's end", || {
        (pc.json(&["status"])["swept"] == true).then_some(())
    });
    let took = start.elapsed();
    let workers: u64 = children(agent).into_iter().map(processor).sum();
    let more = format!("service {} MB", resident(agent) / 1000);
    line(name, took, processor(agent) + workers, bytes, &more);
    let found = pc.transitions();
    pc.stop();
    found
}

/// One line of the table.
pub(crate) fn line(name: &str, took: Duration, processor: u64, bytes: u64, more: &str) {
    println!(
        "  {name:<28} {:>7.2} s   {:>6.1} CPU s   {:>7.0} MB/s   {more}",
        took.as_secs_f64(),
        processor as f64 / 1e3,
        bytes as f64 / 1e6 / took.as_secs_f64()
    );
}

/// What was found of what is planted.
fn recall(corpus: &Corpus, transitions: &[serde_json::Value]) {
    let found: BTreeMap<&str, &serde_json::Value> = transitions
        .iter()
        .filter_map(|transition| Some((transition["file"]["name"].as_str()?, &transition["file"]["detections"])))
        .collect();
    let names = found.keys().copied().collect();
    print_recall("files found", corpus, &names);
    let mut by_detector: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for entry in &corpus.entries {
        for (detector, planted) in &entry.planted {
            let word = if detector == "keyword" {
                "keyword:core_secret"
            } else {
                detector
            };
            let count = found.get(name(entry)).and_then(|hits| {
                let hits = hits.as_array()?.iter().find(|hit| hit["detector"] == word)?;
                u32::try_from(hits["count"].as_u64()?).ok()
            });
            let sum = by_detector.entry(detector).or_default();
            sum.0 += count.unwrap_or(0).min(*planted);
            sum.1 += planted;
        }
    }
    for (detector, (found, planted)) in by_detector {
        println!(
            "      {detector:<16} {found} of {planted}, {}",
            percent(f64::from(found) / f64::from(planted))
        );
    }
}

/// Says how many of the files with something planted, and how many others, a program named.
pub(crate) fn print_recall(what: &str, corpus: &Corpus, found: &BTreeSet<&str>) {
    let planted: BTreeSet<&str> = with_plants(corpus).map(name).collect();
    let hits = planted.intersection(found).count();
    let kinds = with_plants(corpus).fold(BTreeMap::<&str, (u32, u32)>::new(), |mut kinds, entry| {
        let kind = kinds.entry(entry.kind.first()).or_default();
        kind.0 += u32::from(found.contains(name(entry)));
        kind.1 += 1;
        kinds
    });
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(kind, (found, all))| format!("{kind} {found}/{all}"))
        .collect();
    println!(
        "    {what}: {hits} of {} with something planted, {}; {} others   ({})",
        planted.len(),
        percent(hits as f64 / planted.len().max(1) as f64),
        found.len() - hits,
        kinds.join(", ")
    );
}

fn with_plants(corpus: &Corpus) -> impl Iterator<Item = &Entry> {
    corpus.entries.iter().filter(|entry| !entry.planted.is_empty())
}

/// The name of a file, which no other has.
pub(crate) fn name(entry: &Entry) -> &str {
    entry.file.rsplit('/').next().unwrap_or_default()
}

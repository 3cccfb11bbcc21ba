//! How often the kind of real text is known without its name, beside the peers: files of any folder whose extensions tell the
//! truth.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use fileward_inspect::Examiner;
use fileward_tests::accuracy::{Confusion, examine, policy, rules};
use fileward_tests::corpus::Corpus;
use serde_json::json;

use crate::accuracy::percent;
use crate::peers::Peers;

/// Files of one extension that are looked at: folders have a thousand of some.
const OF_ONE_EXTENSION: usize = 200;
/// The largest that is looked at.
const LARGEST: u64 = 1 << 20;

/// Extensions, the kinds of which each is right, and their family.
const TRUTH: &[(&str, &[&str], &str)] = &[
    ("asm s", &["asm"], "source"),
    ("bat cmd", &["bat"], "source"),
    ("c", &["c"], "source"),
    ("h", &["c", "cpp"], "source"),
    ("cpp cc cxx hpp hh", &["cpp"], "source"),
    ("cs", &["cs"], "source"),
    ("go", &["go"], "source"),
    ("java", &["java"], "source"),
    ("js jsx mjs cjs", &["js"], "source"),
    ("kt kts", &["kt"], "source"),
    ("lua", &["lua"], "source"),
    ("php", &["php"], "source"),
    ("ps1 psm1", &["ps1"], "source"),
    ("py pyi", &["py"], "source"),
    ("r", &["r"], "source"),
    ("rb", &["rb"], "source"),
    ("rs", &["rs"], "source"),
    ("scala", &["scala"], "source"),
    ("sh bash zsh", &["sh"], "source"),
    ("swift", &["swift"], "source"),
    ("ts tsx mts", &["ts"], "source"),
    ("vhd vhdl", &["vhdl"], "source"),
    ("vue", &["vue"], "source"),
    ("ipynb", &["ipynb"], "source"),
    ("csv", &["csv"], "spreadsheet"),
    ("tsv", &["tsv"], "spreadsheet"),
    ("sql", &["sql"], "database"),
    ("svg", &["svg"], "image"),
    ("css scss less", &["css"], "text"),
    ("html htm", &["html"], "text"),
    ("ics", &["ics"], "text"),
    ("ini properties", &["ini"], "text"),
    ("json", &["json"], "text"),
    ("log", &["log"], "text"),
    ("md", &["md"], "text"),
    ("pem", &["pem"], "text"),
    ("srt vtt", &["srt"], "text"),
    ("toml", &["toml"], "text"),
    ("txt", &["txt"], "text"),
    ("vcf", &["vcf"], "text"),
    ("xml", &["xml"], "text"),
    ("yaml yml", &["yaml"], "text"),
];

pub(crate) fn run(folder: &Path) {
    let copies = tempfile::tempdir().expect("a folder for copies without names");
    let families = copy(folder, copies.path());
    let corpus = Corpus::at(copies.path());
    println!(
        "text without names: {} files of {}",
        corpus.entries.len(),
        folder.display()
    );
    let examiner = Examiner::new(rules(&policy(std::iter::empty())));
    let (mut kinds, mut found_families) = (Confusion::default(), Confusion::default());
    for (entry, family) in corpus.entries.iter().zip(families) {
        if let Ok(facts) = examine(&examiner, &corpus, entry) {
            kinds.add(&entry.kind, facts.kind.as_str(), &entry.maker);
            found_families.add_word(family, facts.family.as_str(), &entry.maker);
        }
    }
    println!("  {:<12} {:>8}   {:>14}", "", "right", "mean of kinds");
    line("Fileward", &kinds);
    println!("  its family   {}", percent(found_families.share()));
    print!("{kinds}{found_families}");
    for (peer, confusion) in &Peers::ask(&corpus).kinds {
        line(peer, confusion);
    }
}

fn line(name: &str, confusion: &Confusion) {
    let (share, mean) = (percent(confusion.share()), percent(confusion.mean_share()));
    println!("  {name:<12} {share:>8}   {mean:>14}");
}

/// Copies files under numbers, with a manifest; the families of each in its order.
fn copy(folder: &Path, target: &Path) -> Vec<&'static str> {
    fs::create_dir(target.join("kinds")).expect("the folder is new");
    let mut manifest = File::create(target.join("manifest.ndjson")).expect("the folder is writable");
    let mut counts = vec![0; TRUTH.len()];
    let mut families = Vec::new();
    for path in files(folder) {
        let extension = path.extension().map(|own| own.to_string_lossy().to_lowercase());
        let is_own = |own: &str| extension.as_deref() == Some(own);
        let Some(row) = TRUTH
            .iter()
            .position(|(extensions, ..)| extensions.split(' ').any(is_own))
        else {
            continue;
        };
        counts[row] += 1;
        if counts[row] > OF_ONE_EXTENSION {
            continue;
        }
        let (_, kinds, family) = TRUTH[row];
        let name = format!("kinds/{:05}", families.len());
        if fs::copy(&path, target.join(&name)).is_ok() {
            let entry = json!({"file": name, "group": "kinds", "maker": path.to_string_lossy(), "kind": kinds});
            writeln!(manifest, "{entry}").expect("the folder is writable");
            families.push(family);
        }
    }
    families
}

/// The files of a folder that are neither empty nor large, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) if about.is_file() && (40..LARGEST).contains(&about.len()) => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

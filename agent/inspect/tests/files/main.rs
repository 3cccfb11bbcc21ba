//! The crate as its users see it: whole files in, facts out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the helpers of tests are tests too, but clippy knows only those that are marked"
)]

mod archives;
mod damage;
mod formats;
mod tools;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use fileward_inspect::{Examiner, Hint, InspectError, Limits, Rules};
use fileward_policy::Facts;

const RULES: Rules = Rules {
    content_key: [7; 32],
    grades: Vec::new(),
    company_names: Vec::new(),
    work_titles: Vec::new(),
    private_titles: Vec::new(),
    sketch_key: None,
};

/// The folder of the committed files.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/fixtures")
}

/// Every committed file but the description.
fn all_fixtures() -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .collect();
    paths.sort();
    paths
}

/// Inspects a file, with its extension as the hint.
fn facts_of(path: &Path) -> Facts {
    let extension = path.extension().map(|own| own.to_string_lossy().to_lowercase());
    Examiner::new(RULES)
        .inspect(&File::open(path).unwrap(), &Hint { extension }, &Limits::default())
        .unwrap()
}

/// Inspects bytes, without a hint.
fn inspect_bytes(bytes: &[u8], limits: &Limits) -> Result<Facts, InspectError> {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    Examiner::new(RULES).inspect(&file, &Hint::default(), limits)
}

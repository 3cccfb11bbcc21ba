//! Corpora with known truth, made by the scripts in `tests/corpus` once and kept in a cache outside the clone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::process::{have, output};
use crate::python;

static MAKING: Mutex<()> = Mutex::new(());

/// Characters of the name that is made from the scripts.
const KEY: usize = 16;

/// Which corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Some hundred files by programs that the tests need anyhow.
    Quick,
    /// All files by all programs.
    Full,
    /// Files that want to exhaust whoever reads them.
    Hostile,
    /// A full home of so many files.
    Sweep(usize),
}

/// What is true of one file.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Its path within the corpus.
    pub file: String,
    /// Which part of the corpus it belongs to.
    #[serde(default)]
    pub group: String,
    /// The program that made it.
    #[serde(default)]
    pub maker: String,
    /// Its kind, or any of several that are right.
    #[serde(default)]
    pub kind: Words,
    /// The state of its encryption, or any of several that are right.
    #[serde(default)]
    pub encryption: Words,
    /// How it is encrypted.
    pub method: Option<String>,
    /// How many numbers of each detector were planted.
    pub detections: Option<BTreeMap<String, u32>>,
    /// How often the word of each part of the document stands there.
    pub marks: Option<BTreeMap<String, u32>>,
    /// `work` or `private`.
    pub work: Option<String>,
    /// What makes it so.
    #[serde(default)]
    pub reason: String,
    /// What was planted in a file of a full home.
    #[serde(default)]
    pub planted: BTreeMap<String, u32>,
    /// Its size, where the manifest has it.
    #[serde(default)]
    pub size: u64,
}

impl Entry {
    /// The extension of its name, as the agent hands it to inspection.
    pub fn extension(&self) -> Option<String> {
        let name = Path::new(&self.file).extension()?;
        Some(name.to_string_lossy().to_lowercase())
    }
}

/// A word, or several that are equally right; none says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Words(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Words {
    fn from(words: OneOrMany) -> Self {
        match words {
            OneOrMany::One(word) => Self(vec![word]),
            OneOrMany::Many(words) => Self(words),
        }
    }
}

impl Words {
    /// Whether the truth is known.
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether `word` is right.
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|known| known == word)
    }

    /// The word that stands for them in a table.
    pub fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

/// A corpus that has been made.
#[derive(Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// Its files.
    pub entries: Vec<Entry>,
    /// What could not be made, by program.
    pub missing: Vec<(String, String)>,
}

impl Corpus {
    /// Makes a corpus, or finds the one made before. `None`, with a printed reason, where Python is missing.
    ///
    /// # Panics
    /// When the scripts fail.
    pub fn get(which: Which) -> Option<Self> {
        if !have(&["python3"]) {
            return None;
        }
        let (name, size) = match which {
            Which::Quick => ("quick", None),
            Which::Full => ("full", None),
            Which::Hostile => ("hostile", None),
            Which::Sweep(files) => ("sweep", Some(files.to_string())),
        };
        let tag = size.as_ref().map(|size| format!("-{size}")).unwrap_or_default();
        let (group, key) = (format!("{name}{tag}-"), key(&scripts()));
        let folder = python::cache().join(format!("corpora/{group}{key}"));
        // One test makes it, and the others of its program wait.
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        if !folder.join("manifest.ndjson").exists() {
            let python = match which {
                Which::Full => environment()?,
                _ => "python3".into(),
            };
            make(&python, name, size, &folder);
            forget_others(&folder, &group);
        }
        Some(Self::at(&folder))
    }

    /// The one that lies in a folder, with its manifest.
    pub fn at(folder: &Path) -> Self {
        Self {
            entries: lines(&folder.join("manifest.ndjson")),
            missing: lines::<Missing>(&folder.join("missing.ndjson"))
                .into_iter()
                .map(|missing| (missing.program, missing.why))
                .collect(),
            folder: folder.to_owned(),
        }
    }

    /// Where its files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where one of its files lies.
    pub fn path(&self, entry: &Entry) -> PathBuf {
        self.folder.join(&entry.file)
    }
}

#[derive(Deserialize)]
struct Missing {
    program: String,
    why: String,
}

fn make(python: &Path, name: &str, size: Option<String>, folder: &Path) {
    // Several programs may make it at once, each in a folder of its own.
    let scratch = folder.with_extension(format!("part-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("the cache is writable");
    let mut command = Command::new(python);
    command.arg("-B").arg(scripts().join("make.py")).arg(name).arg(&scratch);
    output(command.args(size));
    if std::fs::rename(&scratch, folder).is_err() {
        // Another test was quicker.
        let _ = std::fs::remove_dir_all(&scratch);
    }
}

/// Deletes what other scripts made of the same group.
fn forget_others(folder: &Path, group: &str) {
    let is_key = |rest: &str| rest.len() == KEY && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let siblings = folder.parent().into_iter().flat_map(std::fs::read_dir).flatten();
    for sibling in siblings.flatten().map(|sibling| sibling.path()) {
        let name = sibling.file_name().and_then(|name| name.to_str());
        if sibling != folder && name.and_then(|name| name.strip_prefix(group)).is_some_and(is_key) {
            // Another program may be reading it, or deleting it, too.
            let _ = std::fs::remove_dir_all(&sibling);
        }
    }
}

/// The scripts.
pub fn scripts() -> PathBuf {
    python::scripts("corpus")
}

/// A name for what these scripts make.
fn key(folder: &Path) -> String {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the scripts are there")
        .map(|entry| entry.expect("the scripts are there").path())
        .filter(|path| path.is_file() && !path.ends_with("peers.py"))
        .collect();
    names.sort();
    let mut hash = blake3::Hasher::new();
    for name in names {
        hash.update(name.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(&std::fs::read(name).expect("the scripts are readable"));
    }
    hash.finalize().to_hex()[..KEY].to_owned()
}

/// A Python with the packages that `requirements.txt` names. `None`, with a printed reason, where they cannot be had.
pub fn environment() -> Option<PathBuf> {
    python::environment("corpus")
}

/// Reads a file of one JSON object a line.
pub fn lines<T: DeserializeOwned>(file: &Path) -> Vec<T> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("the scripts write JSON"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_that_is_made_takes_the_place_of_older_ones_of_its_group() {
        let corpora = tempfile::tempdir().unwrap();
        let key = |digit: &str| digit.repeat(KEY);
        let names = [
            format!("sweep-10-{}", key("a")),
            format!("sweep-10-{}", key("b")),
            format!("sweep-100-{}", key("b")),
            format!("quick-{}", key("b")),
            format!("sweep-10-{}.part-7", key("a")),
        ];
        for name in &names {
            std::fs::create_dir_all(corpora.path().join(name).join("kinds")).unwrap();
        }
        forget_others(&corpora.path().join(&names[0]), "sweep-10-");
        let left = names.each_ref().map(|name| corpora.path().join(name).exists());
        assert_eq!(left, [true, false, true, true, true]);
    }
}

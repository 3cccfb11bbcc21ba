//! Bases of the catalogue that an app's own settings name: in its files, in the registry, or as a sync root.
//!
//! Users may write anything into them, so what they name is only where to look; whether it is the user's is for
//! [`Territory`] to say.

mod forms;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::User;
use crate::folders::Known;
use crate::names;
use crate::pattern::{Base, Name, Pattern, candidates};
use crate::registry::{Keys, Registry, SYNC_ROOTS};
use crate::territory::{Territory, read_of};
use forms::{Form, Said};

/// More than any of these settings ever holds.
const MOST_BYTES: u64 = 64 * 1024;

/// A base that has a name in the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedBase {
    /// Where it is unless it was moved.
    #[serde(default)]
    pub(crate) folders: Vec<Pattern>,
    /// A name that some settings write after the base and others do not; it is taken off.
    tail: Option<String>,
    /// The settings that say where it is.
    #[serde(default)]
    told_by: Vec<Source>,
}

/// A setting.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    File(InFile),
    Key(InKey),
    SyncRoot(SyncRoot),
}

/// A file of an app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    /// The folder it is in.
    folder: Pattern,
    /// Its name.
    file: Name,
    #[serde(default)]
    form: Form,
}

/// A value in the user's registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InKey {
    key: String,
    value: String,
    #[serde(default)]
    form: Form,
}

/// A sync root.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncRoot {
    /// What its name looks like.
    sync_root: String,
    /// And what it does not look like.
    #[serde(default)]
    except: Vec<String>,
}

/// What the settings of one user are read from.
pub(crate) struct Settings<'a> {
    pub(crate) user: &'a User,
    pub(crate) known: &'a Known,
    pub(crate) territory: &'a Territory,
    pub(crate) registry: &'a Registry,
}

/// What was found out about a base.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Where it is said to be.
    pub(crate) folders: Vec<PathBuf>,
    /// The folders whose children decided about it.
    pub(crate) visited: Vec<PathBuf>,
}

impl NamedBase {
    /// The keys of a user's registry that are read for it.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.told_by.iter().filter_map(|source| match source {
            Source::Key(key) => Some(key.key.as_str()),
            Source::File(_) | Source::SyncRoot(_) => None,
        })
    }

    /// Where the settings of one user say that it is.
    pub(crate) fn told(&self, settings: &Settings) -> Told {
        let mut told = Told::default();
        let mut said = Vec::new();
        for source in &self.told_by {
            match source {
                Source::File(file) => file.read(settings, &mut said, &mut told.visited),
                Source::Key(key) => said.extend(settings.keys().and_then(|keys| key.read(keys))),
                Source::SyncRoot(root) => said.extend(root.read(settings)),
            }
        }
        let documents = settings.known.documents.first();
        for said in said {
            let folder = match said {
                Said::At(path) => Some(PathBuf::from(path)),
                Said::InDocuments(below) => documents.map(|documents| documents.join(below)),
            };
            // Also takes away what a user wrote to climb out: `C:\a\..\b`.
            let plain = folder.filter(|folder| folder.is_absolute() && !folder.iter().any(|name| name == ".."));
            told.folders.extend(plain.map(|folder| self.without_tail(&folder)));
        }
        told
    }

    fn without_tail(&self, folder: &Path) -> PathBuf {
        // Collected, so that `C:\a\` and `C:\a` are one.
        let folder: PathBuf = folder.components().collect();
        match (&self.tail, folder.file_name(), folder.parent()) {
            (Some(tail), Some(name), Some(parent)) if names::same(name, tail.as_ref()) => parent.into(),
            _ => folder,
        }
    }
}

impl Settings<'_> {
    fn keys(&self) -> Option<&Keys> {
        self.registry.users.get(&self.user.id)
    }
}

impl InFile {
    fn read(&self, settings: &Settings, said: &mut Vec<Said>, visited: &mut Vec<PathBuf>) {
        // What lies in the public folder belongs to whoever came first, and holds for everybody.
        let owner = (self.folder.base != Base::Public).then_some(settings.user.id);
        for base in settings.known.bases(&self.folder.base) {
            let folders = if owner.is_some() {
                let Some(start) = settings.territory.nearest_folder(base) else {
                    continue;
                };
                let expansion = self.folder.expand(&start, settings.territory, &[]);
                visited.extend(expansion.visited);
                expansion
                    .matches
                    .into_iter()
                    .filter(|found| found.inside)
                    .map(|found| found.path)
                    .collect()
            } else {
                self.folder.exact(base).into_iter().collect::<Vec<_>>()
            };
            for folder in folders {
                for (file, _) in candidates(&folder, &self.file, std::fs::FileType::is_file) {
                    let setting = read_of(owner, &file, MOST_BYTES);
                    said.extend(setting.and_then(|setting| self.form.read(&setting)));
                }
                visited.extend(owner.map(|_| folder));
            }
        }
    }
}

impl InKey {
    fn read(&self, keys: &Keys) -> Option<Said> {
        self.form.read(keys.value(&self.key, &self.value)?.as_bytes())
    }
}

impl SyncRoot {
    /// The value's name is the user's SID, its data the folder.
    fn read(&self, settings: &Settings) -> Vec<Said> {
        let user = settings.user.id.to_string();
        let is_meant = |id: &str| matches(&self.sync_root, id) && !self.except.iter().any(|other| matches(other, id));
        settings
            .registry
            .machine
            .below(SYNC_ROOTS)
            .filter_map(|(key, values)| Some((key.strip_suffix(r"\UserSyncRoots")?, values)))
            .filter(|(id, _)| is_meant(id))
            .flat_map(|(_, values)| values)
            .filter(|value| value.name.eq_ignore_ascii_case(&user))
            .map(|value| Said::At(value.data.clone()))
            .collect()
    }
}

/// Whether `text` looks like `glob`, in which each `*` stands for anything. Case does not count.
fn matches(glob: &str, text: &str) -> bool {
    let Some((before, rest)) = glob.split_once('*') else {
        return glob.eq_ignore_ascii_case(text);
    };
    let Some((start, mut after)) = text.split_at_checked(before.len()) else {
        return false;
    };
    if !start.eq_ignore_ascii_case(before) {
        return false;
    }
    loop {
        if matches(rest, after) {
            return true;
        }
        let mut chars = after.chars();
        if chars.next().is_none() {
            return false;
        }
        after = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_root_is_known_by_its_name() {
        let id = "OneDrive!S-1-5-21-1-2-3-1001!Business1|0123";
        assert!(matches("OneDrive!*!Business*", id));
        assert!(matches("onedrive!*", id));
        assert!(matches("*", id));
        for other in ["OneDrive!*!Personal*", "Dropbox!*", "OneDrive", "*!Business1", "云!*"] {
            assert!(!matches(other, id), "{other}");
        }
    }

    #[test]
    fn a_tail_is_taken_off_once() {
        let base = NamedBase {
            folders: Vec::new(),
            tail: Some("xwechat_files".into()),
            told_by: Vec::new(),
        };
        let without = |path: &str| base.without_tail(Path::new(path));
        assert_eq!(without("/data/xwechat_files"), Path::new("/data"));
        assert_eq!(without("/data/xwechat_files/"), Path::new("/data"));
        assert_eq!(without("/data/wechat"), Path::new("/data/wechat"));
        assert_eq!(without("/xwechat_files/xwechat_files"), Path::new("/xwechat_files"));
    }
}

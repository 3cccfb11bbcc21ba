//! The catalogue's patterns: a base, then names, some of them open.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::territory::{Step, Territory};

/// The most folders that one open name of a pattern may stand for. No PC has so many accounts; a hostile tree may.
const MOST_FOLDERS: usize = 128;

/// The folder that a pattern begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The user's home.
    Home,
    /// The user's documents folder.
    Documents,
    /// The user's configuration folder.
    Config,
}

/// One name of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Exact(String),
    Open {
        before: String,
        after: String,
        account: bool,
    },
}

/// A pattern of folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Where it begins.
    pub(crate) base: Base,
    names: Vec<Name>,
}

/// A folder that a pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// The folder, with every symlink resolved if it is inside the territory.
    pub(crate) path: PathBuf,
    /// What stood for the account.
    pub(crate) account: Option<String>,
    /// Whether it lies in what its user owns.
    pub(crate) inside: bool,
}

/// What a pattern stands for at one time.
#[derive(Debug, Default)]
pub(crate) struct Expansion {
    /// The folders.
    pub(crate) matches: Vec<Match>,
    /// The folders whose children decided about it.
    pub(crate) visited: Vec<PathBuf>,
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        let base = match parts.next() {
            Some("{home}") => Base::Home,
            Some("{documents}") => Base::Documents,
            Some("{config}") => Base::Config,
            _ => {
                return Err(format!(
                    "\"{text}\" must begin with {{home}}, {{documents}} or {{config}}"
                ));
            }
        };
        let names = parts
            .map(|part| Name::parse(part).ok_or_else(|| format!("\"{part}\" in \"{text}\" is not a name of a pattern")))
            .collect::<Result<Vec<_>, _>>()?;
        if names.is_empty() {
            return Err(format!("\"{text}\" names no folder below its base"));
        }
        if names.iter().filter(|name| name.is_account()).count() > 1 {
            return Err(format!("\"{text}\" has more than one account"));
        }
        Ok(Self { base, names })
    }
}

impl Name {
    fn parse(part: &str) -> Option<Self> {
        if let Some(account) = part.strip_prefix('{') {
            let account = account.strip_suffix('}')?.strip_prefix("account")?;
            return if account.is_empty() {
                Self::open("*", true)
            } else {
                Self::open(account.strip_prefix(':')?, true)
            };
        }
        if part.contains('*') {
            return Self::open(part, false);
        }
        let plain = !part.is_empty() && part != "." && part != ".." && !part.contains(['{', '}', '\\']);
        plain.then(|| Self::Exact(part.into()))
    }

    fn open(glob: &str, account: bool) -> Option<Self> {
        let (before, after) = glob.split_once('*')?;
        (!after.contains('*')).then(|| Self::Open {
            before: before.into(),
            after: after.into(),
            account,
        })
    }

    const fn is_account(&self) -> bool {
        matches!(self, Self::Open { account: true, .. })
    }

    /// What the open part of this name stands for in `name`; `None` if it does not match.
    fn open_part<'a>(&self, name: &'a OsStr) -> Option<&'a [u8]> {
        let name = name.as_encoded_bytes();
        match self {
            Self::Exact(exact) => (name == exact.as_bytes()).then_some(&[]),
            Self::Open { before, after, .. } => {
                let open = name.strip_prefix(before.as_bytes())?.strip_suffix(after.as_bytes())?;
                (!open.is_empty()).then_some(open)
            }
        }
    }
}

impl Pattern {
    /// Finds the folders that this pattern stands for below `base`, which must lie in `territory`.
    /// Folders called one of `not_accounts` are no accounts.
    pub(crate) fn expand(&self, base: &Path, territory: &Territory, not_accounts: &[String]) -> Expansion {
        let mut walk = Walk {
            territory,
            not_accounts,
            expansion: Expansion::default(),
        };
        walk.descend(base, &self.names, None);
        walk.expansion
    }
}

/// A walk along a pattern.
struct Walk<'a> {
    territory: &'a Territory,
    not_accounts: &'a [String],
    expansion: Expansion,
}

impl Walk<'_> {
    fn descend(&mut self, folder: &Path, names: &[Name], account: Option<&str>) {
        let Some((name, rest)) = names.split_first() else {
            self.found(folder, account, true);
            return;
        };
        self.expansion.visited.push(folder.into());
        for (child, open) in candidates(folder, name) {
            if name.is_account() && self.not_accounts.iter().any(|other| child.ends_with(other)) {
                continue;
            }
            let account = if name.is_account() {
                Some(open.as_str())
            } else {
                account
            };
            match self.territory.step(&child) {
                Step::Inside(real) => self.descend(&real, rest, account),
                // Nobody links an app's folder away by accident, so that is told; a folder of root's on the way is not.
                Step::Outside { link } if rest.is_empty() || (link && matches!(name, Name::Exact(_))) => {
                    self.found(&child, account, false);
                }
                Step::Outside { .. } | Step::Nothing => {}
            }
        }
    }

    fn found(&mut self, folder: &Path, account: Option<&str>, inside: bool) {
        self.expansion.matches.push(Match {
            path: folder.into(),
            account: account.map(Into::into),
            inside,
        });
    }
}

/// The children of `folder` that `name` may stand for, with what its open part stands for, in a fixed order.
fn candidates(folder: &Path, name: &Name) -> Vec<(PathBuf, String)> {
    if let Name::Exact(exact) = name {
        return vec![(folder.join(exact), String::new())];
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let child = entry.file_name();
            let open = String::from_utf8_lossy(name.open_part(&child)?).into_owned();
            let may_be_folder = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
            may_be_folder.then(|| (entry.path(), open))
        })
        .collect();
    found.sort_unstable();
    if found.len() > MOST_FOLDERS {
        tracing::warn!(
            found = found.len(),
            used = MOST_FOLDERS,
            "More folders than a chat app makes; the rest is not watched"
        );
        found.truncate(MOST_FOLDERS);
    }
    found
}

/// Whether `glob`, names with at most one `*` each and `/` between them, stands for exactly these names.
pub(crate) fn glob_matches<'a>(glob: &str, mut names: impl Iterator<Item = &'a OsStr>) -> bool {
    glob.split('/').all(|part| {
        names.next().is_some_and(|name| match part.split_once('*') {
            None => name == OsStr::new(part),
            Some((before, after)) => {
                let name = name.as_encoded_bytes();
                name.len() >= before.len() + after.len()
                    && name.starts_with(before.as_bytes())
                    && name.ends_with(after.as_bytes())
            }
        })
    })
}

#[cfg(test)]
impl Pattern {
    /// Whether a folder of this pattern is, or is above, `path`, which begins with its base as a pattern does.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let other: Self = path.parse().unwrap();
        self.base == other.base
            && self.names.len() <= other.names.len()
            && self.names.iter().zip(&other.names).all(|(name, other)| match other {
                Name::Exact(exact) => name.open_part(OsStr::new(exact)).is_some(),
                Name::Open { .. } => false,
            })
    }
}

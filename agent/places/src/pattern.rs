//! The catalogue's patterns: a base, then names, some of them open.

use std::ffi::OsStr;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

use crate::names;
use crate::territory::{Step, Territory};

/// The most folders that one open name of a pattern may stand for. No PC has so many accounts; a hostile tree may.
const MOST_FOLDERS: usize = 128;

/// The folder that a pattern begins at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The user's home.
    Home,
    /// The user's documents folder.
    Documents,
    /// The user's configuration folder.
    Config,
    /// What else the user's programs keep, on Windows.
    LocalAppData,
    /// The folder that all users share, on Windows.
    Public,
    /// Every drive of the PC, on Windows.
    Drives,
    /// A base that the catalogue gives a name to.
    Named(String),
}

/// One name of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Name {
    Exact(String),
    Open {
        before: String,
        after: String,
        account: bool,
    },
}

/// A pattern of folders.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
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
        let base = parts
            .next()
            .and_then(Base::parse)
            .ok_or_else(|| format!("\"{text}\" must begin with a base, such as {{home}}"))?;
        let names = parts
            .map(|part| Name::parse(part).ok_or_else(|| format!("\"{part}\" in \"{text}\" is not a name of a pattern")))
            .collect::<Result<Vec<_>, _>>()?;
        if names.iter().filter(|name| name.is_account()).count() > 1 {
            return Err(format!("\"{text}\" has more than one account"));
        }
        Ok(Self { base, names })
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("\"{text}\" is not a name"))
    }
}

impl Base {
    fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix('{')?.strip_suffix('}')?;
        Some(match name {
            "home" => Self::Home,
            "documents" => Self::Documents,
            "config" | "appdata" => Self::Config,
            "localappdata" => Self::LocalAppData,
            "public" => Self::Public,
            "drives" => Self::Drives,
            named => Self::Named(named.into()),
        })
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
            Self::Exact(exact) => names::same_bytes(name, exact.as_bytes()).then_some(&[]),
            Self::Open { before, after, .. } => names::between(name, before, after).filter(|open| !open.is_empty()),
        }
    }
}

impl Pattern {
    /// Whether it names no folder below its base.
    pub(crate) fn is_bare(&self) -> bool {
        self.names.is_empty()
    }

    /// The one folder that it stands for below `base`; `None` if it may stand for several.
    pub(crate) fn exact(&self, base: &Path) -> Option<PathBuf> {
        self.names
            .iter()
            .try_fold(base.to_path_buf(), |folder, name| match name {
                Name::Exact(name) => Some(folder.join(name)),
                Name::Open { .. } => None,
            })
    }

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
        for (child, open) in candidates(folder, name, |kind| kind.is_dir() || kind.is_symlink()) {
            let is_called = |other: &String| child.file_name().is_some_and(|name| names::same(name, other.as_ref()));
            if name.is_account() && self.not_accounts.iter().any(is_called) {
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

/// The children of `folder` that `name` may stand for, with what its open part stands for, in a fixed order; of an open
/// name only those of the right kind.
pub(crate) fn candidates(folder: &Path, name: &Name, is_right: impl Fn(&FileType) -> bool) -> Vec<(PathBuf, String)> {
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
            let is_right = entry.file_type().is_ok_and(|kind| is_right(&kind));
            is_right.then(|| (entry.path(), open))
        })
        .collect();
    found.sort_unstable();
    if found.len() > MOST_FOLDERS {
        tracing::warn!(
            found = found.len(),
            used = MOST_FOLDERS,
            "More than a chat app makes; the rest is left out"
        );
        found.truncate(MOST_FOLDERS);
    }
    found
}

/// Whether `glob`, names with at most one `*` each and `/` between them, stands for exactly these names.
pub(crate) fn glob_matches<'a>(glob: &str, mut names: impl Iterator<Item = &'a OsStr>) -> bool {
    glob.split('/').all(|part| {
        names.next().is_some_and(|name| match part.split_once('*') {
            None => names::same(name, OsStr::new(part)),
            Some((before, after)) => names::between(name.as_encoded_bytes(), before, after).is_some(),
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

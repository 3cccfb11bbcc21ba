//! `check`: what a file is, where it is, what the policy says and why. It reports and changes nothing.

mod answer;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use fileward_inspect::Rules;
use fileward_places::{Place, Sessions, Survey, UserId};
use fileward_policy::subject::Answer;
use fileward_policy::verdict::{State, Why};
use fileward_policy::{Facts, Subject, Verdict, advice, judge};
use fileward_protocol::ids::{CompanyKey, KeyedHash};
use fileward_protocol::vocabulary::{Language, PlaceKind};
use serde_json::json;

use self::answer::Checked;
use super::folders::Folders;
use super::run::users;
use super::{output, policy};
use crate::device::{clock, identity};
use crate::ledger;
use crate::pipeline::{Force, hint, relative, subject};
use crate::watch::{Stat, open};
use fileward_worker::{Failure, Inspector, InspectorConfig};

#[derive(clap::Args)]
pub(super) struct Check {
    /// The files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Looks for places in this user folder alone; may be given more than once. Default: those of every user of this PC.
    #[arg(long, value_name = "DIR")]
    home: Vec<PathBuf>,
    /// Judges by this policy document.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Answers in JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// What all files are checked against.
struct Checker<'a> {
    force: Force,
    survey: Survey,
    key: CompanyKey,
    inspector: Inspector,
    rules: Arc<Rules>,
    folders: &'a Folders,
    language: Language,
}

/// Why a file cannot be checked.
struct Problem {
    code: &'static str,
    message: String,
}

impl Check {
    pub(super) fn run(&self, folders: &Folders) -> Result<ExitCode> {
        let force = match &self.policy {
            Some(file) => policy::of_file(file)?,
            None => in_force(folders)?,
        };
        let users = users(&self.home).context("Failed to list the users of this PC")?;
        let key = key(folders);
        let rules = force.rules(&key);
        let checker = Checker {
            survey: fileward_places::survey(&users, &force.policy, &Sessions::new()),
            inspector: Inspector::new(InspectorConfig::usual()),
            rules: Arc::new(rules),
            language: output::language(),
            force,
            key,
            folders,
        };
        let mut code = ExitCode::SUCCESS;
        for path in &self.paths {
            let result = checker.check(path);
            // In JSON the problem is part of the answer.
            if result.is_err() && !self.json {
                code = ExitCode::FAILURE;
            }
            checker.answer(path, &result, self.json)?;
        }
        Ok(code)
    }
}

/// The running service's policy, else that of the state folder, else, for who may not read it, the built-in one.
fn in_force(folders: &Folders) -> Result<Force> {
    let kept = policy::in_force(folders);
    match policy::asked(folders) {
        Ok(Some(policy)) => Ok(Force {
            policy,
            ..kept.or_else(|_| policy::built_in())?
        }),
        _ => kept,
    }
}

/// The key of keyed hashes; any will do where it may not be read, because then there is nothing to compare with.
fn key(folders: &Folders) -> CompanyKey {
    let data = folders.data().ok().filter(|data| data.join(ledger::DATABASE).exists());
    let identity = data.and_then(|data| identity::Identity::load(data).ok());
    identity.map_or(CompanyKey::new([0; 32]), |identity| identity.company_key().clone())
}

impl Checker<'_> {
    fn check(&self, path: &Path) -> Result<Checked, Problem> {
        let unreadable = |error: std::io::Error| Problem {
            code: if error.kind() == std::io::ErrorKind::NotFound {
                "not_found"
            } else {
                "unreadable"
            },
            message: error.to_string(),
        };
        let path = fs::canonicalize(path).map_err(unreadable)?;
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(Problem {
                code: "not_a_file",
                message: "it is not a regular file".into(),
            });
        }
        let path = fileward_places::plain(&path);
        let (place, path) = match self.survey.locate(&path) {
            Some((place, path)) => (Some(Arc::clone(place)), path),
            None => (None, path),
        };
        let (file, stat) = open_carefully(place.as_deref(), &path).map_err(unreadable)?;
        let inspected = self
            .inspector
            .inspect(file, &hint(&path), &self.rules)
            .map_err(|failure| match failure {
                Failure::Inspect(error) => Problem {
                    code: match error {
                        fileward_inspect::InspectError::Unreadable(_) => "unreadable",
                        fileward_inspect::InspectError::Timeout(_) => "timeout",
                    },
                    message: error.to_string(),
                },
                Failure::Killed { why } => Problem {
                    code: "malformed",
                    message: why,
                },
                Failure::Unavailable { why } => Problem {
                    code: "no_worker",
                    message: why,
                },
            })?;
        let facts = self.force.facts(inspected);
        let verdict = self.judge(place.as_deref(), &path, &stat, &facts);
        let advice = match &place {
            Some(place) => advice(&verdict, &self.force.policy, &self.stores(place), self.language),
            None => Vec::new(),
        };
        Ok(Checked {
            facts,
            place,
            verdict,
            advice,
        })
    }

    /// The stores that the owner of a place has.
    fn stores(&self, place: &Place) -> Vec<String> {
        let owner = |place: &Place| place.owner.as_ref().map(|user| user.id);
        let is_theirs = |store: &&Arc<Place>| {
            store.kind == PlaceKind::Store && (store.owner.is_none() || owner(store) == owner(place))
        };
        let stores = self.survey.places.iter().filter(is_theirs);
        stores.map(|store| store.root.display().to_string()).collect()
    }

    fn judge(&self, place: Option<&Place>, path: &Path, stat: &Stat, facts: &Facts) -> Verdict {
        let folder = path.parent().unwrap_or(path);
        let elsewhere = nowhere(folder);
        let at = place.unwrap_or(&elsewhere);
        let relative = relative(at, path);
        let owner = at.owner.as_ref().map(|user| user.id);
        let (store_copy, answer) = self.remembered(owner, facts.content);
        let judged = Subject {
            store_copy,
            answer,
            ..subject(&self.key, &self.force, at, &relative, stat, facts, clock::now())
        };
        let mut verdict = judge(&self.force.policy, &judged);
        if place.is_none() {
            verdict.state = State::Ignored;
            verdict.violations.clear();
            verdict.ask = false;
            verdict.why.retain(Why::is_of_file);
        }
        verdict
    }

    /// Whether a store holds this content, and what its owner answered about it.
    fn remembered(&self, owner: Option<UserId>, content: KeyedHash) -> (bool, Option<Answer>) {
        let data = self.folders.data().ok();
        // Without a ledger to read nothing is known of any store's content, nor of any answer.
        data.and_then(|data| {
            ledger::read_only(data, |reader| {
                Ok((reader.known_to_a_store(content)?, reader.answer(owner, content)?))
            })
            .ok()
        })
        .unwrap_or_default()
    }

    fn answer(&self, path: &Path, checked: &Result<Checked, Problem>, json: bool) -> Result<()> {
        match (checked, json) {
            (Ok(checked), true) => output::json(&checked.document(path, self.language)),
            (Ok(checked), false) => output::line(checked.in_words(path, self.language)),
            (Err(problem), true) => output::json(&json!({
                "path": path.to_string_lossy(),
                "error": {"code": problem.code, "message": problem.message},
            })),
            (Err(problem), false) => {
                output::error(&anyhow::anyhow!("{}: {}", path.display(), problem.message));
                Ok(())
            }
        }
    }
}

fn open_carefully(place: Option<&Place>, path: &Path) -> std::io::Result<(File, Stat)> {
    match (place, path.parent()) {
        (Some(place), _) => open::open(place, path),
        // A place of its own for the file's folder, to be opened as carefully.
        (None, Some(folder)) => open::open(&nowhere(folder), path),
        (None, None) => Err(std::io::ErrorKind::InvalidInput.into()),
    }
}

/// Stands for a folder that is not watched.
fn nowhere(folder: &Path) -> Place {
    Place {
        kind: PlaceKind::Desktop,
        app: None,
        owner: None,
        root: folder.to_owned(),
        account: None,
        found: fileward_places::Found {
            by: "check".into(),
            grade: None,
        },
        state: fileward_protocol::health::PlaceState::Ok,
        events: false,
        store: None,
    }
}

#[cfg(test)]
mod tests {
    use fileward_places::User;
    use fileward_policy::facts::{Properties, Text, TextState};
    use fileward_protocol::report;
    use fileward_protocol::vocabulary::Family;

    use super::*;
    use crate::ledger::testing;

    fn facts(content: KeyedHash) -> Facts {
        Facts {
            kind: report::Word::new("docx").unwrap(),
            media_type: "application/octet-stream".into(),
            family: Family::Document,
            size: 5000,
            disguised: false,
            encryption: report::Encryption::NONE,
            label: None,
            text: Text {
                state: TextState::Read,
                chars: 900,
            },
            detections: Vec::new(),
            labels: Vec::new(),
            mentions: Vec::new(),
            titles: Vec::new(),
            near_copy: None,
            properties: Properties::default(),
            content,
        }
    }

    #[test]
    fn what_its_owner_answered_about_a_file_is_heeded() {
        let folder = tempfile::tempdir().unwrap();
        let content = KeyedHash([3; 32]);
        let path = Path::new("/home/u/wechat/1.docx");
        let ledger = testing::begun(folder.path());
        let folders = Folders::new(Some(folder.path().to_owned()));
        let force = policy::built_in().unwrap();
        let checker = Checker {
            survey: fileward_places::survey(&[], &force.policy, &Sessions::new()),
            inspector: Inspector::new(InspectorConfig::usual()),
            rules: Arc::default(),
            language: Language::En,
            key: testing::owner().key,
            folders: &folders,
            force,
        };
        let stat = Stat {
            id: testing::file_id(1),
            size: 5000,
            modified: 7,
        };
        let state = |uid: u32| {
            let owner = User {
                id: uid.into(),
                name: "u".into(),
                home: "/home/u".into(),
            };
            let place = Place {
                owner: Some(owner.into()),
                ..nowhere(Path::new("/home/u/wechat"))
            };
            checker.judge(Some(&place), path, &stat, &facts(content)).state
        };
        let before = state(1000);
        testing::enter(&ledger, 1, |entry| {
            let id = testing::file_id(1);
            entry
                .ask(id, path, Some(1000.into()), testing::DESKTOP, content)
                .unwrap();
            let asked = entry.reader().all_questions().unwrap();
            entry.answer_question(&asked[0], Answer::Private).unwrap();
        });
        assert_eq!((before, state(1000)), (State::Violation, State::Ignored));
        assert_eq!(state(1001), before, "another user has not answered");
    }
}

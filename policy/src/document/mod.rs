//! The policy document: what an officer edits, in TOML.
//!
//! [`Policy::parse`] finds everything that is wrong at once. A document is read into a tree that knows its lines, each
//! group's exceptions are laid over it, and each result is read as a whole: what holds for a group is always a valid
//! policy. The reading code is also what the JSON Schema is made from.

mod groups;
mod reader;
mod sections;
mod tree;
mod value;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::effective::Effective;
use groups::Exceptions;
use reader::Reader;
use tree::Node;

/// The policy a new collector publishes as its first.
pub const DEFAULT: &str = include_str!("../../default.toml");

/// A policy document that was read and found valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    base: Effective,
    groups: BTreeMap<String, Effective>,
}

/// Something wrong in a policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}{}{message}", if key.is_empty() { "" } else { ": " })]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `places.desktop.grace`; empty when the TOML itself cannot be read.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Policy {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// Everything that is wrong with it, in order of lines.
    pub fn parse(source: &str) -> Result<Self, Vec<PolicyError>> {
        Self::read(source, |_| true)
    }

    /// Reads a document that was checked and published, maybe by a newer Fileward: detectors that this one does not
    /// know are taken as they are and never hit; see [`Effective::unknown_detectors`]. What it does not know of the agent
    /// itself is left alone.
    ///
    /// # Errors
    /// Everything else that is wrong with it, in order of lines.
    pub fn parse_published(source: &str) -> Result<Self, Vec<PolicyError>> {
        Self::read(source, |error| !sections::may_be_newer(&error.key))
    }

    fn read(source: &str, matters: impl Fn(&PolicyError) -> bool) -> Result<Self, Vec<PolicyError>> {
        let mut document = Node::parse(source)?;
        let mut errors = Vec::new();
        let exceptions = Exceptions::take_from(&mut document, &mut errors);
        let (base, wrong) = read(&document);
        let mut groups = BTreeMap::new();
        for group in exceptions.groups() {
            let (effective, in_group) = read(&exceptions.apply(&document, group));
            errors.extend(
                in_group
                    .into_iter()
                    .filter(|error| !wrong.contains(error))
                    .map(|mut error| {
                        if !error.key.starts_with(groups::KEY) {
                            error.message = format!("for the group \"{group}\": {}", error.message);
                        }
                        error
                    }),
            );
            groups.insert(group.to_owned(), effective);
        }
        errors.extend(wrong);
        errors.retain(matters);
        errors.sort_by(|a, b| (a.line, &a.key, &a.message).cmp(&(b.line, &b.key, &b.message)));
        errors.dedup();
        if errors.is_empty() {
            Ok(Self { base, groups })
        } else {
            Err(errors)
        }
    }

    /// What holds for a device of `group`.
    ///
    /// A group can be part of another: for `sales/export`, exceptions of `sales` hold too, unless it has its own.
    pub fn effective(&self, group: Option<&str>) -> Effective {
        let mut name = group;
        while let Some(group) = name {
            if let Some(effective) = self.groups.get(group) {
                return effective.clone();
            }
            name = group.rsplit_once('/').map(|(outer, _)| outer);
        }
        self.base.clone()
    }

    /// The policy's name.
    pub fn name(&self) -> &str {
        &self.base.name
    }

    /// The groups that have exceptions.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }
}

/// Writes errors as `file:line: key: message`, one a line.
pub fn explain(file: &str, errors: &[PolicyError]) -> String {
    let line = |error: &PolicyError| {
        let colon = if error.key.is_empty() { "" } else { ": " };
        format!("{file}:{}: {}{colon}{}\n", error.line, error.key, error.message)
    };
    errors.iter().map(line).collect()
}

/// The JSON Schema of a policy document, for editors. The parser is stricter: it also knows what makes no sense.
pub fn json_schema() -> Json {
    let errors = RefCell::default();
    let (_, mut schema) = Reader::read(None, &errors, sections::policy);
    schema["properties"][groups::KEY] = groups::schema(&schema["properties"]);
    schema["required"] = json!(["format", "store"]);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "Fileward policy".into();
    schema
}

fn read(document: &Node) -> (Effective, Vec<PolicyError>) {
    let errors = RefCell::default();
    let (effective, _) = Reader::read(Some(document), &errors, sections::policy);
    (effective, errors.into_inner())
}

//! `[[for]]`: what differs for a group, laid over the document key by key.

use serde_json::{Map, Value as Json, json};

use super::PolicyError;
use super::tree::{Node, Raw};
use super::value::{Text, Value};

/// The key of exceptions.
pub(super) const KEY: &str = "for";

/// Keys of a document that no group can change.
const FIXED: [&str; 3] = ["format", "name", KEY];

/// The exceptions of each group, in the order they were written.
pub(super) struct Exceptions(Vec<(String, Node)>);

impl Exceptions {
    /// Takes them out of the document; what is wrong with their groups is added to `errors`.
    pub(super) fn take_from(document: &mut Node, errors: &mut Vec<PolicyError>) -> Self {
        let Some(node) = document.take(KEY) else {
            return Self(Vec::new());
        };
        let Raw::List(items) = node.raw else {
            errors.push(node.at.error("must be written as [[for]], once for each group"));
            return Self(Vec::new());
        };
        let mut exceptions = Self(Vec::new());
        for mut item in items {
            for key in FIXED {
                if let Some(fixed) = item.take(key) {
                    errors.push(
                        fixed
                            .at
                            .error("is the same for every group; write it above, outside [[for]]"),
                    );
                }
            }
            if let Some(group) = exceptions.group_of(&mut item, errors) {
                exceptions.0.push((group, item));
            }
        }
        exceptions
    }

    fn group_of(&self, item: &mut Node, errors: &mut Vec<PolicyError>) -> Option<String> {
        if !matches!(item.raw, Raw::Table(_)) {
            errors.push(item.at.error(format!("must be a table, not {}", item.what())));
            return None;
        }
        let Some(node) = item.take("group") else {
            errors.push(item.at.child("group").error("is missing: group = \"…\" says for whom"));
            return None;
        };
        let Text(group) = Text::read(&node, errors)?;
        if group
            .split('/')
            .any(|part| part.trim().is_empty() || part.trim() != part)
        {
            errors.push(
                node.at
                    .error("must be a name, or names with / between them, such as \"sales/export\""),
            );
            return None;
        }
        if self.0.iter().any(|(known, _)| *known == group) {
            errors.push(node.at.error(format!(
                "\"{group}\" has its exceptions already; put them into one [[for]]"
            )));
            return None;
        }
        Some(group)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(group, _)| group.as_str())
    }

    /// The document as it is for one group: outer groups first, so that the most specific wins.
    pub(super) fn apply(&self, document: &Node, group: &str) -> Node {
        let holds = |outer: &str| {
            group
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut layers: Vec<_> = self.0.iter().filter(|(outer, _)| holds(outer)).collect();
        layers.sort_by_key(|(outer, _)| outer.len());
        let mut merged = document.clone();
        for (_, layer) in layers {
            merged.merge(layer);
        }
        merged
    }
}

/// The JSON Schema of `[[for]]`, given that of the document's keys.
pub(super) fn schema(document: &Json) -> Json {
    let keys = document
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .filter(|key| !FIXED.contains(&key.as_str()));
    let mut properties: Map<String, Json> = keys
        .map(|key| (key.clone(), json!({ "$ref": format!("#/properties/{key}") })))
        .collect();
    let mut group = Text::schema();
    group["description"] = "For whom.".into();
    properties.insert("group".to_owned(), group);
    json!({
        "type": "array",
        "description": "What differs for a group, key by key.",
        "items": { "type": "object", "additionalProperties": false, "required": ["group"], "properties": properties },
    })
}

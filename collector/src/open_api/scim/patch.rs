//! `PATCH` as directories send it: RFC 7644, 3.5.2, with the liberties that Entra ID and Okta take.

use serde::Deserialize;
use serde_json::Value;

use super::message::Refused;

/// The most changes in one request.
const MOST: usize = 1000;

/// The body.
#[derive(Deserialize)]
pub(super) struct Patch {
    #[serde(rename = "Operations", alias = "operations")]
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    op: String,
    path: Option<String>,
    value: Option<Value>,
}

/// One attribute and what becomes of it.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    /// What is done.
    pub verb: Verb,
    /// The attribute, as it was written, without what stands in brackets.
    pub attribute: String,
    /// The `value` that stands in brackets: `members[value eq "7"]`.
    pub only: Option<String>,
    /// The value.
    pub value: Value,
}

/// What is done to an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Values are added.
    Add,
    /// Values are taken away.
    Remove,
    /// The values are these.
    Replace,
}

impl Change {
    /// Whether it is about this attribute.
    pub(super) fn is_of(&self, attribute: &str) -> bool {
        self.attribute.eq_ignore_ascii_case(attribute)
    }
}

impl Patch {
    /// The changes one by one: an operation without a path has an attribute for each field of its value.
    pub(super) fn changes(self) -> Result<Vec<Change>, Refused> {
        let mut changes = Vec::new();
        for operation in self.operations {
            let verb = match operation.op.to_ascii_lowercase().as_str() {
                "add" => Verb::Add,
                "remove" => Verb::Remove,
                "replace" => Verb::Replace,
                _ => return Err(Refused::value("op: add, remove or replace")),
            };
            let value = operation.value.unwrap_or_default();
            match (operation.path, value) {
                (Some(path), value) => changes.push(at(verb, &path, value)),
                (None, Value::Object(fields)) => {
                    changes.extend(fields.into_iter().map(|(path, value)| at(verb, &path, value)));
                }
                (None, _) => {
                    return Err(Refused::value(
                        "an operation without a path needs an object as its value",
                    ));
                }
            }
            if changes.len() > MOST {
                return Err(Refused::value(format!("there are more than {MOST} changes")));
            }
        }
        Ok(changes)
    }
}

fn at(verb: Verb, path: &str, value: Value) -> Change {
    let (attribute, rest) = path.split_once('[').unwrap_or((path, ""));
    // `roles[primary eq "True"].value` is about roles as well: only a filter by `value` names one of them.
    let only = rest.split_once(']').and_then(|(filter, _)| {
        let (name, value) = filter.trim().split_once(" eq ")?;
        name.trim().eq_ignore_ascii_case("value").then_some(value)
    });
    Change {
        verb,
        attribute: attribute.trim().to_owned(),
        only: only.and_then(|value| serde_json::from_str(value.trim()).ok()),
        value,
    }
}

/// A truth value, which some directories write as a word.
pub(super) fn truth(value: &Value) -> Result<bool, Refused> {
    match value {
        Value::Bool(is) => Ok(*is),
        Value::String(word) if word.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(word) if word.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Refused::value("active: true or false")),
    }
}

/// The `value` of each element; of a single one as well.
pub(super) fn values(value: &Value) -> Vec<String> {
    let each = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    let text = |one: &Value| one.get("value").unwrap_or(one).as_str().map(str::to_owned);
    each.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changes(operations: &Value) -> Vec<Change> {
        let patch: Patch = serde_json::from_value(json!({ "Operations": operations })).unwrap();
        patch.changes().unwrap()
    }

    #[test]
    fn each_directory_is_understood_as_it_writes() {
        let entra = changes(&json!([{ "op": "Replace", "path": "active", "value": "False" }]));
        assert!(entra[0].verb == Verb::Replace && entra[0].is_of("Active"));
        assert!(!truth(&entra[0].value).unwrap());
        let okta = changes(&json!([{ "op": "replace", "value": { "active": false } }]));
        assert!(okta[0].is_of("active") && !truth(&okta[0].value).unwrap());
        let removed = changes(&json!([{ "op": "remove", "path": "members[value eq \"7\"]" }]));
        assert_eq!(
            (removed[0].attribute.as_str(), removed[0].only.as_deref()),
            ("members", Some("7"))
        );
        let role = changes(&json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "auditor" }]));
        assert!(role[0].is_of("roles") && role[0].only.is_none());
        assert_eq!(values(&role[0].value), ["auditor"]);
        assert_eq!(
            values(&json!([{ "value": "7" }, { "value": "8", "display": "li" }])),
            ["7", "8"]
        );
    }

    #[test]
    fn what_is_no_change_is_refused() {
        for operations in [
            json!([{ "op": "move", "path": "a" }]),
            json!([{ "op": "add", "value": "a" }]),
        ] {
            let patch: Patch = serde_json::from_value(json!({ "Operations": operations })).unwrap();
            assert!(patch.changes().is_err());
        }
        assert!(truth(&json!("perhaps")).is_err());
    }
}

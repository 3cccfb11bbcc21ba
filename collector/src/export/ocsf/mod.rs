//! Events of the Open Cybersecurity Schema Framework, version 1.5.0: one JSON object a line.
//!
//! What is not known is left out. What the schema has no attribute for stands in `unmapped`, in Fileward's own words.

mod audit;
mod device;
mod finding;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Serializer, Value, json};

use crate::safe::is_hidden;

pub(crate) use audit::event as audit;
pub(crate) use device::event as device;
pub(crate) use finding::event as finding;

/// The version of the schema that events follow.
pub(super) const VERSION: &str = "1.5.0";

/// One of a list of values that the schema numbers, with its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbered(u32, &'static str);

/// The number of a value that the schema does not have; its name is the source's own.
const OTHER: u32 = 99;

/// A class of events.
struct Class {
    uid: u32,
    name: &'static str,
    category: Numbered,
}

/// What every event tells: its class, what was done, how bad it is, and an id by which a second copy is recognised.
fn base(class: &Class, activity: Numbered, severity: Numbered, uid: &str) -> Value {
    json!({
        "class_uid": class.uid,
        "class_name": class.name,
        "category_uid": class.category.0,
        "category_name": class.category.1,
        "activity_id": activity.0,
        "activity_name": activity.1,
        "type_uid": class.uid * 100 + activity.0,
        "severity_id": severity.0,
        "severity": severity.1,
        "metadata": {
            "uid": uid,
            "version": VERSION,
            "product": { "name": "Fileward", "vendor_name": "Fileward", "version": env!("CARGO_PKG_VERSION") },
        },
    })
}

/// An event with all its attributes but those that tell nothing.
fn event(base: Value, more: Value) -> Value {
    let mut all = Map::new();
    for part in [base, more] {
        if let Value::Object(attributes) = part {
            all.extend(attributes);
        }
    }
    known(Value::Object(all)).unwrap_or_default()
}

/// The value without what is null or empty; `None` when nothing is left.
fn known(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then_some(Value::String(text)),
        Value::Array(list) => {
            let list: Vec<_> = list.into_iter().filter_map(known).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(attributes) => {
            let attributes: Map<_, _> = attributes
                .into_iter()
                .filter_map(|(key, value)| Some((key, known(value)?)))
                .collect();
            (!attributes.is_empty()).then_some(Value::Object(attributes))
        }
        value => Some(value),
    }
}

/// The text, or a word for none where the schema must have one.
fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// Writes an event as one line.
pub(crate) fn line(out: &mut impl Write, event: &Value) -> io::Result<()> {
    event.serialize(&mut Serializer::with_formatter(&mut *out, Plain))?;
    out.write_all(b"\n")
}

/// Escapes what JSON would let through: characters that end a line for some readers, or turn text round on a screen.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((start, hidden)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            out.write_all(&rest.as_bytes()[..start])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[start + hidden.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let value = json!({"a": null, "b": "", "c": [], "d": {"e": null}, "f": 0, "g": [null, {"h": false}]});
        assert_eq!(known(value), Some(json!({"f": 0, "g": [{"h": false}]})));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_one_line_without_hidden_characters(
            text in any::<String>(), hidden in "[\u{202e}\u{2028}\u{9b}\u{e0041}\\n\"\\\\a]{0,9}"
        ) {
            let event = json!({"file": {"name": text, "desc": hidden}});
            let mut out = Vec::new();
            line(&mut out, &event).unwrap();
            let written = String::from_utf8(out).unwrap();
            let written = written.strip_suffix('\n').unwrap();
            prop_assert!(!written.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<Value>(written).unwrap(), event);
        }
    }
}

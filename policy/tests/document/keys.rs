//! Parser, JSON Schema, example and manual know the same keys with the same defaults.

use fileward_policy::{explain, json_schema};
use fileward_protocol::vocabulary::Sensitivity;

use crate::{EXAMPLE, LEAST, errors, valid, with};

const MANUAL: &str = include_str!("../../../docs/policy.md");

/// Each key of the schema, dotted, with its schema.
fn keys(schema: &serde_json::Value, root: &serde_json::Value, at: &str, found: &mut Vec<(String, serde_json::Value)>) {
    let table = schema["anyOf"].get(1).unwrap_or(schema);
    for (name, key) in table["properties"].as_object().into_iter().flatten() {
        let dotted = format!("{at}{name}");
        let key = match key["$ref"].as_str() {
            Some(pointer) => root
                .pointer(pointer.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{pointer}")),
            None => key,
        };
        found.push((dotted.clone(), key.clone()));
        keys(key, root, &format!("{dotted}."), found);
        keys(&key["items"], root, &format!("{dotted}[]."), found);
    }
}

fn schema_keys() -> Vec<(String, serde_json::Value)> {
    let schema = json_schema();
    let mut found = Vec::new();
    keys(&schema, &schema, "", &mut found);
    found
}

#[test]
fn every_key_of_the_example_is_in_the_schema() {
    fn walk(value: &toml::Value, at: &str, known: &[String]) {
        let toml::Value::Table(table) = value else { return };
        for (name, value) in table {
            let dotted = format!("{at}{name}");
            assert!(known.contains(&dotted), "{dotted}");
            walk(value, &format!("{dotted}."), known);
            for item in value.as_array().into_iter().flatten() {
                walk(item, &format!("{dotted}[]."), known);
            }
        }
    }
    let known: Vec<_> = schema_keys().into_iter().map(|(key, _)| key).collect();
    walk(&EXAMPLE.parse::<toml::Table>().unwrap().into(), "", &known);
}

#[test]
fn the_parser_knows_every_key_of_the_schema_and_the_schema_every_default() {
    for (key, schema) in schema_keys() {
        // A date is never right, so that the answer names the key, and never as an unknown one.
        let (head, path) = match key.split_once("[].") {
            Some((list @ "store", inner)) => (format!("[[{list}]]\npath = '/b'\n"), inner.to_owned()),
            Some((list, inner)) => (format!("[[{list}]]\ngroup = 'x'\n"), inner.to_owned()),
            None => (String::new(), key.clone()),
        };
        if path.contains("[]") || path == "path" || path == "group" || key == "format" || key == "store" {
            continue;
        }
        let source = match head.as_str() {
            "" => format!("format = 1\n{path} = 1979-05-27\n[[store]]\npath = '/a'\n"),
            _ => with(&format!("{head}{path} = 1979-05-27\n")),
        };
        let told = explain("p", &errors(&source));
        let typed = ["not a date", "[[store]]", "[[for]]", "the same for every group"];
        assert!(typed.iter().any(|says| told.contains(says)), "{key}: {told}");
        assert!(!told.contains("not a key"), "{key}: {told}");
        if let Some(default) = schema.get("default").filter(|_| head.is_empty()) {
            let default = toml::Value::try_from(default).unwrap();
            let source = format!("format = 1\n{path} = {default}\n[[store]]\npath = '/srv/work'\n");
            let mut written = valid(&source).effective(None);
            written.name = valid(LEAST).name().to_owned();
            assert_eq!(written, valid(LEAST).effective(None), "{key}");
        }
    }
}

/// A default as the manual writes it.
fn in_toml(default: &serde_json::Value) -> String {
    toml::Value::try_from(default)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

#[test]
fn the_manual_names_every_key_with_its_default() {
    let row = |key: &str| {
        let start = format!("| `{key}` |");
        MANUAL
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("docs/policy.md lacks {key}"))
    };
    for (key, schema) in schema_keys()
        .into_iter()
        .filter(|(key, _)| !key.starts_with("for[].") || key == "for[].group")
    {
        let default = schema.get("default").map(in_toml);
        let mut named = key.clone();
        for grade in Sensitivity::ALL {
            named = named.replace(&format!("sensitivity.{grade}"), "sensitivity.<grade>");
        }
        match named.split_once(".severity.") {
            Some((rule, grade)) => {
                let written = format!("{grade} = {}", default.unwrap_or_default());
                assert!(row(&format!("{rule}.severity")).contains(&written), "{key}: {written}");
            }
            None => assert!(
                default.is_none_or(|default| row(&named).contains(&format!("`{default}`"))),
                "{key}"
            ),
        }
    }
}

#[test]
fn the_examples_of_the_manual_are_valid() {
    let examples: Vec<_> = MANUAL
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .collect();
    assert!(examples.len() >= 5);
    for (example, _) in examples {
        valid(&with(example));
    }
}

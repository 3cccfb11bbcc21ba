//! The templates for group policy: well-formed, every reference resolved, the same in both languages.
#![expect(clippy::unwrap_used, reason = "a template that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Every element's name with its attributes.
type Elements = Vec<(String, Vec<(String, String)>)>;

fn elements(file: &str) -> Elements {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("windows/admx").join(file);
    let text = fs::read_to_string(path).unwrap();
    let mut reader = Reader::from_str(&text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    (text(attribute.key.as_ref()), text(&attribute.value))
                });
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                found.push((name, attributes.collect()));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// The values of an attribute of the elements with one of these names.
fn values(elements: &Elements, names: &[&str], attribute: &str) -> BTreeSet<String> {
    let of_names = elements.iter().filter(|(name, _)| names.contains(&name.as_str()));
    let attributes = of_names.flat_map(|(_, attributes)| attributes);
    let wanted = attributes.filter(|(name, _)| name == attribute);
    wanted.map(|(_, value)| value.clone()).collect()
}

/// The names that references such as `$(string.Proxy)` mean.
fn references(elements: &Elements, kind: &str) -> BTreeSet<String> {
    let start = format!("$({kind}.");
    let values = elements.iter().flat_map(|(_, attributes)| attributes);
    values
        .filter_map(|(_, value)| Some(value.strip_prefix(&start)?.strip_suffix(')')?.to_owned()))
        .collect()
}

#[test]
fn every_language_has_every_text_and_every_control() {
    let policies = elements("fileward.admx");
    assert_eq!(values(&policies, &["policy"], "name").len(), 4);
    for language in ["en-US", "zh-CN"] {
        let texts = elements(&format!("{language}/fileward.adml"));
        assert_eq!(
            references(&policies, "string"),
            values(&texts, &["string"], "id"),
            "{language}"
        );
        let presentations = values(&texts, &["presentation"], "id");
        assert_eq!(references(&policies, "presentation"), presentations, "{language}");
        let controls = values(&texts, &["textBox", "dropdownList"], "refId");
        assert_eq!(values(&policies, &["text", "enum"], "id"), controls, "{language}");
    }
}

#[test]
fn the_values_are_those_the_agent_reads() {
    let policies = elements("fileward.admx");
    let names = values(&policies, &["text", "enum"], "valueName");
    let read = ["CollectorAddress", "Language", "LogLevel", "Proxy"];
    assert_eq!(names, read.map(str::to_owned).into());
    let keys = values(&policies, &["policy"], "key");
    assert_eq!(keys, [r"SOFTWARE\Policies\Fileward".to_owned()].into());
    let categories = values(&policies, &["category"], "name");
    assert_eq!(values(&policies, &["parentCategory"], "ref"), categories);
    let supported = values(&policies, &["definition"], "name");
    assert_eq!(values(&policies, &["supportedOn"], "ref"), supported);
}

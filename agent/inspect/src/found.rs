//! What the format modules fill in while they read.

use std::mem;

use fileward_policy::facts::{Properties, TextState};
use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use crate::kind::{self, Kind};
#[cfg(test)]
use crate::scan::Patterns;
use crate::source::Stop;
use crate::text::{Gap, Part, Text};

/// The longest value of a property, in characters.
const VALUE_CHARS: usize = 512;
/// The longest name of a property, in characters.
const NAME_CHARS: usize = 128;
/// Bytes of all properties together: a file cannot make the worker's answer larger than a message may be.
const ALL_BYTES: usize = 24 << 10;
/// Bytes that a property costs besides its text, so that many empty ones do not add up either.
const OVERHEAD: usize = 16;

/// What is known of a file so far.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where its text goes, and that of everything within it.
    pub(crate) text: Text,
    pub(crate) kind: Kind,
    pub(crate) encryption: Encryption,
    pub(crate) label: Option<String>,
    pub(crate) properties: Properties,
    /// Why reading stopped early.
    pub(crate) stopped: Option<TextState>,
    bytes_left: usize,
}

/// A document property that has a field of its own, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property<'a> {
    Company,
    Template,
    Manager,
    Author,
    Title,
    /// One that every format has under its own name.
    Other(&'a str),
    /// One that its author named. It may be the document's label.
    Custom(&'a str),
}

/// What is known of a file besides its text, while a file within it is looked at.
#[derive(Debug)]
pub(crate) struct SetAside {
    kind: Kind,
    encryption: Encryption,
    label: Option<String>,
    properties: Properties,
    stopped: Option<TextState>,
    bytes_left: usize,
}

/// What a file within another one is.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) kind: Kind,
    pub(crate) encryption: Encryption,
}

impl Found {
    /// One that looks for nothing in text.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::new(Text::new(Patterns::for_tests(), u64::MAX))
    }

    pub(crate) fn new(text: Text) -> Self {
        Self {
            text,
            kind: kind::UNKNOWN,
            encryption: Encryption::NONE,
            label: None,
            properties: Properties::default(),
            stopped: None,
            bytes_left: ALL_BYTES,
        }
    }

    /// Begins with a file within this one: text goes on, the rest is its own.
    pub(crate) fn set_aside(&mut self) -> SetAside {
        SetAside {
            kind: mem::replace(&mut self.kind, kind::UNKNOWN),
            encryption: mem::replace(&mut self.encryption, Encryption::NONE),
            label: self.label.take(),
            properties: mem::take(&mut self.properties),
            stopped: self.stopped.take(),
            bytes_left: mem::replace(&mut self.bytes_left, ALL_BYTES),
        }
    }

    /// Ends with the file within: it gives its label to a whole that has none, and says what limit its text met. Damage of it is
    /// not damage of the whole.
    pub(crate) fn resume(&mut self, outer: SetAside) -> Inside {
        let inside = Inside {
            kind: mem::replace(&mut self.kind, outer.kind),
            encryption: mem::replace(&mut self.encryption, outer.encryption),
        };
        self.label = outer.label.or(self.label.take());
        self.properties = outer.properties;
        let inner = self.stopped.take().filter(|state| *state != TextState::Malformed);
        self.stopped = outer.stopped.or(inner);
        self.bytes_left = outer.bytes_left;
        inside
    }

    pub(crate) fn encrypted(&mut self, method: EncryptionMethod) {
        self.set_encryption(EncryptionState::Encrypted, method);
    }

    pub(crate) fn set_encryption(&mut self, state: EncryptionState, method: EncryptionMethod) {
        self.encryption = Encryption {
            state,
            method: Some(method),
        };
    }

    /// Records why reading ended early; the first reason stays.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        let state = match stop {
            Stop::Timeout => TextState::Timeout,
            Stop::TooLarge => TextState::TooLarge,
            Stop::Damaged | Stop::Unreadable(_) => TextState::Malformed,
        };
        self.stopped.get_or_insert(state);
    }

    /// Goes on after a part that could not be read, unless nothing else can be read either.
    pub(crate) fn tolerate<T>(&mut self, result: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(stop @ (Stop::Damaged | Stop::TooLarge)) => {
                self.stopped(&stop);
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// Takes what an attached file is called, which is text too.
    pub(crate) fn attached(&mut self, name: &str) -> Result<(), Stop> {
        if name.is_empty() {
            return Ok(());
        }
        self.text.gap(Gap::Paragraph);
        self.text.part(Part::Property);
        self.text.push(name)?;
        self.text.gap(Gap::Paragraph);
        Ok(())
    }

    /// Takes a property; an empty value is none, and the first value of a field stays.
    pub(crate) fn property(&mut self, property: Property<'_>, value: &str) {
        let value = tidy(value, VALUE_CHARS);
        if value.is_empty() {
            return;
        }
        let property = match property {
            // Where a format has no place for these, programs keep them as custom ones.
            Property::Custom("Company") => Property::Company,
            Property::Custom("Manager") => Property::Manager,
            property => property,
        };
        let name = match property {
            Property::Other(name) | Property::Custom(name) => tidy(name, NAME_CHARS),
            _ => String::new(),
        };
        let Some(left) = self.bytes_left.checked_sub(OVERHEAD + name.len() + value.len()) else {
            return;
        };
        self.text.property(&value);
        let properties = &mut self.properties;
        let field = match property {
            Property::Company => &mut properties.company,
            Property::Template => &mut properties.template,
            Property::Manager => &mut properties.manager,
            Property::Author => &mut properties.author,
            Property::Title => &mut properties.title,
            Property::Other(_) | Property::Custom(_) => {
                if matches!(property, Property::Custom(_)) && is_label(&name) && self.label.is_none() {
                    self.label = Some(value.clone());
                }
                properties.other.push((name, value));
                self.bytes_left = left;
                return;
            }
        };
        if field.is_none() {
            *field = Some(value);
            self.bytes_left = left;
        }
    }
}

/// Names under which offices and their programs keep a document's label, besides Microsoft's.
const LABELS: [&str; 12] = [
    "密级",
    "文件密级",
    "文档密级",
    "信息密级",
    "保密等级",
    "保密级别",
    "密级标识",
    "密级标志",
    "classification",
    "sensitivity",
    "sensitivitylabel",
    "confidentiality",
];

/// Whether a custom property carries the document's label.
fn is_label(name: &str) -> bool {
    let bare: String = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect();
    LABELS.contains(&bare.to_lowercase().as_str()) || name.starts_with("MSIP_Label_") && name.ends_with("_Name")
}

/// Text on one line, without control characters, cut to `chars`.
fn tidy(text: &str, chars: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(chars)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_never_grow_past_their_bound() {
        let mut found = Found::for_tests();
        for index in 0..10_000 {
            found.property(Property::Custom(&format!("name {index}")), &"𠀀\u{1}".repeat(2000));
        }
        let bytes: usize = found.properties.other.iter().map(|(n, v)| n.len() + v.len()).sum();
        assert!(bytes <= ALL_BYTES && bytes > ALL_BYTES / 2, "{bytes}");
    }

    #[test]
    fn properties_fit_a_message_however_they_are_written() {
        for (name, value) in [
            ("", "x"),
            ("n", "\""),
            ("\\", "\"\\"),
            ("name", &*"\"".repeat(600)),
            ("一", "𠀀"),
        ] {
            let mut found = Found::for_tests();
            for _ in 0..100_000 {
                found.property(Property::Custom(name), value);
            }
            let json = serde_json::to_vec(&found.properties).unwrap();
            assert!(json.len() < 60 << 10, "{name} {}", json.len());
        }
    }

    #[test]
    fn a_label_comes_from_a_custom_property_only() {
        let mut found = Found::for_tests();
        found.property(Property::Other("密级"), "general");
        assert_eq!(found.label, None);
        found.property(Property::Custom("MSIP_Label_3c9a_Name"), " 机密 ");
        found.property(Property::Custom("密级"), "内部");
        assert_eq!(found.label.as_deref(), Some("机密"));
        for name in ["保密等级", "Classification", "Sensitivity Label", "文件密级"] {
            assert!(is_label(name), "{name}");
        }
        assert!(!is_label("密级管理员") && !is_label("MSIP_Label_3c9a_Owner"));
    }

    #[test]
    fn what_a_property_says_is_looked_at_like_text_but_is_none() {
        let rules = crate::Rules {
            company_names: vec!["示例科技".to_owned()],
            ..crate::Rules::default()
        };
        let mut found = Found::new(Text::new(std::sync::Arc::new(Patterns::new(rules)), u64::MAX));
        found.property(Property::Other("主题"), "示例科技的方案");
        assert!(!found.text.is_read() && found.text.chars() == 0);
        assert_eq!(found.text.finish().mentions, ["示例科技"]);
    }

    #[test]
    fn the_first_value_of_a_field_stays() {
        let mut found = Found::for_tests();
        found.property(Property::Company, "  ");
        found.property(Property::Company, "示例科技有限公司");
        found.property(Property::Company, "other");
        assert_eq!(found.properties.company.as_deref(), Some("示例科技有限公司"));
    }
}

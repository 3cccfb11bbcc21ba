//! What inspection found in a file. Made by the inspect worker; judged here.

use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::{Detection, Encryption, Word};
use fileward_protocol::vocabulary::Family;
use serde::{Deserialize, Serialize};

/// The detectors a policy can name; what each finds is the business of inspection.
pub const DETECTORS: &[&str] = &[
    "cn_resident_id",
    "cn_mobile",
    "cn_landline",
    "bank_card",
    "cn_uscc",
    "cn_passport",
    "cn_permit",
    "cn_plate",
    "email",
    "cn_address",
    "cn_name_list",
    "ipv4",
    "secret_key",
];

/// The properties that have the same name in every format. A policy can have patterns for any other, too, by the name
/// it has in the file; see [`Properties::named`].
pub const PROPERTIES: &[&str] = &["company", "template", "manager", "author", "title"];

/// What a file is. Facts are kept of every file: what most files have not is not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its kind by content, such as `docx`.
    pub kind: Word,
    /// The media type of that kind.
    pub media_type: String,
    /// The family of that kind.
    pub family: Family,
    /// Its size in bytes.
    pub size: u64,
    /// Whether its name's extension says it is something else, as far as that matters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disguised: bool,
    /// Whether it is encrypted.
    pub encryption: Encryption,
    /// A label it carries, as written. It stays on the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How far its text was read.
    pub text: Text,
    /// What was found in the text: counts, never the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detections: Vec<Detection>,
    /// The policy's labels that stand on its first page, in its headers or in its footers. They stay on the device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The company's names that stand in its text. They stay on the device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The policy's titles that it has. They stay on the device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<String>,
    /// How much of a registered document and it is the same, in percent, when that makes it a near copy. The service finds
    /// that out from the sketch of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_copy: Option<u8>,
    /// Document properties. They stay on the device.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub properties: Properties,
    /// A keyed hash of its content.
    pub content: KeyedHash,
}

/// How far a file's text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// How it went.
    pub state: TextState,
    /// Characters read.
    pub chars: u64,
}

/// How reading a file's text went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextState {
    /// Read to the end.
    Read,
    /// The kind has no text, or this build does not read it.
    None,
    /// It is encrypted.
    Encrypted,
    /// A limit was reached.
    TooLarge,
    /// The file is damaged.
    Malformed,
    /// The time was over.
    Timeout,
}

impl TextState {
    /// Whether reading stopped before the end: what was found until then holds, and what comes after is not known.
    pub fn is_partial(self) -> bool {
        matches!(self, Self::TooLarge | Self::Malformed | Self::Timeout)
    }
}

/// Document properties that can be evidence. They stay on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Properties {
    /// The company.
    pub company: Option<String>,
    /// The template.
    pub template: Option<String>,
    /// The manager.
    pub manager: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// Every other text property (keywords, subject, comments, custom ones), as name and value.
    pub other: Vec<(String, String)>,
}

impl Properties {
    /// The values of a property by the name a policy gives it: one of [`PROPERTIES`], or that in the file, whatever
    /// the case of its letters.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &str> {
        let field = match name {
            "company" => &self.company,
            "template" => &self.template,
            "manager" => &self.manager,
            "author" => &self.author,
            "title" => &self.title,
            _ => &None,
        };
        let name = name.to_lowercase();
        let others = self.other.iter().filter(move |(other, _)| other.to_lowercase() == name);
        field
            .as_deref()
            .into_iter()
            .chain(others.map(|(_, value)| value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every text there is.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.company, &self.template, &self.manager, &self.author, &self.title]
            .into_iter()
            .filter_map(Option::as_deref)
            .chain(self.other.iter().map(|(_, value)| value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_has_not_is_not_written_and_means_the_same() {
        let short = format!(
            r#"{{"kind":"png","media_type":"image/png","family":"image","size":7,"encryption":{{"state":"none","method":null}},"text":{{"state":"none","chars":0}},"content":"{}"}}"#,
            "00".repeat(32)
        );
        let without = r#","disguised":false,"label":null,"detections":[],"labels":[],"mentions":[],"titles":[],"near_copy":null,"properties":{"company":null,"other":[]}}"#;
        let long = format!("{}{without}", short.trim_end_matches('}'));
        let facts: Facts = serde_json::from_str(&short).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&long).unwrap(), facts);
        assert_eq!(serde_json::to_string(&facts).unwrap(), short);
    }

    #[test]
    fn what_a_file_has_is_written() {
        let text = format!(
            r#"{{"kind":"docx","media_type":"","family":"document","size":7,"disguised":true,"encryption":{{"state":"none","method":null}},"label":"a","text":{{"state":"none","chars":0}},"detections":[{{"detector":"email","count":1}}],"labels":["b"],"mentions":["c"],"titles":["d"],"near_copy":80,"properties":{{"company":"e","template":null,"manager":null,"author":null,"title":null,"other":[["f","g"]]}},"content":"{}"}}"#,
            "00".repeat(32)
        );
        let facts: Facts = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), text);
    }
}

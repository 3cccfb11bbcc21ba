//! The values a policy is written in: durations, sizes, words, texts, patterns.

use std::time::Duration;

use fileward_protocol::vocabulary::{App, Family, Offer, Sensitivity, Severity};
use serde_json::{Value as Json, json};

use super::PolicyError;
use super::tree::{Node, Raw};
use crate::effective::{DuringGrace, Unsure};
use crate::pattern;
use crate::uninstall::TokenHash;

/// A kind of value: how it is read, and what a JSON Schema says of it.
pub(super) trait Value: Sized + PartialEq {
    /// Reads it; what is wrong is added to `errors`.
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self>;

    /// Its JSON Schema.
    fn schema() -> Json;

    /// As it is written.
    fn written(&self) -> Json;
}

/// A size in bytes.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Size(pub(super) u64);

/// A text that is not blank.
#[derive(Clone, PartialEq)]
pub(super) struct Text(pub(super) String);

/// A glob over relative paths.
#[derive(Clone, PartialEq)]
pub(super) struct Glob(pub(super) String);

/// A company's domain.
#[derive(Clone, PartialEq)]
pub(super) struct Domain(pub(super) String);

/// A property pattern.
#[derive(Clone, PartialEq)]
pub(super) struct Pattern(pub(super) String);

/// A regular expression.
#[derive(Clone, PartialEq)]
pub(super) struct Expression(pub(super) String);

/// How often something must be found: 1 or more.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Count(pub(super) u32);

/// A fixed word, one of a list.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// The list, in order.
    fn all() -> Vec<(&'static str, Self)>;
}

macro_rules! words_of_the_vocabulary {
    ($($name:ty),+) => { $(impl Word for $name {
        fn all() -> Vec<(&'static str, Self)> {
            Self::ALL.iter().map(|word| (word.as_str(), *word)).collect()
        }
    })+ };
}

words_of_the_vocabulary!(Family, Offer, Sensitivity, Severity);

/// `false`, or a severity: a grade can be kept from breaking a rule.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct MaybeSeverity(pub(super) Option<Severity>);

macro_rules! some_apps {
    ($($(#[$doc:meta])* $name:ident: $which:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq)]
        pub(super) struct $name(pub(super) App);

        impl Word for $name {
            fn all() -> Vec<(&'static str, Self)> {
                let which: fn(App) -> bool = $which;
                App::ALL.iter().filter(|app| which(**app)).map(|app| (app.as_str(), Self(*app))).collect()
            }
        }
    )+ };
}

some_apps! {
    /// A chat app.
    ChatApp: App::is_chat;
    /// A cloud drive of private persons.
    PersonalCloud: |app| !app.is_chat() && !app.is_company_cloud();
    /// A cloud drive of a company.
    CompanyCloud: App::is_company_cloud;
}

/// The words of `notice.language`.
pub(super) const LANGUAGES: [&str; 3] = ["auto", "zh-CN", "en"];

/// The language of notices, or `auto`.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct NoticeLanguage(pub(super) &'static str);

impl Word for NoticeLanguage {
    fn all() -> Vec<(&'static str, Self)> {
        LANGUAGES.iter().map(|word| (*word, Self(word))).collect()
    }
}

impl Word for Unsure {
    fn all() -> Vec<(&'static str, Self)> {
        vec![("count", Self::Count), ("ask", Self::Ask), ("ignore", Self::Ignore)]
    }
}

impl Word for DuringGrace {
    fn all() -> Vec<(&'static str, Self)> {
        vec![("count", Self::Count), ("full", Self::Full)]
    }
}

impl<W: Word> Value for W {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let words: Vec<_> = W::all().into_iter().map(|(word, _)| word).collect();
        let listed = words.join(", ");
        let text = text(node, &format!("must be one of {listed}, in quotes"), errors)?;
        let found = W::all()
            .into_iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| value);
        if found.is_none() {
            let hint = did_you_mean(text, &words);
            errors.push(node.at.error(format!(
                "\"{}\" is not known here; it must be one of {listed}{hint}",
                cut(text)
            )));
        }
        found
    }

    fn schema() -> Json {
        json!({ "enum": W::all().into_iter().map(|(word, _)| word).collect::<Vec<_>>() })
    }

    fn written(&self) -> Json {
        W::all()
            .into_iter()
            .find(|(_, value)| value == self)
            .map_or(Json::Null, |(word, _)| word.into())
    }
}

impl Value for MaybeSeverity {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        match node.raw {
            Raw::Bool(false) => Some(Self(None)),
            _ => Severity::read(node, errors).map(|severity| Self(Some(severity))),
        }
    }

    fn schema() -> Json {
        json!({ "enum": [false, "low", "medium", "high", "critical"] })
    }

    fn written(&self) -> Json {
        self.0.map_or(Json::Bool(false), |severity| severity.as_str().into())
    }
}

impl Value for bool {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        if let Raw::Bool(value) = node.raw {
            return Some(value);
        }
        errors.push(
            node.at
                .error(format!("must be true or false, without quotes, not {}", node.what())),
        );
        None
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn written(&self) -> Json {
        (*self).into()
    }
}

impl Value for Count {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Raw::Integer(number) = node.raw else {
            errors.push(
                node.at
                    .error(format!("must be a whole number such as 5, not {}", node.what())),
            );
            return None;
        };
        let count = number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|count| *count > 0);
        if count.is_none() {
            errors.push(node.at.error("must be 1 or more, and at most 4294967295"));
        }
        count.map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
    }

    fn written(&self) -> Json {
        self.0.into()
    }
}

impl Value for Text {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let text = text(node, "must be a text in quotes", errors)?;
        let wrong = if text.trim().is_empty() {
            "must not be empty"
        } else if text.trim() != text {
            "must not begin or end with a blank"
        } else if text.chars().any(char::is_control) {
            "must be one line without control characters"
        } else if text.chars().count() > 1000 {
            "must not be longer than 1000 characters"
        } else {
            return Some(Self(text.to_owned()));
        };
        errors.push(node.at.error(wrong));
        None
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": 1000 })
    }

    fn written(&self) -> Json {
        self.0.clone().into()
    }
}

impl Value for Glob {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Text(glob) = Text::read(node, errors)?;
        match pattern::check_glob(&glob) {
            Ok(()) => Some(Self(glob)),
            Err(wrong) => {
                errors.push(node.at.error(wrong));
                None
            }
        }
    }

    fn schema() -> Json {
        Text::schema()
    }

    fn written(&self) -> Json {
        self.0.clone().into()
    }
}

impl Value for Domain {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Text(domain) = Text::read(node, errors)?;
        match pattern::check_domain(&domain) {
            Ok(()) => Some(Self(domain)),
            Err(wrong) => {
                errors.push(node.at.error(wrong));
                None
            }
        }
    }

    fn schema() -> Json {
        Text::schema()
    }

    fn written(&self) -> Json {
        self.0.clone().into()
    }
}

impl Value for Pattern {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Text(pattern) = Text::read(node, errors)?;
        if pattern.chars().all(|c| c == '*') {
            errors.push(
                node.at
                    .error("would match every document; name the text to look for, such as \"Example*\""),
            );
            return None;
        }
        Some(Self(pattern))
    }

    fn schema() -> Json {
        Text::schema()
    }

    fn written(&self) -> Json {
        self.0.clone().into()
    }
}

impl Value for Expression {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Text(expression) = Text::read(node, errors)?;
        match pattern::expression(&expression) {
            Ok(_) => Some(Self(expression)),
            Err(wrong) => {
                errors.push(node.at.error(wrong.to_string()));
                None
            }
        }
    }

    fn schema() -> Json {
        Text::schema()
    }

    fn written(&self) -> Json {
        self.0.clone().into()
    }
}

impl Value for TokenHash {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Text(hash) = Text::read(node, errors)?;
        Self::parse(&hash)
            .map_err(|wrong| errors.push(node.at.error(wrong)))
            .ok()
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^\\$argon2id\\$" })
    }

    /// It is no key's default, and is not repeated.
    fn written(&self) -> Json {
        Json::Null
    }
}

/// Units of time with their seconds, largest first.
pub(super) const DURATIONS: [(&str, u64); 6] = [
    ("y", 365 * 86_400),
    ("w", 7 * 86_400),
    ("d", 86_400),
    ("h", 3_600),
    ("m", 60),
    ("s", 1),
];

/// Units of size with their bytes, largest first. As Windows and chat apps count: 1 KB is 1024 bytes.
pub(super) const SIZES: [(&str, u64); 4] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];

impl Value for Duration {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        const EXPECTED: &str = "must be a duration such as \"30m\", \"24h\", \"90d\" or \"3y\"";
        let seconds = quantity(node, EXPECTED, &DURATIONS, errors)?;
        if seconds > 100 * DURATIONS[0].1 {
            errors.push(node.at.error("must not be longer than 100 years"));
            return None;
        }
        Some(Self::from_secs(seconds))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[0-9]+(s|m|h|d|w|y)$" })
    }

    fn written(&self) -> Json {
        write_quantity(self.as_secs(), "s", &DURATIONS).into()
    }
}

impl Value for Size {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        quantity(
            node,
            "must be a size such as \"1KB\", \"50MB\" or \"2GB\"",
            &SIZES,
            errors,
        )
        .map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[0-9]+(B|KB|MB|GB)$" })
    }

    fn written(&self) -> Json {
        write_quantity(self.0, "B", &SIZES).into()
    }
}

impl<V: Value> Value for Vec<V> {
    fn read(node: &Node, errors: &mut Vec<PolicyError>) -> Option<Self> {
        let Raw::List(items) = &node.raw else {
            errors.push(node.at.error(format!("must be a list in [ ], not {}", node.what())));
            return None;
        };
        let before = errors.len();
        let mut values = Self::new();
        for item in items {
            let Some(value) = V::read(item, errors) else { continue };
            if values.contains(&value) {
                errors.push(item.at.error(format!("{} is named twice", value.written())));
            }
            values.push(value);
        }
        (errors.len() == before).then_some(values)
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": V::schema(), "uniqueItems": true })
    }

    fn written(&self) -> Json {
        self.iter().map(Value::written).collect()
    }
}

fn text<'a>(node: &'a Node, expected: &str, errors: &mut Vec<PolicyError>) -> Option<&'a str> {
    if let Raw::Text(text) = &node.raw {
        return Some(text);
    }
    errors.push(node.at.error(format!("{expected}, not {}", node.what())));
    None
}

fn quantity(node: &Node, expected: &str, units: &[(&str, u64)], errors: &mut Vec<PolicyError>) -> Option<u64> {
    let written = text(node, &format!("{expected}, in quotes"), errors)?;
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = written.split_at(digits);
    let known: Vec<_> = units.iter().map(|(name, _)| *name).collect();
    let message = match units.iter().find(|(name, _)| *name == unit) {
        _ if number.is_empty() => format!("\"{}\" {expected}: a whole number and a unit", cut(written)),
        None if unit.is_empty() => format!("\"{}\" lacks its unit; it {expected}", cut(written)),
        None => format!(
            "\"{}\" has no known unit; the units are {}",
            cut(written),
            known.join(", ")
        ),
        Some((_, worth)) => match number.parse::<u64>().ok().and_then(|number| number.checked_mul(*worth)) {
            Some(value) => return Some(value),
            None => format!("\"{}\" is too large", cut(written)),
        },
    };
    errors.push(node.at.error(message));
    None
}

fn write_quantity(value: u64, smallest: &str, units: &[(&str, u64)]) -> String {
    let unit = units
        .iter()
        .find(|(_, worth)| value >= *worth && value.is_multiple_of(*worth));
    unit.map_or_else(
        || format!("{value}{smallest}"),
        |(name, worth)| format!("{}{name}", value / worth),
    )
}

/// What was perhaps meant instead of `given`, as the end of a sentence; nothing when no word is near.
pub(super) fn did_you_mean(given: &str, known: &[&str]) -> String {
    let given = given.to_lowercase();
    let nearest = known
        .iter()
        .map(|word| {
            let related = given.len() > 1 && (word.starts_with(&given) || given.starts_with(word));
            let distance = strsim::osa_distance(&given, &word.to_lowercase());
            (if related { distance.min(1) } else { distance }, word)
        })
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, word)) if distance <= (word.chars().count() / 3).clamp(1, 3) => {
            format!(". Did you mean \"{word}\"?")
        }
        _ => String::new(),
    }
}

/// A text of the document as it is repeated in a message: not without end.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

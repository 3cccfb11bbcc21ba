//! The common parts of a policy as fields of a form: what each shows, and where it is written.

use std::time::Duration;

use fileward_policy::Effective;
use fileward_policy::effective::{Place, Unsure};
use fileward_policy::words::Both;
use fileward_protocol::vocabulary::Sensitivity;
use toml_edit::DocumentMut;

use super::toml::{self, NoTable};
use super::words;

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A duration or a size; empty turns off what it belongs to.
    OrOff,
    /// One of these words.
    Choice(&'static [(&'static str, Both)]),
    /// Texts, one a line.
    Lines,
    /// Yes or no.
    YesNo,
}

/// A part of a policy that a form shows.
pub(super) struct Field {
    /// What it is called in the form.
    pub(super) name: &'static str,
    /// What it is called by people.
    pub(super) label: Both,
    /// How it is filled in.
    pub(super) kind: Kind,
    /// Where it stands in a document.
    path: &'static [&'static str],
    /// What a policy has there, as the form shows it.
    pub(super) shown: fn(&Effective) -> String,
}

/// Fields that belong together.
pub(super) struct Part {
    pub(super) title: Both,
    pub(super) note: Option<Both>,
    pub(super) fields: &'static [Field],
}

const UNSURE: Kind = Kind::Choice(&[("count", words::COUNT), ("ask", words::ASK), ("ignore", words::IGNORE)]);

macro_rules! field {
    ($name:literal, $label:expr, $kind:expr, [$($key:literal),+], $shown:expr) => {
        Field { name: $name, label: $label, kind: $kind, path: &[$($key),+], shown: $shown }
    };
}

/// Every field, part by part.
pub(super) const PARTS: &[Part] = &[
    Part {
        title: words::PLACES_AND_GRACE,
        note: Some(words::GRACE_NOTE),
        fields: &[
            field!(
                "grace_desktop",
                words::DESKTOP,
                Kind::OrOff,
                ["places", "desktop", "grace"],
                |policy| { grace(policy.places.desktop.as_ref()) }
            ),
            field!(
                "grace_downloads",
                words::DOWNLOADS,
                Kind::OrOff,
                ["places", "downloads", "grace"],
                |policy| { grace(policy.places.downloads.as_ref()) }
            ),
            field!(
                "grace_chat_cache",
                words::CHAT_CACHE,
                Kind::OrOff,
                ["places", "chat_cache", "grace"],
                |policy| { grace(policy.places.chat_cache.as_ref()) }
            ),
            field!(
                "grace_personal_cloud",
                words::PERSONAL_CLOUD,
                Kind::OrOff,
                ["places", "personal_cloud", "grace"],
                |policy| grace(policy.places.personal_cloud.as_ref())
            ),
        ],
    },
    Part {
        title: words::WHEN_UNSURE,
        note: None,
        fields: &[
            field!(
                "unsure_desktop",
                words::DESKTOP,
                UNSURE,
                ["work_file", "when_unsure", "desktop"],
                |policy| { unsure(policy.work_file.when_unsure.desktop) }
            ),
            field!(
                "unsure_downloads",
                words::DOWNLOADS,
                UNSURE,
                ["work_file", "when_unsure", "downloads"],
                |policy| { unsure(policy.work_file.when_unsure.downloads) }
            ),
            field!(
                "unsure_company_apps",
                words::COMPANY_APPS,
                UNSURE,
                ["work_file", "when_unsure", "company_apps"],
                |policy| unsure(policy.work_file.when_unsure.company_apps)
            ),
            field!(
                "unsure_personal_apps",
                words::PERSONAL_APPS,
                UNSURE,
                ["work_file", "when_unsure", "personal_apps"],
                |policy| unsure(policy.work_file.when_unsure.personal_apps)
            ),
            field!(
                "unsure_personal_cloud",
                words::PERSONAL_CLOUD,
                UNSURE,
                ["work_file", "when_unsure", "personal_cloud"],
                |policy| unsure(policy.work_file.when_unsure.personal_cloud)
            ),
        ],
    },
    Part {
        title: words::WHAT_COUNTS,
        note: Some(words::LINES_NOTE),
        fields: &[
            field!(
                "company_names",
                words::COMPANY_NAMES,
                Kind::Lines,
                ["work_file", "evidence", "company_names"],
                |policy| policy.work_file.evidence.company_names.join("\n")
            ),
            field!(
                "core_secret",
                words::CORE_SECRET_KEYWORDS,
                Kind::Lines,
                ["sensitivity", "core_secret", "keywords"],
                |policy| keywords(policy, Sensitivity::CoreSecret)
            ),
            field!(
                "internal",
                words::INTERNAL_KEYWORDS,
                Kind::Lines,
                ["sensitivity", "internal", "keywords"],
                |policy| keywords(policy, Sensitivity::Internal)
            ),
        ],
    },
    Part {
        title: words::RULES_AND_REPORTS,
        note: None,
        fields: &[
            field!(
                "limit",
                words::SIZE_LIMIT,
                Kind::OrOff,
                ["rules", "oversize_in_chat", "limit"],
                |policy| {
                    let rule = policy.rules.oversize_in_chat.as_ref();
                    rule.map_or_else(String::new, |rule| size(rule.limit))
                }
            ),
            field!(
                "stale",
                words::STALE_AFTER,
                Kind::OrOff,
                ["rules", "stale_chat_cache", "after"],
                |policy| {
                    let rule = policy.rules.stale_chat_cache.as_ref();
                    rule.map_or_else(String::new, |rule| duration(rule.after))
                }
            ),
            field!(
                "names",
                words::SEND_NAMES,
                Kind::YesNo,
                ["report", "send_file_name"],
                |policy| { policy.report.send_file_name.to_string() }
            ),
        ],
    },
];

/// Every field.
pub(super) fn all() -> impl Iterator<Item = &'static Field> {
    PARTS.iter().flat_map(|part| part.fields)
}

impl Field {
    /// Writes what was typed into a document, unless the policy has it already.
    pub(super) fn write(&self, typed: &str, policy: &Effective, document: &mut DocumentMut) -> Result<(), NoTable> {
        let typed = self.tidy(typed);
        if typed == self.tidy(&(self.shown)(policy)) {
            return Ok(());
        }
        match self.kind {
            Kind::Lines => {
                let lines: Vec<String> = typed.lines().map(str::to_owned).collect();
                toml::set_list(document, self.path, &lines)
            }
            Kind::OrOff if typed.is_empty() => {
                let whole = self.path.get(..self.path.len() - 1).unwrap_or_default();
                toml::set(document, whole, false.into())
            }
            Kind::YesNo => toml::set(document, self.path, (typed == "true").into()),
            Kind::OrOff | Kind::Choice(_) => toml::set(document, self.path, typed.into()),
        }
    }

    fn tidy(&self, typed: &str) -> String {
        let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.collect();
        if self.kind == Kind::Lines {
            lines.join("\n")
        } else {
            lines.concat()
        }
    }
}

fn grace(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| duration(place.grace))
}

fn unsure(unsure: Unsure) -> String {
    let word = match unsure {
        Unsure::Count => "count",
        Unsure::Ask => "ask",
        Unsure::Ignore => "ignore",
    };
    word.to_owned()
}

fn keywords(policy: &Effective, sensitivity: Sensitivity) -> String {
    let grade = policy.sensitivity.iter().find(|grade| grade.sensitivity == sensitivity);
    grade.map_or_else(String::new, |grade| grade.keywords.join("\n"))
}

/// A duration as a document writes it, in the largest unit that fits.
fn duration(duration: Duration) -> String {
    in_units(duration.as_secs(), &[(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")])
}

/// A size as a document writes it.
fn size(bytes: u64) -> String {
    in_units(bytes, &[(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")])
}

fn in_units(amount: u64, units: &[(u64, &str)]) -> String {
    let fits = units
        .iter()
        .find(|(unit, _)| amount >= *unit && amount.is_multiple_of(*unit));
    let (unit, name) = fits.or(units.last()).copied().unwrap_or((1, ""));
    format!("{}{name}", amount / unit)
}

#[cfg(test)]
mod tests {
    use fileward_policy::{DEFAULT, Policy};

    use super::*;

    fn policy(text: &str) -> Effective {
        Policy::parse(text).unwrap().effective(None)
    }

    #[test]
    fn what_is_not_changed_is_not_written() {
        let mut document: DocumentMut = DEFAULT.parse().unwrap();
        let policy = policy(DEFAULT);
        for field in all() {
            field.write(&(field.shown)(&policy), &policy, &mut document).unwrap();
        }
        assert_eq!(document.to_string(), DEFAULT);
    }

    #[test]
    fn each_field_comes_back_as_it_was_typed_and_every_comment_stays() {
        let former = policy(DEFAULT);
        for field in all() {
            let typed: &[&str] = match field.kind {
                Kind::OrOff if field.name == "limit" => &["7MB", ""],
                Kind::OrOff => &["36h", ""],
                Kind::Choice(_) => &["count", "ask", "ignore"],
                Kind::Lines => &["甲方\n乙方", "", "专用词\n\"x\" \\ # y"],
                Kind::YesNo => &["false", "true"],
            };
            for typed in typed {
                let mut document: DocumentMut = DEFAULT.parse().unwrap();
                field.write(typed, &former, &mut document).unwrap();
                let text = document.to_string();
                assert_eq!((field.shown)(&policy(&text)), *typed, "{}", field.name);
                let comments = |text: &str| text.matches(" # ").count();
                assert!(comments(&text) >= comments(DEFAULT), "{}: {text}", field.name);
            }
        }
    }

    #[test]
    fn amounts_are_written_as_people_write_them() {
        for (seconds, text) in [(0, "0s"), (90, "90s"), (1800, "30m"), (86_400, "1d"), (129_600, "36h")] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(
            (size(50 << 20), size(1500 << 10)),
            ("50MB".to_owned(), "1500KB".to_owned())
        );
    }
}

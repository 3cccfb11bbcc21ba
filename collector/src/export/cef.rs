//! Findings and the audit trail in the Common Event Format (its Implementation Standard, version 26): a head of seven
//! fields and an extension of `key=value`, all on one line.

use fileward_policy::words::InWords;
use fileward_protocol::vocabulary::{Language, Severity};
use jiff::Timestamp;

use super::{detections, file_name, words};
use crate::safe::is_hidden;
use crate::store::audit::{Action, AuditRow};
use crate::store::findings::FindingRow;

/// The longest text of `fname`, `msg` and `suser`.
const LONGEST: usize = 1023;

/// The longest text of `dvchost`.
const LONGEST_HOST: usize = 100;

/// The longest text of `cs1` to `cs6`.
const LONGEST_LABELLED: usize = 4000;

/// A finding.
pub(crate) fn finding(row: &FindingRow) -> String {
    let finding = &row.finding;
    let mut line = Line::begin(
        finding.rule.as_str(),
        finding.rule.in_words(Language::En),
        match finding.severity {
            Severity::Low => 3,
            Severity::Medium => 5,
            Severity::High => 8,
            Severity::Critical => 10,
        },
    );
    line.text("cat", "finding");
    line.text("externalId", &finding.id.to_string());
    line.text("deviceExternalId", &row.device.to_string());
    line.cut("dvchost", &row.device_name, LONGEST_HOST);
    line.time("rt", row.changed_at);
    line.time("start", finding.first_seen);
    if let Some(ended) = finding.ended {
        line.time("end", ended);
    }
    if let Some(resolution) = finding.resolution {
        line.text("reason", resolution.as_str());
    }
    if let Some(file) = &finding.file {
        line.cut("fname", &file_name(file).unwrap_or_default(), LONGEST);
        line.text("fsize", &file.size.to_string());
        line.text("fileType", file.kind.as_str());
        if let Some(content) = file.content {
            line.text("fileHash", &content.to_string());
        }
        line.labelled("cs4", "sensitivity", file.sensitivity.as_str());
        line.labelled("cs5", "encryption", file.encryption.state.as_str());
        line.labelled("cs6", "detections", &detections(&file.detections));
    }
    line.labelled("cs1", "place", finding.place.kind.as_str());
    line.labelled("cs2", "app", finding.place.app.map_or("", |app| app.as_str()));
    line.labelled("cs3", "state", finding.state.as_str());
    line.labelled("cn1", "policyVersion", &finding.policy_version.to_string());
    line.labelled("flexString1", "also", &words(&finding.also));
    line.labelled("flexString2", "group", row.group.as_deref().unwrap_or_default());
    line.end()
}

/// A line of the audit trail.
pub(crate) fn audit(row: &AuditRow) -> String {
    let (severity, outcome) = match row.action {
        Action::LogInFailed => (3, "failure"),
        Action::CloneSuspected => (6, "success"),
        _ => (1, "success"),
    };
    let mut line = Line::begin(row.action.as_str(), &row.action.as_str().replace('_', " "), severity);
    line.text("cat", "audit");
    line.text("externalId", &row.id.to_string());
    line.time("rt", row.at);
    line.cut("suser", &row.actor, LONGEST);
    line.text("act", row.action.as_str());
    line.text("outcome", outcome);
    line.cut("msg", &row.detail, LONGEST);
    line.labelled("cs1", "on", &row.subject);
    line.labelled("cs2", "hash", &blake3::Hash::from_bytes(row.hash).to_hex());
    line.end()
}

/// An event that is being put together.
struct Line {
    head: String,
    extension: Vec<String>,
}

impl Line {
    fn begin(signature: &str, name: &str, severity: u8) -> Self {
        let mut head = String::from("CEF:0|");
        for field in ["Fileward", "Fileward", env!("CARGO_PKG_VERSION"), signature, name] {
            head.push_str(&escape(field, '|'));
            head.push('|');
        }
        head.push_str(&severity.to_string());
        head.push('|');
        Self {
            head,
            extension: Vec::new(),
        }
    }

    fn end(self) -> String {
        self.head + &self.extension.join(" ")
    }

    /// Adds a field, if there is anything to tell.
    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.extension.push(format!("{key}={}", escape(value, '=')));
        }
    }

    fn cut(&mut self, key: &str, value: &str, longest: usize) {
        self.text(key, &value.chars().take(longest).collect::<String>());
    }

    fn time(&mut self, key: &str, at: Timestamp) {
        self.text(key, &at.as_millisecond().to_string());
    }

    /// Adds one of the fields that mean nothing without a label.
    fn labelled(&mut self, key: &str, label: &str, value: &str) {
        if !value.is_empty() {
            self.text(&format!("{key}Label"), label);
            self.cut(key, value, LONGEST_LABELLED);
        }
    }
}

/// The text without anything in it that means the delimiter, an escape or the end of the line.
fn escape(text: &str, delimiter: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if delimiter == '=' => escaped.push_str("\\n"),
            '\r' if delimiter == '=' => escaped.push_str("\\r"),
            '\\' => escaped.push_str("\\\\"),
            c if c == delimiter => escaped.extend(['\\', c]),
            c if is_hidden(c) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safe::visible;
    use crate::testing::{audit_row, finding_row, named};
    use fileward_protocol::vocabulary::FindingState;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Splits where the delimiter stands without a backslash, and takes the escapes away.
    fn split(text: &str, delimiter: char, most: usize) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == delimiter && parts.len() < most {
                parts.push(String::new());
                continue;
            }
            parts.last_mut().unwrap().push(c);
            if c == '\\' {
                parts.last_mut().unwrap().extend(chars.next());
            }
        }
        parts
    }

    fn plain(text: &str) -> String {
        let mut plain = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            plain.push(match c {
                '\\' => match chars.next() {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some(c) => c,
                    None => panic!("nothing is escaped in {text:?}"),
                },
                c => c,
            });
        }
        plain
    }

    /// Reads an event back: its head, and its extension by key.
    fn read(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
        assert!(!line.contains(['\n', '\r']), "one event is one line");
        let mut head = split(line, '|', 8);
        assert_eq!(head.len(), 8);
        let extension = head.pop().unwrap();
        let parts = split(&extension, '=', usize::MAX);
        let mut fields = BTreeMap::new();
        let mut key = parts[0].clone();
        for (number, part) in parts.iter().enumerate().skip(1) {
            let is_last = number == parts.len() - 1;
            let (value, next) = if is_last {
                (part.as_str(), "")
            } else {
                part.rsplit_once(' ').unwrap()
            };
            let key = std::mem::replace(&mut key, next.to_owned());
            assert!(fields.insert(key, plain(value)).is_none(), "each key once");
        }
        (head.iter().map(|field| plain(field)).collect(), fields)
    }

    #[test]
    fn a_finding_is_one_event() {
        let (head, fields) = read(&finding(&finding_row(1, FindingState::Resolved)));
        assert_eq!(
            head,
            [
                "CEF:0",
                "Fileward",
                "Fileward",
                env!("CARGO_PKG_VERSION"),
                "outside_store",
                "work file outside the store",
                "5"
            ]
        );
        for (key, value) in [
            ("fname", "报价单 Q4.docx"),
            ("fsize", "48213"),
            ("reason", "moved_to_store"),
            ("rt", "1790000060000"),
            ("start", "1790000000000"),
            ("cs1Label", "place"),
            ("cs1", "chat_cache"),
            ("cs2", "wechat"),
            ("cs3", "resolved"),
            ("cs6", "cn_mobile 7"),
            ("flexString1", "unfiled_account"),
        ] {
            assert_eq!(fields[key], value, "{key}");
        }
    }

    #[test]
    fn a_name_cannot_bring_a_field_of_its_own() {
        let mut row = named("");
        row.device_name = String::from("a|b=c cs3=dismissed\\");
        let (_, fields) = read(&finding(&row));
        assert_eq!(fields["dvchost"], row.device_name);
        assert_eq!(fields["cs3"], "open");
    }

    #[test]
    fn a_look_is_one_event() {
        let mut row = audit_row(17, Action::FindingViewed);
        row.detail = String::from("line one\nline = two\\");
        let (head, fields) = read(&audit(&row));
        assert_eq!(
            (head[4].as_str(), head[5].as_str()),
            ("finding_viewed", "finding viewed")
        );
        assert_eq!(fields["msg"], row.detail);
        assert_eq!(fields["suser"], "user 员工甲");
        assert_eq!(fields["externalId"], "17");
        assert_eq!(fields["cs2"], "07".repeat(32));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>(), hard in "[|=\\\\\\n\\r a]{0,9}") {
            for text in [text, hard] {
                let mut row = audit_row(1, Action::Purged);
                row.detail.clone_from(&text);
                row.subject.clone_from(&text);
                let (_, fields) = read(&audit(&row));
                let shown: String = text.chars().map(|c| match c {
                    '\n' | '\r' => String::from(c),
                    c => visible(&c.to_string()),
                }).collect();
                prop_assert_eq!(fields.get("cs1").cloned().unwrap_or_default(), shown.clone());
                prop_assert_eq!(fields.get("msg").cloned().unwrap_or_default(), shown);
                let head = escape(&text, '|');
                prop_assert_eq!(plain(&split(&format!("{head}|x"), '|', 2)[0]), visible(&text));
            }
        }
    }
}

//! What a message says, whichever platform it goes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::{Language, Rule, Severity};

use super::words;
use crate::safe::visible;
use crate::store::findings::FindingRow;

/// The most lines of one message.
const LINES: usize = 6;

/// The most file names on one line.
const NAMES: usize = 3;

/// The longest name of a group or a file, in characters.
const LONGEST_NAME: usize = 40;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// What it is about.
    pub title: String,
    /// Each a few words and what stands beside them.
    pub lines: Vec<(String, String)>,
    /// Where to see more, and what to call that.
    pub link: (String, String),
}

impl Note {
    /// The whole message as plain text.
    pub(super) fn text(&self) -> String {
        let mut text = self.title.clone();
        for (head, line) in &self.lines {
            let _ = write!(text, "\n[{head}] {line}");
        }
        let _ = write!(text, "\n{}: {}", self.link.1, self.link.0);
        text
    }
}

/// A message by which people see that it arrives.
pub(super) fn test(language: Language, link: String) -> Note {
    Note {
        title: format!("Fileward: {}", words::TEST.to(language)),
        lines: vec![("Fileward".to_owned(), words::WORKS.to(language).to_owned())],
        link: (link, words::CONSOLE.to(language).to_owned()),
    }
}

/// Findings of one severity, rule and group.
#[derive(Default)]
struct Sort {
    count: usize,
    names: Vec<String>,
}

/// A digest of findings.
pub(super) fn note<'a>(
    findings: impl Iterator<Item = &'a FindingRow>,
    language: Language,
    with_file_names: bool,
    link: String,
) -> Note {
    let mut sorts: BTreeMap<(std::cmp::Reverse<Severity>, Rule, Option<String>), Sort> = BTreeMap::new();
    let mut total = 0;
    for row in findings {
        let finding = &row.finding;
        let key = (std::cmp::Reverse(finding.severity), finding.rule, row.group.clone());
        let sort = sorts.entry(key).or_default();
        total += 1;
        sort.count += 1;
        let name = finding.file.as_ref().and_then(|file| file.name.as_ref());
        if let Some(name) = name.filter(|_| with_file_names && sort.names.len() < NAMES) {
            sort.names.push(short(name.as_str()));
        }
    }
    let mut lines = Vec::new();
    let mut told = 0;
    for ((severity, rule, group), sort) in sorts.into_iter().take(LINES) {
        let group = group
            .as_deref()
            .map_or_else(|| words::NO_GROUP.to(language).to_owned(), short);
        let mut told_of = format!("{} · {group} × {}", rule.in_words(language), sort.count);
        if !sort.names.is_empty() {
            let _ = write!(told_of, " · {}", sort.names.join(", "));
        }
        told += sort.count;
        lines.push((severity.0.in_words(language).to_owned(), told_of));
    }
    if total > told {
        lines.push((words::MORE.to(language).to_owned(), format!("× {}", total - told)));
    }
    Note {
        title: format!("Fileward: {} × {total}", words::OPEN.to(language)),
        lines,
        link: (link, words::LOOK.to(language).to_owned()),
    }
}

fn short(name: &str) -> String {
    let mut short: String = visible(name).chars().take(LONGEST_NAME).collect();
    if name.chars().nth(LONGEST_NAME).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{finding_row, named};
    use fileward_protocol::vocabulary::FindingState;

    fn told(rows: &[FindingRow], language: Language, with_file_names: bool) -> Note {
        note(rows.iter(), language, with_file_names, "https://c.example".to_owned())
    }

    #[test]
    fn a_digest_counts_by_severity_rule_and_group_and_names_nothing_else() {
        let mut rows: Vec<_> = (1..=3).map(|number| finding_row(number, FindingState::Open)).collect();
        rows[2].finding.severity = Severity::Critical;
        rows[2].group = None;
        let text = told(&rows, Language::En, false).text();
        assert_eq!(
            text,
            "Fileward: open findings × 3\n[critical] work file outside the store · no group × 1\n\
             [medium] work file outside the store · sales × 2\nSee them in the console: https://c.example"
        );
        let text = told(&rows, Language::ZhCn, false).text();
        assert!(text.contains("[中] 工作文件不在规定的存放处 · sales × 2"), "{text}");
        for secret in ["报价单", "PC-7", &rows[0].device.to_string()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn file_names_are_told_where_that_is_wanted_and_cannot_turn_the_text_round() {
        let text = told(&[named("a\u{202e}b.docx")], Language::En, true).text();
        assert!(text.contains(" × 1 · a\u{fffd}b.docx\n"), "{text}");
    }

    #[test]
    fn however_much_there_is_a_message_stays_short() {
        let rows: Vec<_> = (1..=500)
            .map(|number| {
                let mut row = finding_row(number, FindingState::Open);
                row.group = Some(format!("{number}{}", "长".repeat(500)));
                row
            })
            .collect();
        let note = told(&rows, Language::ZhCn, true);
        assert_eq!(note.lines.len(), LINES + 1);
        assert_eq!(note.lines[LINES], ("其他".to_owned(), "× 494".to_owned()));
        assert!(
            note.text().len() < 2048,
            "WeCom cuts what is longer: {}",
            note.text().len()
        );
    }
}

//! Tables: RFC 4180, UTF-8 with a byte order mark, without which Excel does not read Chinese.
//!
//! A spreadsheet takes some cells for formulas and runs them. A file's name is chosen by whoever sent the file.

use std::io::{self, Write};

use csv::{IntoInnerError, Terminator, Writer, WriterBuilder};
use fileward_protocol::report::File;
use jiff::Timestamp;

use super::{detections, file_name, words};
use crate::safe::visible;
use crate::store::devices::DeviceRow;
use crate::store::findings::FindingRow;

pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The columns of findings.
pub(crate) const FINDINGS: [&str; 24] = [
    "id",
    "device",
    "device_name",
    "group",
    "state",
    "severity",
    "rule",
    "also",
    "place",
    "app",
    "file_name",
    "file_kind",
    "file_family",
    "file_size",
    "encryption",
    "encryption_method",
    "sensitivity",
    "detections",
    "evidence",
    "first_seen_utc",
    "due_utc",
    "changed_utc",
    "resolution",
    "policy_version",
];

/// A table that is being written.
pub(super) struct Table<W: Write>(Writer<W>);

impl<W: Write> Table<W> {
    /// Writes the head.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut writer = writer(out);
        writer.write_record(FINDINGS)?;
        Ok(Self(writer))
    }

    /// Writes one row.
    pub(super) fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.0.write_record(finding(row).map(|text| cell(&text)))?;
        Ok(())
    }

    /// Writes what is still held back.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The head of a table that is made part by part.
///
/// # Errors
/// Only if memory is short.
pub(crate) fn head(columns: &[&str]) -> io::Result<Vec<u8>> {
    let mut writer = writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(columns)?;
    writer.into_inner().map_err(IntoInnerError::into_error)
}

/// Some lines of such a table.
///
/// # Errors
/// Only if memory is short.
pub(crate) fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> io::Result<Vec<u8>> {
    let mut writer = writer(Vec::new());
    for row in rows {
        writer.write_record(row.map(|text| cell(&text)))?;
    }
    writer.into_inner().map_err(IntoInnerError::into_error)
}

fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

/// The cells of a finding, in the order of [`FINDINGS`].
pub(crate) fn finding(row: &FindingRow) -> [String; FINDINGS.len()] {
    let finding = &row.finding;
    let of_file = |tell: fn(&File) -> String| finding.file.as_ref().map(tell).unwrap_or_default();
    [
        finding.id.to_string(),
        row.device.to_string(),
        row.device_name.clone(),
        row.group.clone().unwrap_or_default(),
        finding.state.to_string(),
        finding.severity.to_string(),
        finding.rule.to_string(),
        words(&finding.also),
        finding.place.kind.to_string(),
        finding.place.app.map(|app| app.to_string()).unwrap_or_default(),
        of_file(|file| file_name(file).unwrap_or_default()),
        of_file(|file| file.kind.to_string()),
        of_file(|file| file.family.to_string()),
        of_file(|file| file.size.to_string()),
        of_file(|file| file.encryption.state.to_string()),
        of_file(|file| {
            file.encryption
                .method
                .map(|method| method.to_string())
                .unwrap_or_default()
        }),
        of_file(|file| file.sensitivity.to_string()),
        of_file(|file| detections(&file.detections)),
        words(&finding.evidence),
        time(finding.first_seen),
        time(finding.due),
        time(row.changed_at),
        finding
            .resolution
            .map(|resolution| resolution.to_string())
            .unwrap_or_default(),
        finding.policy_version.to_string(),
    ]
}

/// The columns of devices.
pub(crate) const DEVICES: [&str; 11] = [
    "id",
    "name",
    "group",
    "binding",
    "vendor",
    "model",
    "os",
    "users",
    "agent_version",
    "last_seen_utc",
    "open_findings",
];

/// The cells of a device, in the order of [`DEVICES`].
pub(crate) fn device(row: &DeviceRow) -> [String; DEVICES.len()] {
    let print = &row.fingerprint;
    [
        row.id.to_string(),
        row.name.clone(),
        row.group.clone().unwrap_or_default(),
        row.binding.to_string(),
        print.vendor.clone().unwrap_or_default(),
        print.model.clone().unwrap_or_default(),
        format!("{} {}", print.os.name, print.os.version),
        print.users.join(" "),
        print.agent_version.clone(),
        time(row.last_seen),
        row.open_findings.to_string(),
    ]
}

/// A time as a spreadsheet takes it for one.
fn time(at: Timestamp) -> String {
    at.strftime("%F %T").to_string()
}

/// A cell that is text and nothing else, with hidden characters made visible.
pub(crate) fn cell(text: &str) -> String {
    let shown = visible(text);
    if begins_formula(text) || begins_formula(&shown) {
        format!("'{shown}")
    } else {
        shown
    }
}

/// The text of which [`cell`] made a cell.
pub(crate) fn text(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|rest| begins_formula(rest))
        .unwrap_or(cell)
}

/// What already begins with quotes counts, too, so that one can always be taken away again.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(starts_formula)
}

/// Whether a cell that begins so is taken for a formula: by OWASP's list, full-width forms among them, which programs
/// set to Chinese take for the plain ones.
fn starts_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{finding_row, named};
    use fileward_protocol::vocabulary::FindingState;
    use proptest::prelude::*;

    fn written(rows: &[FindingRow]) -> String {
        let mut out = Vec::new();
        let mut table = Table::begin(&mut out).unwrap();
        for row in rows {
            table.finding(row).unwrap();
        }
        table.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Reads a table back by the grammar of RFC 4180, with nothing of what wrote it.
    fn read(text: &str) -> Vec<Vec<String>> {
        let text = text.strip_prefix('\u{feff}').unwrap();
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
        let mut chars = text.chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            match (quoted, c) {
                (true, '"') if chars.next_if_eq(&'"').is_some() => cell.push('"'),
                (_, '"') => quoted = !quoted,
                (false, ',') => row.push(std::mem::take(&mut cell)),
                (false, '\r') => {
                    assert_eq!(chars.next(), Some('\n'), "a line ends with CRLF");
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                (_, c) => cell.push(c),
            }
        }
        assert!(!quoted && row.is_empty() && cell.is_empty(), "the last line ends, too");
        rows
    }

    fn column(name: &str) -> usize {
        FINDINGS.iter().position(|column| *column == name).unwrap()
    }

    #[test]
    fn a_table_of_nothing_has_its_head() {
        let rows = read(&written(&[]));
        assert_eq!(rows, [FINDINGS.map(str::to_owned).to_vec()]);
    }

    #[test]
    fn a_finding_is_one_row_that_excel_reads() {
        let text = written(&[finding_row(1, FindingState::Resolved)]);
        assert!(text.starts_with('\u{feff}'));
        let row = &read(&text)[1];
        let told = |name: &str| row[column(name)].as_str();
        assert_eq!(told("file_name"), "报价单 Q4.docx");
        assert_eq!(told("state"), "resolved");
        assert_eq!(told("resolution"), "moved_to_store");
        assert_eq!(told("detections"), "cn_mobile 7");
        assert_eq!(told("also"), "unfiled_account");
        assert_eq!(told("first_seen_utc"), "2026-09-21 14:13:20");
        assert_eq!(told("file_size"), "48213");
    }

    #[test]
    fn no_name_becomes_a_formula_or_hides_a_part_of_itself() {
        for (name, shown) in [
            (
                "=HYPERLINK(\"http://example.com\")",
                "'=HYPERLINK(\"http://example.com\")",
            ),
            ("+1.docx", "'+1.docx"),
            ("-1.docx", "'-1.docx"),
            ("@SUM(A1).docx", "'@SUM(A1).docx"),
            ("＝1.docx", "'＝1.docx"),
            ("'=1.docx", "''=1.docx"),
            ("\t=1", "'\u{fffd}=1"),
            ("\r\n=1", "'\u{fffd}\u{fffd}=1"),
            ("报价\u{202e}xcod.exe", "报价\u{fffd}xcod.exe"),
            ("a,b \"c\".docx", "a,b \"c\".docx"),
            ("'s.docx", "'s.docx"),
        ] {
            assert_eq!(cell(name), shown);
        }
    }

    #[test]
    fn a_hash_stands_where_the_policy_sends_no_name() {
        let mut row = finding_row(1, FindingState::Open);
        let file = row.finding.file.as_mut().unwrap();
        file.name = None;
        file.name_hash = Some(fileward_protocol::ids::KeyedHash([0xab; 32]));
        assert_eq!(read(&written(&[row]))[1][column("file_name")], "ab".repeat(32));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_none_is_a_formula(name in any::<String>(), group in "[=+@\\-'\",\\r\\n a＝]{0,6}") {
            let mut row = named(&name);
            row.device_name.clone_from(&name);
            row.group = Some(group.clone());
            let rows = read(&written(&[row]));
            prop_assert_eq!(rows[1].len(), FINDINGS.len());
            for (column_name, text) in [("device_name", &name), ("group", &group)] {
                let told = &rows[1][column(column_name)];
                prop_assert!(!told.starts_with(starts_formula));
                let was_defused = told.starts_with('\'') && told != &visible(text);
                let back = if was_defused { &told[1..] } else { told.as_str() };
                prop_assert_eq!(back, visible(text));
            }
        }
    }
}

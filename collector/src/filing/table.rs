//! A register as a table: CSV that a spreadsheet reads and writes, and that comes back as what it was.

use std::collections::HashMap;
use std::fmt;
use std::io;

use csv::{StringRecord, Terminator, Trim, WriterBuilder};
use fileward_policy::words::{Both, both};
use fileward_protocol::ids::CompanyKey;
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;

use super::{Draft, Field, size, time};
use crate::export::csv::{BYTE_ORDER_MARK, cell, text};
use crate::safe::visible;
use crate::store::filings::{FilingRow, Kind, NewFiling};

/// The most lines of one table.
const MOST: usize = 20_000;

/// What is told beside the filing itself, and passed over when it is read.
const TOLD: [&str; 3] = ["filed_utc", "filed_by", "application"];

/// What is wrong with a table, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadTable {
    line: u64,
    column: String,
    why: Both,
}

impl BadTable {
    /// The sentence in one language.
    pub(crate) fn in_words(&self, language: Language) -> String {
        let Self { line, column, why } = self;
        let column = visible(column);
        match (language, column.is_empty()) {
            (Language::ZhCn, false) => format!("第 {line} 行，“{column}”列：{}。", why.zh_cn),
            (Language::ZhCn, true) => format!("第 {line} 行：{}。", why.zh_cn),
            (Language::En, false) => format!("line {line}, column {column}: {}", why.en),
            (Language::En, true) => format!("line {line}: {}", why.en),
        }
    }
}

impl fmt::Display for BadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(Language::En))
    }
}

impl std::error::Error for BadTable {}

/// What a field's column is called.
const fn title(kind: Kind, field: Field) -> &'static str {
    match (kind, field) {
        (Kind::Account | Kind::Limit, Field::Name) => "account",
        (Kind::Exemption, Field::Name) => "pattern",
        (Kind::Group, Field::Name) => "group",
        (Kind::Group, Field::Note) => "purpose",
        (_, field) => field.as_str(),
    }
}

/// Writes a register.
pub(crate) fn write(kind: Kind, rows: &[FilingRow]) -> io::Result<Vec<u8>> {
    let mut out = BYTE_ORDER_MARK.to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut out);
    let titles = Field::of(kind).iter().map(|field| title(kind, *field));
    writer.write_record(titles.chain(TOLD))?;
    for row in rows {
        let draft = draft(row);
        let filing = Field::of(kind).iter().map(|field| draft.field(*field).to_owned());
        let told = [
            row.filed_at.strftime("%F %T").to_string(),
            row.filed_by.clone(),
            row.application.map(|number| number.to_string()).unwrap_or_default(),
        ];
        writer.write_record(filing.chain(told).map(|text| cell(&text)))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(out)
}

/// A filing as somebody would type it.
pub(crate) fn draft(row: &FilingRow) -> Draft {
    let matter = &row.matter;
    Draft {
        kind: matter.kind,
        app: matter.app.map(|app| app.to_string()).unwrap_or_default(),
        name: matter.name.clone(),
        size: matter.bytes.map(size::write).unwrap_or_default(),
        owner: row.owner.clone(),
        note: row.note.clone(),
        until: matter.until.map(time::write).unwrap_or_default(),
    }
}

/// Reads a table, whole or not at all.
///
/// # Errors
/// The first that is wrong.
pub(crate) fn read(kind: Kind, bytes: &[u8], key: &CompanyKey, now: Timestamp) -> Result<Vec<NewFiling>, BadTable> {
    let table = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        at(line as u64, "", NOT_UTF8)
    })?;
    // Excel writes this mark before its text.
    let table = table.strip_prefix('\u{feff}').unwrap_or(table);
    let mut reader = csv::ReaderBuilder::new().trim(Trim::All).from_reader(table.as_bytes());
    let columns = columns(kind, reader.headers().map_err(|error| broken(&error))?)?;
    let mut filings = Vec::new();
    let mut before = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut draft = Draft::new(kind);
        for (field, index) in &columns {
            draft.set(*field, text(record.get(*index).unwrap_or_default()));
        }
        let filing = draft
            .check(key, now)
            .map_err(|wrong| at(line, title(kind, wrong.field), wrong.why))?;
        let matter = &filing.matter;
        let name = matter.pseudonym.is_none().then(|| matter.name.clone());
        if before.insert((matter.app, matter.pseudonym, name), line).is_some() {
            return Err(at(line, title(kind, Field::Name), TWICE));
        }
        filings.push(filing);
        if filings.len() > MOST {
            return Err(at(line, "", TOO_MANY));
        }
    }
    if filings.is_empty() {
        return Err(at(1, "", EMPTY));
    }
    Ok(filings)
}

fn at(line: u64, column: &str, why: Both) -> BadTable {
    BadTable {
        line,
        column: column.chars().take(60).collect(),
        why,
    }
}

fn broken(error: &csv::Error) -> BadTable {
    at(error.position().map_or(1, csv::Position::line), "", RAGGED)
}

/// Where each field stands.
fn columns(kind: Kind, head: &StringRecord) -> Result<Vec<(Field, usize)>, BadTable> {
    let mut found: Vec<(Field, usize)> = Vec::new();
    for (index, name) in head.iter().enumerate() {
        let named = |field: &&Field| title(kind, **field).eq_ignore_ascii_case(name);
        match Field::of(kind).iter().find(named) {
            Some(field) if found.iter().any(|(known, _)| known == field) => return Err(at(1, name, TWICE)),
            Some(field) => found.push((*field, index)),
            None if TOLD.iter().any(|told| told.eq_ignore_ascii_case(name)) => {}
            None => return Err(at(1, name, UNKNOWN)),
        }
    }
    let is_there = |field: &Field| found.iter().any(|(known, _)| known == field);
    let missing = Field::of(kind)
        .iter()
        .find(|field| field.is_needed(kind) && !is_there(field));
    match missing {
        Some(field) => Err(at(1, title(kind, *field), NOT_THERE)),
        None => Ok(found),
    }
}

const NOT_UTF8: Both = both(
    "不是 UTF-8 编码；请另存为“CSV UTF-8”",
    "is not in UTF-8; save the file as CSV UTF-8",
);
const RAGGED: Both = both(
    "列数与表头不同，或引号不成对",
    "has another number of columns than the head, or a quote without its end",
);
const TWICE: Both = both("在此表中已出现过", "stands in this table already");
const UNKNOWN: Both = both("此登记簿没有这一列", "is no column of this register");
const NOT_THERE: Both = both("缺少这一列", "is missing");
const EMPTY: Both = both("表中没有内容", "there is nothing in the table");
const TOO_MANY: Both = both("行数太多", "there are too many lines");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn parse(kind: Kind, table: &str) -> Result<Vec<NewFiling>, BadTable> {
        read(kind, table.as_bytes(), &CompanyKey::new([7; 32]), now())
    }

    fn row(filing: NewFiling) -> FilingRow {
        FilingRow {
            id: 1,
            matter: filing.matter,
            owner: filing.owner,
            note: filing.note,
            filed_at: now(),
            filed_by: "user =cmd".to_owned(),
            application: Some(3),
        }
    }

    #[test]
    fn every_register_comes_back_as_it_was_written() {
        for (kind, table) in [
            (
                Kind::Account,
                "app,account,owner,note,until\nwechat,wxid_abc,员工乙,\"a, \"\"b\"\"\",2026-12-31\nqq,1,,,\n",
            ),
            (Kind::Limit, "account,app,size\nwxid_abc,微信,200MB\n"),
            (
                Kind::Exemption,
                "pattern,until\n展会,2026-12-31\n=a/*,2026-12-01T10:00:00Z\n",
            ),
            (
                Kind::Group,
                "group,app,owner,purpose,until\n供应商,wecom,员工乙,展会,2025-12-31\n",
            ),
        ] {
            let filings = parse(kind, table).unwrap();
            let rows: Vec<_> = filings.iter().cloned().map(row).collect();
            let written = String::from_utf8(write(kind, &rows).unwrap()).unwrap();
            assert!(
                written.starts_with('\u{feff}') && !written.contains(",=cmd"),
                "{written}"
            );
            assert_eq!(parse(kind, &written).unwrap(), filings, "{written}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        for (table, said) in [
            (
                "app,account\nwechat,a\nicloud,b\n",
                "line 3, column app: is no chat app",
            ),
            (
                "app,account\nwechat,a\nwechat, A\n",
                "line 3, column account: stands in this table already",
            ),
            ("app,account\nwechat\n", "line 2: has another number"),
            ("app,account,size\n", "line 1, column size: is no column"),
            ("app\nwechat\n", "line 1, column account: is missing"),
            ("app,app,account\n", "line 1, column app: stands"),
            ("app,account\n", "line 1: there is nothing"),
            ("", "line 1, column app: is missing"),
        ] {
            let bad = parse(Kind::Account, table).unwrap_err();
            assert!(bad.to_string().starts_with(said), "{table:?}: {bad}");
            assert!(bad.in_words(Language::ZhCn).starts_with("第 "));
        }
        let gbk = b"app,account\nwechat,\xb1\xb1\n";
        let bad = read(Kind::Account, gbk, &CompanyKey::new([7; 32]), now()).unwrap_err();
        assert!(bad.to_string().starts_with("line 2: is not in UTF-8"), "{bad}");
    }

    proptest! {
        #[test]
        fn any_name_comes_back_and_none_is_a_formula(name in "[=+@'\\-\",a＝ ]{1,8}", note in "\\PC{0,20}") {
            let mut draft = Draft::new(Kind::Account);
            draft.set(Field::App, "qq");
            draft.set(Field::Name, &name);
            draft.set(Field::Note, &note);
            let Ok(filing) = draft.check(&CompanyKey::new([7; 32]), now()) else { return Ok(()) };
            let written = String::from_utf8(write(Kind::Account, &[row(filing.clone())]).unwrap()).unwrap();
            prop_assert_eq!(parse(Kind::Account, &written).unwrap(), vec![filing]);
        }

        #[test]
        fn no_table_panics(table in "\\PC{0,80}") {
            let _ = parse(Kind::Account, &format!("app,account\n{table}"));
            let _ = parse(Kind::Group, &table);
        }
    }
}

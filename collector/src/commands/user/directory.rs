//! Reading the company's directory from a CSV file. Whatever is wrong is told with file, line and column.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::StringRecord;

use crate::safe::visible;
use crate::store::directory::Person;
use crate::store::people::{check_groups, check_name, folded};

/// The largest file, in bytes.
const LARGEST: u64 = 16 << 20;

/// The columns; the first two must be there.
const COLUMNS: [&str; 4] = ["name", "role", "groups", "disabled"];

/// Reads the people in a file.
pub(super) fn read(file: &Path) -> Result<Vec<Person>> {
    let size = std::fs::metadata(file)
        .with_context(|| format!("Failed to open {}", file.display()))?
        .len();
    if size > LARGEST {
        bail!("{} is larger than {} MB", file.display(), LARGEST >> 20);
    }
    let bytes = std::fs::read(file).with_context(|| format!("Failed to read {}", file.display()))?;
    parse(&bytes).with_context(|| format!("{} cannot be imported", file.display()))
}

fn parse(bytes: &[u8]) -> Result<Vec<Person>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        anyhow::anyhow!("line {line} is not in UTF-8; save the file as CSV UTF-8")
    })?;
    // Excel writes this mark before its text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = columns(reader.headers()?)?;
    let mut people = Vec::new();
    let mut lines = HashMap::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let person = person(&record, &columns)
            .map_err(|(column, why)| anyhow::anyhow!("line {line}, column {}: {why}", COLUMNS[column]))?;
        if let Some(before) = lines.insert(folded(&person.name), line) {
            bail!(
                "line {line}, column name: {} stands in line {before} already",
                person.name
            );
        }
        people.push(person);
    }
    if people.is_empty() {
        bail!("there is nobody in it");
    }
    Ok(people)
}

/// Where each of [`COLUMNS`] stands.
fn columns(head: &StringRecord) -> Result<[Option<usize>; 4]> {
    let mut found = [None; 4];
    for (index, title) in head.iter().enumerate() {
        let Some(column) = COLUMNS.iter().position(|name| title.eq_ignore_ascii_case(name)) else {
            bail!(
                "line 1, column {}: there is no column \"{}\", but {}",
                index + 1,
                visible(title),
                COLUMNS.join(", ")
            );
        };
        if found[column].replace(index).is_some() {
            bail!("line 1, column {}: {title} stands there twice", index + 1);
        }
    }
    for column in 0..2 {
        if found[column].is_none() {
            bail!("line 1: the column {} is missing", COLUMNS[column]);
        }
    }
    Ok(found)
}

/// Reads one line, or says which column is wrong and why.
fn person(record: &StringRecord, columns: &[Option<usize>; 4]) -> Result<Person, (usize, String)> {
    let field = |column: usize| columns[column].and_then(|index| record.get(index)).unwrap_or_default();
    let disabled = match field(3).to_ascii_lowercase().as_str() {
        "" | "no" | "false" | "0" | "否" => false,
        "yes" | "true" | "1" | "是" => true,
        other => return Err((3, format!("\"{}\" is neither yes nor no", visible(other)))),
    };
    Ok(Person {
        name: check_name(field(0)).map_err(|why| (0, why.to_string()))?,
        role: field(1).parse().map_err(|why| (1, format!("{why}")))?,
        groups: check_groups(field(2)).map_err(|why| (2, why.to_string()))?,
        disabled,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::people::Role;

    fn wrong(text: &str) -> String {
        format!("{:#}", parse(text.as_bytes()).unwrap_err())
    }

    #[test]
    fn columns_may_stand_in_any_order_and_the_optional_ones_may_be_missing() {
        let people =
            parse("\u{feff}role,groups,Name\r\nhead_of_department,sales; 研发；sales,员工乙\r\n".as_bytes()).unwrap();
        assert_eq!(people[0].name, "员工乙");
        assert_eq!(people[0].role, Role::HeadOfDepartment);
        assert_eq!(people[0].groups, ["sales", "研发"]);
        let people = parse("name,role,disabled\na,auditor,是\nb,auditor,\n".as_bytes()).unwrap();
        assert_eq!(
            people.iter().map(|person| person.disabled).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        for (text, part) in [
            ("name,role\na,auditor\nb,boss\n", "line 3, column role"),
            (
                "name,role\na,auditor\nA,auditor\n",
                "line 3, column name: A stands in line 2",
            ),
            ("name,role\n\u{202e}a,auditor\n", "line 2, column name"),
            ("name,role,disabled\na,auditor,maybe\n", "line 2, column disabled"),
            ("name,roles\na,auditor\n", "line 1, column 2"),
            ("name\na\n", "column role is missing"),
            ("name,name,role\na,b,auditor\n", "twice"),
            ("name,role\na\n", "line: 2"),
        ] {
            assert!(wrong(text).contains(part), "{text:?}: {}", wrong(text));
        }
        let gbk = b"name,role\n\xb1\xb1\xbe\xa9,auditor\n";
        assert!(format!("{:#}", parse(gbk).unwrap_err()).contains("line 2 is not in UTF-8"));
    }

    #[test]
    fn an_empty_file_is_an_error_and_not_a_company_without_people() {
        assert!(wrong("").contains("missing"));
        assert!(wrong("name,role\n").contains("nobody"));
    }
}

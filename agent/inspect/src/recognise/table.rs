//! Tables as text: rows of cells between separators, of which some may be quoted (RFC 4180).

use crate::kind::{self, Kind};

/// Rows that are looked at.
const ROWS: usize = 40;
/// The most lines that a quoted cell may have; with more the quote is a stray one.
const QUOTED_LINES: usize = 32;

/// The kind of a table; `None` when it is none.
pub(super) fn recognise(start: &str) -> Option<Kind> {
    if is_tabbed(start) {
        return Some(kind::TSV);
    }
    is_separated(start).then_some(kind::CSV)
}

pub(super) fn is_tabbed(start: &str) -> bool {
    let rows = rows(start, b'\t');
    // A form has a name and some values in each row.
    let is_row = |row: &Row<'_>| row.cells >= 2 && !row.text.starts_with('\t');
    let is_form = rows.len() >= 3 && rows.iter().all(is_row) && rows.iter().any(|row| row.cells >= 3);
    is_form || are_even(&rows)
}

pub(super) fn is_separated(start: &str) -> bool {
    [b',', b';', b'|']
        .iter()
        .any(|separator| are_even(&rows(start, *separator)))
}

#[derive(Debug)]
struct Row<'a> {
    text: &'a str,
    cells: usize,
    has_quoted: bool,
}

/// The first rows; remarks may stand before them. Most text has some separators nowhere.
fn rows(start: &str, separator: u8) -> Vec<Row<'_>> {
    if memchr::memchr(separator, start.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut rest = start;
    while rest.starts_with(['#', '\r', '\n']) {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    let mut rows = Vec::new();
    while rows.len() < ROWS && !rest.is_empty() {
        let (row, behind) = first_row(rest, separator);
        rows.push(row);
        rest = behind;
    }
    // The last one may be cut.
    if rows.len() > 3 {
        rows.pop();
    }
    rows
}

fn first_row(text: &str, separator: u8) -> (Row<'_>, &str) {
    let bytes = text.as_bytes();
    let (mut at, mut cells, mut has_quoted) = (0, 1, false);
    let mut is_new_cell = true;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\n' => break,
            b'"' if is_new_cell => {
                let behind = quoted_end(&bytes[at + 1..]);
                has_quoted |= behind.is_some();
                at += behind.unwrap_or_default();
                is_new_cell = false;
            }
            byte => {
                is_new_cell = byte == separator;
                cells += usize::from(is_new_cell);
            }
        }
        at += 1;
    }
    let row = Row {
        text: text[..at].trim_end_matches('\r'),
        cells,
        has_quoted,
    };
    (row, text.get(at + 1..).unwrap_or_default())
}

/// The bytes of a quoted cell up to behind the quotation mark that ends it.
fn quoted_end(bytes: &[u8]) -> Option<usize> {
    let mut lines = 0;
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => return Some(at + 1),
            b'\n' if lines == QUOTED_LINES => return None,
            b'\n' => lines += 1,
            _ => {}
        }
        at += 1;
    }
}

/// Whether rows have equally many cells, as far as rows of a table have.
fn are_even(rows: &[Row<'_>]) -> bool {
    let Some(columns) = rows.first().map(|row| row.cells).filter(|_| rows.len() >= 3) else {
        return false;
    };
    let equal = rows.iter().filter(|row| row.cells == columns).count();
    let is_widest = rows.iter().all(|row| row.cells <= columns);
    match columns {
        1 => false,
        2 => equal == rows.len() && are_pairs(rows),
        // Programs leave out the empty ends of rows.
        5.. if is_widest && equal * 2 >= rows.len() => true,
        _ => equal == rows.len() || rows.len() >= 10 && equal * 10 >= rows.len() * 9,
    }
}

/// Whether two columns are more than two halves of sentences.
fn are_pairs(rows: &[Row<'_>]) -> bool {
    let is_terse =
        |row: &Row<'_>| row.text.len() < 80 && !row.text.contains(", ") && !row.text.ends_with([';', '{', ',', '|']);
    let is_values = |row: &Row<'_>| !row.text.contains(' ');
    let quoted = rows.iter().filter(|row| row.has_quoted).count();
    rows.iter().all(is_terse) || rows.iter().all(is_values) || quoted * 2 >= rows.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_equal_columns() {
        for text in [
            "a,b,c\n1,2,3\n4,5,6\n",
            "名称;数量;价格\r\n示例;1;2\r\n样品;2;3\r\n其他;3;4\r\n",
            "姓名,电话\n甲,13800138000\n乙,13900139000\n",
            "# who: x\n# when, where: y\n\na,b,c\n1,2,3\n4,5,6\n",
        ] {
            assert_eq!(recognise(text), Some(kind::CSV), "{text}");
        }
        for text in [
            "First, we came.\nThen, we saw.\nAt last, we won.\nSo, we left.\n",
            "a,b,c\n1,2,3\n",
            "甲，乙，丙\n丁，戊，己\n庚，辛，壬\n",
            "int a, b;\nint c;\nint d, e, f;\n",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn quoted_cells_may_hold_separators_and_lines() {
        let text = "no,text\n1,\"one, and\nmore\"\n2,\"he said \"\"no\"\", twice\"\n3,\"three, four\"\n";
        assert_eq!(recognise(text), Some(kind::CSV));
        let stray = "a,b,c\n\"x,2,3\n4,5,6\n7,8,9\n";
        assert_eq!(recognise(stray), Some(kind::CSV));
    }

    #[test]
    fn between_tabs_rows_may_have_inches_and_forms_any_number_of_cells() {
        assert_eq!(recognise("size\tcount\n5\"\t3\n7\"\t4\n9\"\t1\n"), Some(kind::TSV));
        assert_eq!(recognise("姓名\t甲\n手机\t1\t3\t8\n邮编\t1\t0\n"), Some(kind::TSV));
        assert_eq!(recognise("start:\n\tmov\ta, b\n\tpush\tc\n\tret\n"), None);
    }
}

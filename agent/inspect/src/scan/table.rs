//! Heads of columns: in a table the label of a number may stand many rows above it.

use super::context::{Topic, labels};
use super::lines::{COLUMNS, separates};
use super::normal::CELL;
use crate::bytes::first;

/// Rows at the start of a table among which its head is.
const HEAD_ROWS: u32 = 6;
/// Lines without the table's separator that end it.
const OTHER_LINES: u32 = 3;
/// The longest head, in bytes.
const HEAD: usize = 1024;
/// The longest head with blanks between its columns.
const SPACED: usize = 150;
/// A cell of a head is a label and little else: bytes besides the label.
const MORE: usize = 18;

/// The table that lines are in.
#[derive(Debug, Default)]
pub(super) struct Table {
    separator: u8,
    rows: u32,
    others: u32,
    heads: [Option<Topic>; COLUMNS],
    known: usize,
    /// The column of names.
    names: Option<usize>,
    /// Separators of the line that a block begins within, up to there.
    before: usize,
}

impl Table {
    /// Takes a line, from its start as far as it is known.
    pub(super) fn line(&mut self, line: &str) {
        self.before = 0;
        if line.is_empty() {
            return;
        }
        let bytes = line.as_bytes();
        if self.separator != 0 && memchr::memchr(self.separator, bytes).is_some() {
            self.others = 0;
            self.rows = self.rows.saturating_add(1);
        } else if self.known > 0 && self.others < OTHER_LINES {
            self.others += 1;
        } else {
            *self = Self::default();
        }
        // Between columns that only blanks set apart a head may come after any prose; it is short, and in Chinese.
        let spaced = self.separator == b' ' && line.len() <= SPACED && !bytes[0].is_ascii();
        if line.len() <= HEAD && (self.rows < HEAD_ROWS || spaced) {
            self.head(line);
        }
    }

    /// Takes a line's labels, when it is a head.
    fn head(&mut self, line: &str) {
        let bytes = line.as_bytes();
        if first(bytes, separates).is_none() {
            return;
        }
        let Some(separator) = [CELL, b'|', b',', b';', b' ']
            .into_iter()
            .find(|own| memchr::memchr(*own, bytes).is_some())
        else {
            return;
        };
        if self.separator == 0 {
            self.separator = separator;
        }
        // Prose has blanks and commas too, but not in lines like these.
        if separator != CELL && line.len() > 300 {
            return;
        }
        let mut heads = [None; COLUMNS];
        let (mut column, mut counted, mut known, mut exact) = (0, 0, 0, false);
        for label in labels(line) {
            column += count(separator, &bytes[counted..label.start]);
            counted = label.start;
            let start = memchr::memrchr(separator, &bytes[..label.start]).map_or(0, |at| at + 1);
            let end = memchr::memchr(separator, &bytes[label.end..]).map_or(bytes.len(), |at| label.end + at);
            if end - start > label.end - label.start + MORE {
                continue;
            }
            let Some(head) = heads.get_mut(column) else { break };
            known += usize::from(head.is_none());
            exact |= end - start == label.end - label.start;
            *head = Some(label.topic);
        }
        // One label is enough where it is all of its cell, and no blank follows the commas as in prose.
        let csv = exact && separator != b' ' && memchr::memmem::find(bytes, &[separator, b' ']).is_none();
        let least = if separator == CELL || csv { 1 } else { 2 };
        let fits = known >= least && (known >= self.known || self.separator != separator);
        if fits && !bytes.windows(5).any(|run| run.iter().all(u8::is_ascii_digit)) {
            (self.heads, self.known, self.separator) = (heads, known, separator);
            (self.rows, self.others) = (1, 0);
            let is_name = |head: &Option<Topic>| matches!(head, Some(Topic::Name | Topic::Contact));
            self.names = heads.iter().position(is_name).filter(|_| separator != b' ');
        }
    }

    /// Whether the line is the head.
    pub(super) fn is_head(&self) -> bool {
        self.known > 0 && self.rows == 1 && self.others == 0
    }

    /// The cell of a row that stands below the head for names.
    pub(super) fn name<'a>(&self, line: &'a str) -> Option<&'a str> {
        let column = self.names.filter(|_| !self.is_head() && self.others == 0)?;
        line.split(char::from(self.separator)).nth(column)
    }

    /// What the head of the column says that begins after `line`, the line up to there.
    pub(super) fn head_of(&self, line: &[u8]) -> Option<Topic> {
        if self.known == 0 {
            return None;
        }
        let column = self.before + count(self.separator, line);
        *self.heads.get(column)?
    }

    /// Goes on with a line in the next block.
    pub(super) fn go_on(&mut self, line: &[u8]) {
        self.before += count(self.separator, line);
    }
}

fn count(separator: u8, bytes: &[u8]) -> usize {
    memchr::memchr_iter(separator, bytes).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(lines: &[&str], row: &str) -> Option<Topic> {
        let mut table = Table::default();
        for line in lines {
            table.line(line);
        }
        table.line(&row.replace('#', "13800138000"));
        table.head_of(row.split('#').next().unwrap().as_bytes())
    }

    #[test]
    fn a_column_has_the_label_above_it() {
        let head = "序号\t姓名\t手机\t订单号";
        assert_eq!(head_of(&[head], "1\t甲\t#\t2"), Some(Topic::Mobile));
        assert_eq!(
            head_of(&["某表", "", head, "", "1\t乙\t13900139000\t3"], "1\t甲\t2\t#"),
            Some(Topic::Other)
        );
        assert_eq!(head_of(&["姓名,手机,卡号"], "甲,,#"), Some(Topic::Card));
        assert_eq!(head_of(&["姓名 手机 卡号"], "甲 #"), Some(Topic::Mobile));
        assert_eq!(head_of(&["Who,Mobile,Room"], "Brian,#,3"), Some(Topic::Mobile));
        assert_eq!(head_of(&["who, mobile, room"], "Brian,#,3"), None);
        assert_eq!(head_of(&[head, "一", "二", "三", "四"], "1\t甲\t#"), None);
        assert_eq!(head_of(&["手机"], "#"), None);
    }

    #[test]
    fn names_stand_below_their_head() {
        let mut table = Table::default();
        for (line, name) in [
            ("No.\tName\tDepartment", None),
            ("1\tBrian Staff\tSales", Some("Brian Staff")),
            ("prose", None),
            ("2\tKaren Staff\tSales", Some("Karen Staff")),
        ] {
            table.line(line);
            assert_eq!(table.name(line), name, "{line}");
        }
    }

    #[test]
    fn a_row_is_no_head() {
        assert_eq!(
            head_of(&["姓名\t手机", "甲\t订单已经全部发货完毕请查收"], "乙\t#"),
            Some(Topic::Mobile)
        );
    }
}

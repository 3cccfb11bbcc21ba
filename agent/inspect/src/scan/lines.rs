//! Lines, their cells, and the runs of letters and digits in them.

use std::ops::Range;

use wide::u8x16;

use super::number::RUN;
use crate::bytes::{first, is, places, within};

/// Columns of a table that are told apart.
pub(super) const COLUMNS: usize = 24;

/// Calls `look` with each run of ASCII letters and digits that starts in `range` and has a digit, until the end of what it found.
/// Gives the end of the last that was found, or of the range.
pub(super) fn runs(text: &str, range: Range<usize>, mut look: impl FnMut(usize, usize) -> Option<usize>) -> usize {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count()
    };
    let inside = |at: usize| {
        at.checked_sub(1)
            .is_some_and(|before| bytes[before].is_ascii_alphanumeric())
    };
    // A run that starts before the range is not of it, and one that ends after it is.
    let mut at = if inside(range.start) {
        run(range.start)
    } else {
        range.start
    };
    let last = if inside(range.end) { run(range.end) } else { range.end };
    while at < last {
        let Some(ahead) = digit(&bytes[at..last]) else { break };
        let letters = bytes[at..at + ahead]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric());
        let start = at + ahead - letters.count();
        let end = run(at + ahead);
        at = if end - start <= RUN {
            look(start, end).map_or(end, |found| found.max(end))
        } else {
            end
        };
    }
    at.max(range.end)
}

/// Where the first digit is.
fn digit(bytes: &[u8]) -> Option<usize> {
    first(bytes, |bytes| within(bytes, b'0', b'9'))
}

/// The first cells of a line with their columns: between tabs, commas, bars, blanks. Two characters set apart are one cell.
pub(super) fn cells(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = line.as_bytes();
    let mut ends = places(bytes, separates).chain([bytes.len()]).peekable();
    let (mut start, mut column) = (0, 0);
    std::iter::from_fn(move || {
        let own = column;
        let mut end = ends.next().filter(|_| column < COLUMNS)?;
        if end - start == 3 && bytes.get(end) == Some(&b' ') {
            let is_second = |next: &usize| next - start == 7 && !line.is_char_boundary(next - 1);
            if let Some(next) = ends.next_if(is_second) {
                column += 1;
                end = next;
            }
        }
        column += 1;
        let cell = &line[start..end];
        start = end + 1;
        Some((own, cell))
    })
}

/// Whether these may stand between cells.
#[inline]
pub(super) fn separates(bytes: u8x16) -> u8x16 {
    let all = [b'\t', b',', b' ', b'|', b';'];
    all.iter().fold(u8x16::ZERO, |any, own| any | is(bytes, *own))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_are_whole_and_belong_to_where_they_start() {
        let text = "a1 中22b x 3";
        let all = |range| {
            let mut all = Vec::new();
            runs(text, range, |start, end| {
                all.push(&text[start..end]);
                None
            });
            all
        };
        assert_eq!(all(0..text.len()), ["a1", "22b", "3"]);
        assert_eq!(all(0..1), ["a1"]);
        assert_eq!(all(1..8), ["22b"]);
    }

    #[test]
    fn cells_keep_their_columns() {
        let all = |line| cells(line).collect::<Vec<_>>();
        assert_eq!(all("1,张三\t\t\"x\""), [(0, "1"), (1, "张三"), (2, ""), (3, "\"x\"")]);
        assert_eq!(all("张 三 李四"), [(0, "张 三"), (2, "李四")]);
        assert_eq!(all(""), [(0, "")]);
    }

    proptest! {
        #[test]
        fn the_first_digit_is_found(text in "[\\x00-\\x7f中\u{ff}]{0,40}") {
            prop_assert_eq!(digit(text.as_bytes()), text.bytes().position(|byte| byte.is_ascii_digit()));
        }
    }
}

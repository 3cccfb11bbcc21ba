//! Headers and footers of sheets: text with codes for fonts, places and page numbers.

use super::records::Records;
use super::strings::{self, Form, Length};
use crate::source::{Stop, u16_at};
use crate::text::{Gap, Text};

/// Where the strings begin in the record of headers and footers of even and first pages.
const MORE_START: usize = 38;

/// Headers and footers of even and first pages.
pub(super) fn more(records: &mut Records<'_, '_>) -> Result<Vec<String>, Stop> {
    let mut found = Vec::new();
    let mut at = MORE_START;
    for index in 0..4 {
        let count = usize::from(u16_at(&records.body, 30 + index * 2)?);
        if count == 0 {
            continue;
        }
        let is_wide = records.body.get(at + 2).is_some_and(|flags| flags & 1 != 0);
        found.push(strings::read(records, at, Length::Word, Form::Unicode)?);
        at += 3 + if is_wide { 2 * count } else { count };
    }
    Ok(found)
}

/// Takes the text of a header or footer without its codes.
pub(super) fn push(margin: &str, text: &mut Text) -> Result<(), Stop> {
    let mut rest = margin;
    while let Some((before, code)) = rest.split_once('&') {
        text.push(before)?;
        let mut chars = code.chars();
        rest = match chars.next() {
            Some('L' | 'C' | 'R' | 'l' | 'c' | 'r') => {
                text.gap(Gap::Cell);
                chars.as_str()
            }
            Some('&') => {
                text.push("&")?;
                chars.as_str()
            }
            // A font's name, a colour, a size: no text.
            Some('"') => chars.as_str().split_once('"').map_or("", |(_, rest)| rest),
            Some('K') => chars.as_str().get(6..).unwrap_or_default(),
            Some('0'..='9') => code.trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => chars.as_str(),
        };
    }
    text.push(rest)?;
    text.gap(Gap::Paragraph);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;

    #[test]
    fn codes_are_no_text() {
        let mut found = Found::for_tests();
        push("&L&\"宋体,Bold\"&12内部&C&K00FF00R&&D 第&P页&R2026", &mut found.text).unwrap();
        assert_eq!(found.text.captured, "\t内部\tR&D 第页\t2026\n");
    }
}

//! Showing text that somebody else chose: a file name can carry marks that turn it round or hide a part of it.

/// The text with control and direction characters made visible.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_turns_itself_round_is_shown_as_it_is() {
        assert_eq!(visible("报价\u{202e}xcod.exe"), "报价\u{fffd}xcod.exe");
        assert_eq!(visible("a\u{7}b\nc"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(visible("报价单（终稿）.docx"), "报价单（终稿）.docx");
    }
}

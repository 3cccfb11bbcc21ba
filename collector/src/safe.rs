//! Showing text that somebody else chose: a file name can carry marks that turn it round or hide a part of it.

/// Whether a character is not seen itself but changes how others are: controls, marks of direction and of width nothing,
/// ends of lines and paragraphs, tags.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with hidden characters made visible.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_turns_itself_round_is_shown_as_it_is() {
        assert_eq!(visible("报价\u{202e}xcod.exe"), "报价\u{fffd}xcod.exe");
        assert_eq!(visible("a\u{7}b\nc\u{2028}d"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(visible("报价单（终稿）.docx"), "报价单（终稿）.docx");
    }
}

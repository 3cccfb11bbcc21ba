//! Contents that are too long to be held: drawings, of which little is text. Only what matters for text is kept.

use std::io::Read;

use crate::pdf::content;
use crate::pdf::parser::{Failure, Parser, Token};
use crate::source::{self, Stop};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;
/// The longest operator with its operands; longer ones are left out.
const MAX_OPERATOR: usize = 2 << 20;

/// What draws lines, areas and colours.
const DRAWING: &[&[u8]] = &[
    b"m", b"l", b"c", b"v", b"y", b"h", b"re", b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"n", b"W",
    b"W*", b"w", b"J", b"j", b"M", b"d", b"ri", b"i", b"gs", b"g", b"G", b"rg", b"RG", b"k", b"K", b"cs", b"CS", b"sc",
    b"SC", b"scn", b"SCN", b"sh", b"MP", b"DP", b"BX", b"EX",
];

/// Reads contents to their end, leaving out what draws. The flag says whether there was more than `max` bytes of text.
pub(super) fn text_only(mut contents: impl Read, max: usize) -> Result<(Vec<u8>, bool), Stop> {
    let mut kept = Vec::new();
    let mut open = Vec::new();
    loop {
        let (chunk, has_more) = source::gather(&mut contents, CHUNK)?;
        open.extend(chunk);
        if !has_more {
            // The last word ends with the contents; a blank behind it shows that it is whole.
            open.push(b' ');
        }
        let done = take(&open, has_more, &mut kept);
        open.drain(..done);
        if open.len() > MAX_OPERATOR {
            open.clear();
        }
        if kept.len() > max {
            kept.truncate(max);
            return Ok((kept, true));
        }
        if !has_more {
            return Ok((kept, false));
        }
    }
}

/// Takes what is whole, and gives how much that is.
fn take(open: &[u8], has_more: bool, kept: &mut Vec<u8>) -> usize {
    let mut parser = Parser::new(open);
    let mut done = 0;
    loop {
        match parser.token() {
            Ok(Token::Operand(_)) => {}
            // It may go on behind the chunk.
            Ok(Token::Operator(_)) if has_more && parser.rest().is_empty() => return done,
            Ok(Token::Operator(b"BI")) => {
                if !content::skip_image(&mut parser) && has_more {
                    return done;
                }
                done = parser.position();
            }
            Ok(Token::Operator(word)) => {
                let end = parser.position();
                if !DRAWING.contains(&word) {
                    kept.extend(&open[done..end]);
                    kept.push(b' ');
                }
                done = end;
            }
            Err(Failure::Wrong) => parser.skip(1),
            Err(Failure::Cut) => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_kept_whatever_the_chunks() {
        let lines = "0 0 m 10.5 20 l S 1 g BI /W 1 ID \u{1}\u{2} EI ".repeat(20_000);
        let contents = format!("{lines}BT /F1 9 Tf (a m (b)) Tj ET\n{lines}/X Do {lines}[(c)] TJ");
        let (kept, is_cut) = text_only(contents.as_bytes(), 4 << 20).unwrap();
        let text = String::from_utf8(kept).unwrap();
        assert!(!is_cut && text.len() < 200);
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), "BT /F1 9 Tf (a m (b)) Tj ET /X Do [(c)] TJ");
    }

    #[test]
    fn an_operator_without_end_is_left_out() {
        let contents = [b"(".to_vec(), vec![b'x'; 3 << 20], b") Tj BT ET".to_vec()].concat();
        let (kept, is_cut) = text_only(contents.as_slice(), 4 << 20).unwrap();
        assert!(!is_cut && kept.len() < 1 << 20, "{}", kept.len());
    }
}

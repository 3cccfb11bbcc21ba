//! Files written as text the way `uuencode` does it (POSIX.1-2017): lines of a length and of four characters for three bytes,
//! between `begin` with a name and `end`.

use std::io::{self, BufRead, Read};

use crate::container::contents::Contents;
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop, Unpacking};

/// The longest first line that is taken for one.
const MAX_LINE: usize = 512;

/// Whether text begins with such a file: its first line, and a second one as long as it says.
pub(crate) fn is_begun(head: &[u8]) -> bool {
    let mut lines = head.splitn(3, |byte| *byte == b'\n');
    let is_named = lines.next().is_some_and(|line| name(line).is_some());
    is_named
        && lines
            .next()
            .is_some_and(|line| decoded(line.trim_ascii_end()).is_some())
}

/// Examines the file that is written in a source.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::UUENCODED;
    let (budget, len) = (source.budget(), source.len());
    let head = source.bytes(0, MAX_LINE)?;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = encoding::decode_unlabelled(name(first).ok_or(Stop::Damaged)?).into_owned();
    let start = first.len() as u64 + 1;
    let mut contents = Contents::new(found);
    contents.name(&name)?;
    budget.spend_entry()?;
    let lines = Decoder {
        written: source.section(start, len.saturating_sub(start)),
        line: Vec::new(),
        at: 0,
    };
    let result = contents.stream(&mut Unpacking::new(lines, budget), &name, budget);
    contents.finish();
    result
}

/// The name behind `begin` and the rights of the file in octal digits.
fn name(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let blank = rest.iter().position(|byte| *byte == b' ')?;
    let (rights, name) = rest.split_at(blank);
    let is_octal = matches!(rights.len(), 3 | 4) && rights.iter().all(|byte| (b'0'..=b'7').contains(byte));
    let name = name.trim_ascii();
    (is_octal && !name.is_empty() && line.len() < MAX_LINE).then_some(name)
}

/// The bytes of a line; `None` when it is none. Blanks at its end may be lost on the way.
fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    let six = |byte: u8| (b' '..=b'`').contains(&byte).then(|| byte.wrapping_sub(b' ') & 0x3F);
    let (first, rest) = line.split_first()?;
    let len = usize::from(six(*first)?);
    let fits = len > 0 && rest.len() <= len.div_ceil(3) * 4 + 1;
    let mut bytes = Vec::with_capacity(64);
    for group in 0..len.div_ceil(3) {
        let mut bits = 0;
        for place in group * 4..group * 4 + 4 {
            bits = bits << 6 | u32::from(six(rest.get(place).copied().unwrap_or(b' '))?);
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    bytes.truncate(len);
    (fits && !rest.is_empty()).then_some(bytes)
}

/// Decodes line after line, up to the first that holds nothing.
struct Decoder<R> {
    written: R,
    line: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            let mut line = Vec::new();
            self.written
                .by_ref()
                .take(MAX_LINE as u64)
                .read_until(b'\n', &mut line)?;
            self.line = decoded(line.trim_ascii_end()).unwrap_or_default();
            self.at = 0;
        }
        let rest = &self.line[self.at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    /// What `uuencode note.txt` of sharutils writes of `Cat` and of two lines.
    const WRITTEN: &str = "begin 644 note.txt\n#0V%T\n`\nend\n";

    #[test]
    fn a_file_is_read_from_its_lines() {
        let budget = Budget::new(&Limits::default(), Instant::now());
        for written in [WRITTEN.to_owned(), WRITTEN.replace('\n', "\r\n")] {
            assert!(is_begun(written.as_bytes()));
            let mut found = Found::for_tests();
            examine(&mut Source::of_memory(written.as_bytes(), &budget), &mut found).unwrap();
            let lines: Vec<_> = found.text.captured.split_whitespace().collect();
            assert_eq!(lines, ["note.txt", "Cat"]);
        }
    }

    #[test]
    fn text_that_begins_is_none() {
        for text in [
            "begin 644 words in a row\nand this is how they go on\n",
            "begin with this\n#0V%T\n",
            "begin 644 \n#0V%T\n",
            "begin 999 a\n#0V%T\n",
        ] {
            assert!(!is_begun(text.as_bytes()), "{text}");
        }
    }
}

//! Plain text of every kind, decoded piece by piece: a log of any size takes no more memory than a note.

use std::borrow::Cow;
use std::io::BufRead;

use encoding_rs::CoderResult;

use crate::bytes::{is, places};
use crate::encoding::{self, Encoding, Recoded};
use crate::escapes::Escapes;
use crate::found::Found;
use crate::html;
use crate::kind::{self, Kind};
use crate::office::odf;
use crate::source::{Budget, Source, Stop};
use crate::text::{Gap, Part, Text};
use crate::xml;

/// Bytes decoded at once.
pub(crate) const CHUNK: usize = 64 << 10;
/// No encoding gives more bytes of UTF-8 for a byte.
const GROWTH: usize = 3;

/// Reads the text of a source.
pub(crate) fn examine(source: &mut Source<'_>, kind: Kind, encoding: Encoding, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind;
    let budget = source.budget();
    let len = source.len();
    read(&mut source.section(0, len), kind, encoding, budget, found)
}

/// Reads text from a stream, whose first bytes were detected as `encoding`.
pub(crate) fn read(
    stream: &mut dyn BufRead,
    kind: Kind,
    encoding: Encoding,
    budget: &Budget,
    found: &mut Found,
) -> Result<(), Stop> {
    if let Encoding::Recoded(coding) = encoding {
        return read(&mut Recoded::new(stream, coding), kind, Encoding::Utf8, budget, found);
    }
    match kind {
        kind::HTML => return html::read(stream, None, found),
        kind::XML | kind::SVG | kind::DRAWIO | kind::EAGLE | kind::FREEMIND | kind::OPML | kind::POWER_DESIGNER => {
            return xml::read_file(stream, found);
        }
        kind::FODT | kind::FODS | kind::FODP | kind::FODG => return odf::read_part(stream, found),
        _ => {}
    }
    found.text.part(Part::Body);
    let is_table = kind == kind::CSV || kind == kind::TSV;
    let mut lines = Lines {
        text: &mut found.text,
        is_table,
        quoted: None,
        last: None,
    };
    let mut escapes = Escapes::default();
    let result = decode(stream, encoding, budget, &mut |text| {
        escapes.push(text, &mut |piece| lines.push(piece))
    });
    result.and(escapes.end(&mut |piece| lines.push(piece)))
}

/// Decodes a stream piece by piece.
pub(crate) fn decode(
    stream: &mut dyn BufRead,
    encoding: Encoding,
    budget: &Budget,
    take: &mut dyn FnMut(&str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    if let Encoding::Recoded(coding) = encoding {
        return decode(&mut Recoded::new(stream, coding), Encoding::Utf8, budget, take);
    }
    let mut decoding = Decoding::of(encoding);
    loop {
        budget.check_time()?;
        // What came before a stream broke is text too.
        let (input, end) = match stream.fill_buf() {
            Ok([]) => (&[][..], Some(Ok(()))),
            Ok(input) => (&input[..input.len().min(CHUNK)], None),
            Err(error) => (&[][..], Some(Err(error.into()))),
        };
        decoding.push(input, end.is_some(), take)?;
        if let Some(end) = end {
            return end;
        }
        let read = input.len();
        stream.consume(read);
    }
}

/// The decoder, as soon as there is something to decode.
enum Decoding {
    /// Nothing but ASCII so far: what follows may be in any encoding that has it.
    Open,
    /// UTF-8 without an error so far, which is text as it is; and the start of a character that the last bytes end within.
    Sound(Vec<u8>),
    By(encoding_rs::Decoder, String),
}

impl Decoding {
    fn of(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Utf8 => Self::Open,
            encoding => Self::by(encoding),
        }
    }

    fn by(encoding: Encoding) -> Self {
        Self::By(encoding.decoder(), String::with_capacity(CHUNK * GROWTH))
    }

    /// Decodes the next bytes, of which `is_end` says that they are the last.
    fn push(&mut self, input: &[u8], is_end: bool, take: &mut dyn FnMut(&str) -> Result<(), Stop>) -> Result<(), Stop> {
        match self {
            Self::Open if input.is_ascii() => take(simdutf8::basic::from_utf8(input).unwrap_or_default()),
            Self::Open => {
                *self = match first_wide(input, is_end) {
                    Encoding::Utf8 => Self::Sound(Vec::new()),
                    encoding => Self::by(encoding),
                };
                self.push(input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input), is_end, take)
            }
            Self::Sound(cut) => {
                let cut = std::mem::take(cut);
                let bytes = if cut.is_empty() {
                    Cow::Borrowed(input)
                } else {
                    Cow::Owned([&cut, input].concat())
                };
                let error = match simdutf8::compat::from_utf8(&bytes) {
                    Ok(text) => return take(text),
                    Err(error) => error,
                };
                let (sound, rest) = bytes.split_at(error.valid_up_to());
                take(simdutf8::basic::from_utf8(sound).unwrap_or_default())?;
                if error.error_len().is_none() && !is_end {
                    *self = Self::Sound(rest.to_vec());
                    return Ok(());
                }
                *self = Self::by(Encoding::Utf8);
                self.push(rest, is_end, take)
            }
            Self::By(decoder, output) => {
                let mut rest = input;
                loop {
                    output.clear();
                    let (result, read, _) = decoder.decode_to_string(rest, output, is_end);
                    take(output)?;
                    rest = rest.get(read..).unwrap_or_default();
                    if result == CoderResult::InputEmpty {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// The encoding of text that was ASCII up to here.
fn first_wide(input: &[u8], is_end: bool) -> Encoding {
    let start = input.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let wide = input.get(start..).unwrap_or_default();
    encoding::detect(wide, is_end).unwrap_or(Encoding::Utf8)
}

/// The most lines that a quoted cell of a table may have; with more the quote is a stray one.
const QUOTED_LINES: u32 = 32;

/// Text on its way, line by line.
struct Lines<'a> {
    text: &'a mut Text,
    /// Whether a line is a row.
    is_table: bool,
    /// Lines so far of a quoted cell that is open.
    quoted: Option<u32>,
    /// The line end that came last, with nothing behind it.
    last: Option<u8>,
}

impl Lines<'_> {
    fn push(&mut self, text: &str) -> Result<(), Stop> {
        let mut start = 0;
        for at in places(text.as_bytes(), |bytes| is(bytes, b'\n') | is(bytes, b'\r')) {
            self.push_piece(&text[start..at])?;
            self.end_line(text.as_bytes()[at]);
            start = at + 1;
        }
        self.push_piece(&text[start..])
    }

    fn push_piece(&mut self, piece: &str) -> Result<(), Stop> {
        if piece.is_empty() {
            return Ok(());
        }
        self.last = None;
        if self.is_table && memchr::memchr_iter(b'"', piece.as_bytes()).count() % 2 == 1 {
            self.quoted = if self.quoted.is_none() { Some(0) } else { None };
        }
        self.text.push(piece)
    }

    /// What the end of a line is: that of a row, unless the row goes on in a quoted cell.
    fn end(&mut self) -> Gap {
        self.quoted = self.quoted.map(|lines| lines + 1).filter(|lines| *lines < QUOTED_LINES);
        if self.is_table && self.quoted.is_none() {
            Gap::Paragraph
        } else {
            Gap::Line
        }
    }

    fn end_line(&mut self, end: u8) {
        match (self.last, end) {
            // One end in two bytes.
            (Some(b'\r'), b'\n') => {}
            (None, _) => {
                let gap = self.end();
                self.text.gap(gap);
            }
            // An empty line ends what stands before it.
            (Some(_), _) => self.text.gap(Gap::Paragraph),
        }
        self.last = Some(end);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use encoding_rs::{BIG5, GB18030};

    use super::*;
    use crate::{Hint, Limits};

    fn text_of(bytes: &[u8], extension: &str) -> String {
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        let hint = Hint {
            extension: Some(extension.to_owned()),
        };
        crate::examine(&mut Source::of_memory(bytes, &budget), &hint, &mut found).unwrap();
        assert!(found.text.is_read());
        found.text.captured
    }

    #[test]
    fn lines_end_in_every_way() {
        assert_eq!(text_of(b"a\r\nb\nc\rd", "txt"), "a\nb\nc\nd");
        assert_eq!(text_of("名,值\r\n甲,1\r\n".as_bytes(), "csv"), "名,值\n甲,1\n");
    }

    #[test]
    fn every_encoding_is_read_over_the_edges_of_chunks() {
        let line = "合同编号与身份证号码：11010519491231002X，请财务部门确认。";
        let traditional = "合約編號與身份證號碼：11010519491231002X，請財務部門確認。";
        let simplified = format!("{line}\n").repeat(3000);
        let taiwan = format!("{traditional}\n").repeat(3000);
        let wide: Vec<u8> = simplified.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, text) in [
            (simplified.clone().into_bytes(), &simplified),
            (GB18030.encode(&simplified).0.into_owned(), &simplified),
            (BIG5.encode(&taiwan).0.into_owned(), &taiwan),
            (wide.clone(), &simplified),
            (
                simplified.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
                &simplified,
            ),
            ([b"\xFF\xFE".to_vec(), wide].concat(), &simplified),
        ] {
            assert!(text_of(&bytes, "log") == *text);
        }
    }

    #[test]
    fn utf_8_goes_on_behind_an_error() {
        let line = "合同编号与身份证号码，请财务部门确认。\n";
        let text = line.repeat(4000);
        for at in [CHUNK + 10, 2 * CHUNK - 1, 2 * CHUNK, text.len() - 2] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = 0xFF;
            let marked = [b"\xEF\xBB\xBF", &bytes[..]].concat();
            for bytes in [bytes, marked] {
                let read = text_of(&bytes, "log");
                let expected = String::from_utf8_lossy(&bytes);
                assert!(read == expected.trim_start_matches('\u{FEFF}'), "an error at {at}");
            }
        }
    }

    #[test]
    fn what_follows_a_long_ascii_beginning_is_decoded_by_what_it_is() {
        let start = "2026-01-01 00:00:00 INFO nothing to see\n".repeat(4000);
        let end = "合同编号与身份证号码，请财务部门确认。\n";
        for end_bytes in [end.as_bytes().to_vec(), GB18030.encode(end).0.into_owned()] {
            let bytes = [start.as_bytes(), &end_bytes].concat();
            assert_eq!(text_of(&bytes, "log"), format!("{start}{end}"));
        }
    }
}

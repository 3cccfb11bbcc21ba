//! How mail writes bytes as text: base64 and quoted-printable.

use std::io::{self, Read};

use super::entity::Span;
use crate::source::{ReadAt, Source, Stop, WINDOW};

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    Plain,
    Base64,
    Quoted,
}

impl Transfer {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "base64" => Self::Base64,
            "quoted-printable" => Self::Quoted,
            _ => Self::Plain,
        }
    }

    /// A reader of what a body holds.
    pub(super) fn open<'s>(self, source: &'s mut Source<'_>, span: Span) -> Box<dyn Read + 's> {
        let written = source.section(span.start, span.len());
        match self {
            Self::Plain => Box::new(written),
            Self::Base64 => Box::new(Base64::new(written)),
            Self::Quoted => Box::new(Quoted::new(written)),
        }
    }
}

/// Bytes one by one, with a buffer.
struct Bytes<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize,
    /// Bytes taken since the beginning.
    taken: u64,
}

impl<R: Read> Bytes<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            at: 0,
            taken: 0,
        }
    }

    fn advance(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.buffer.len() {
            self.buffer.resize(4096, 0);
            let count = self.reader.read(&mut self.buffer)?;
            self.buffer.truncate(count);
            self.at = 0;
        }
        let byte = self.buffer.get(self.at).copied();
        if byte.is_some() {
            self.at += 1;
            self.taken += 1;
        }
        Ok(byte)
    }
}

/// Decodes base64. What is not of its alphabet is skipped, as mailers do.
pub(super) struct Base64<R> {
    bytes: Bytes<R>,
    bits: u32,
    count: u32,
}

impl<R: Read> Base64<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            bytes: Bytes::new(reader),
            bits: 0,
            count: 0,
        }
    }
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

impl<R: Read> Read for Base64<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let Some(byte) = self.bytes.advance()? else {
                break;
            };
            if byte == b'=' {
                // The end of one of several texts that were put together.
                (self.bits, self.count) = (0, 0);
            }
            let Some(value) = sextet(byte) else {
                continue;
            };
            self.bits = self.bits << 6 | u32::from(value);
            self.count += 6;
            if self.count >= 8 {
                self.count -= 8;
                buffer[done] = (self.bits >> self.count).to_le_bytes()[0];
                done += 1;
            }
        }
        Ok(done)
    }
}

/// Decodes quoted-printable.
struct Quoted<R> {
    bytes: Bytes<R>,
    /// Bytes that were looked at too early, last one first.
    ahead: Vec<u8>,
}

impl<R: Read> Quoted<R> {
    fn new(reader: R) -> Self {
        Self {
            bytes: Bytes::new(reader),
            ahead: Vec::new(),
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        match self.ahead.pop() {
            Some(byte) => Ok(Some(byte)),
            None => self.bytes.advance(),
        }
    }

    /// The byte that an escape stands for; `None` when it only breaks a line.
    fn escape(&mut self) -> io::Result<Option<u8>> {
        let mut byte = self.byte()?;
        // Blanks may have been added at the end of a line.
        while matches!(byte, Some(b' ' | b'\t')) {
            byte = self.byte()?;
        }
        let Some(first) = byte else {
            return Ok(None);
        };
        match first {
            b'\n' => return Ok(None),
            b'\r' => {
                let next = self.byte()?.filter(|byte| *byte != b'\n');
                self.ahead.extend(next);
                return Ok(None);
            }
            _ => {}
        }
        let second = self.byte()?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        if let (Some(high), Some(low)) = (digit(first), second.and_then(digit)) {
            return Ok(u8::try_from(high << 4 | low).ok());
        }
        self.ahead.extend(second);
        self.ahead.push(first);
        Ok(Some(b'='))
    }
}

impl<R: Read> Read for Quoted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let byte = match self.byte()? {
                Some(b'=') => self.escape()?,
                Some(byte) => Some(byte),
                None => break,
            };
            if let Some(byte) = byte {
                buffer[done] = byte;
                done += 1;
            }
        }
        Ok(done)
    }
}

/// A body in base64, read anywhere without being kept: every so many bytes it is known where they are written.
#[derive(Debug)]
pub(super) struct Base64At<'s, 'a> {
    source: &'s mut Source<'a>,
    span: Span,
    marks: Vec<Mark>,
    pub(super) len: u64,
}

/// The state of the decoder in front of a window of decoded bytes.
#[derive(Debug)]
struct Mark {
    taken: u64,
    bits: u32,
    count: u32,
}

impl<'s, 'a> Base64At<'s, 'a> {
    /// Decodes the whole once, to learn how long it is.
    pub(super) fn open(source: &'s mut Source<'a>, span: Span) -> Result<Self, Stop> {
        let budget = source.budget();
        let mut decoder = Base64::new(source.section(span.start, span.len()));
        let mut marks = Vec::new();
        let mut window = [0; WINDOW];
        let mut len = 0;
        loop {
            marks.push(Mark {
                taken: decoder.bytes.taken,
                bits: decoder.bits,
                count: decoder.count,
            });
            let count = decoder.read(&mut window)?;
            budget.spend_unpacked(count)?;
            len += count as u64;
            if count < WINDOW {
                break;
            }
        }
        Ok(Self {
            source,
            span,
            marks,
            len,
        })
    }
}

impl ReadAt for Base64At<'_, '_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let index = usize::try_from(offset / WINDOW as u64).unwrap_or(usize::MAX);
        let Some(mark) = self.marks.get(index) else {
            return Ok(0);
        };
        let written = self
            .source
            .section(self.span.start + mark.taken, self.span.len() - mark.taken);
        let mut decoder = Base64 {
            bytes: Bytes::new(written),
            bits: mark.bits,
            count: mark.count,
        };
        let skip = offset % WINDOW as u64;
        io::copy(&mut decoder.by_ref().take(skip), &mut io::sink())?;
        Ok(decoder.read(buffer)?)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Instant;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    #[test]
    fn quoted_printable_joins_lines_and_keeps_what_is_no_escape() {
        let written = b"a=CA=BE=\r\nb=  \nc = 1 =zz=3D=";
        let mut read = Vec::new();
        Quoted::new(&written[..]).read_to_end(&mut read).unwrap();
        assert_eq!(read, b"a\xCA\xBEbc =1 =zz=");
    }

    #[test]
    fn base64_is_read_anywhere_however_its_lines_are_cut() {
        let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut written = String::new();
        let text = STANDARD.encode(&content);
        let mut rest = text.as_str();
        for len in (1..90).cycle() {
            let (line, after) = rest.split_at(len.min(rest.len()));
            written.push_str(line);
            written.push_str(if len % 2 == 0 { "\r\n" } else { "\n" });
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut source = Source::of_memory(written.as_bytes(), &budget);
        let span = Span {
            start: 0,
            end: written.len() as u64,
        };
        let whole = RefCell::new(Base64At::open(&mut source, span).unwrap());
        let len = whole.borrow().len;
        assert_eq!(len, content.len() as u64);
        let mut inner = Source::of_part(&whole, len, &budget);
        for (offset, len) in [(399_000, 1000), (3, 20_000), (16_384, 5), (200_001, 40_000)] {
            let read = inner.exact(offset as u64, len).unwrap();
            assert_eq!(read, content[offset..offset + len], "at {offset}");
        }
    }
}

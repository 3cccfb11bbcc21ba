//! Bytes in any encoding as characters, a window at a time.

use std::io::Read;

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Dialect;
use crate::encoding;
use crate::source::Stop;

/// Bytes read at first, which tell the encoding, and at once behind them: decoders that unpack give much faster than little.
const FIRST_CHUNK: usize = 8 << 10;
const CHUNK: usize = 128 << 10;
/// Bytes in which a document says its encoding.
const HEAD: usize = 4096;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A reader whose bytes are decoded as the document itself says.
pub(super) struct Characters<R> {
    reader: R,
    dialect: Dialect,
    /// What the surroundings say of the encoding.
    label: Option<&'static Encoding>,
    decoding: Option<Decoding>,
    /// What was read, of which the bytes from `start` on are not decoded yet.
    chunk: Vec<u8>,
    start: usize,
    ended: bool,
    finished: bool,
    stop: Option<Stop>,
}

/// How bytes become characters.
enum Decoding {
    /// UTF-8 without an error so far, which is text as it is.
    Sound,
    By(Decoder),
}

impl Decoding {
    /// How the document that begins with `head` is decoded, and how many bytes of it are a mark.
    fn of(head: &[u8], dialect: Dialect, label: Option<&'static Encoding>) -> (Self, usize) {
        match sniff(head, dialect, label) {
            found if found == UTF_8 => (Self::Sound, if head.starts_with(MARK) { MARK.len() } else { 0 }),
            found => (Self::By(found.new_decoder_with_bom_removal()), 0),
        }
    }
}

impl<R: Read> Characters<R> {
    pub(super) fn new(reader: R, dialect: Dialect, label: Option<&'static Encoding>) -> Self {
        Self {
            reader,
            dialect,
            label,
            decoding: None,
            chunk: Vec::new(),
            start: 0,
            ended: false,
            finished: false,
            stop: None,
        }
    }

    /// Adds characters as far as the capacity of `window` goes; none only at the end. A stop comes after all that could be read.
    pub(super) fn fill(&mut self, window: &mut String) -> Result<(), Stop> {
        let before = window.len();
        // One character may take four bytes.
        while !self.finished && window.capacity() - window.len() >= 4 {
            if self.start == self.chunk.len() && !self.ended {
                self.load();
            }
            match &mut self.decoding {
                None => {
                    let (decoding, mark) = Decoding::of(&self.chunk, self.dialect, self.label);
                    self.decoding = Some(decoding);
                    self.start = mark;
                }
                Some(Decoding::Sound) => self.take_sound(window),
                Some(Decoding::By(decoder)) => {
                    let rest = &self.chunk[self.start..];
                    let (result, read, _) = decoder.decode_to_string(rest, window, self.ended);
                    self.start += read;
                    match result {
                        CoderResult::InputEmpty => self.finished = self.ended,
                        CoderResult::OutputFull => break,
                    }
                }
            }
        }
        match self.stop.take() {
            Some(stop) if window.len() == before => Err(stop),
            stop => {
                self.stop = stop;
                Ok(())
            }
        }
    }

    /// Adds what is UTF-8. From the first error on it is decoded.
    fn take_sound(&mut self, window: &mut String) {
        let rest = &self.chunk[self.start..];
        let bytes = &rest[..rest.len().min(window.capacity() - window.len())];
        let (text, error) = match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let sound = &bytes[..error.valid_up_to()];
                (simdutf8::basic::from_utf8(sound).unwrap_or_default(), Some(error))
            }
        };
        window.push_str(text);
        self.start += text.len();
        match error {
            None => self.finished = self.ended && self.start == self.chunk.len(),
            // There was room up to within a character.
            Some(error) if error.error_len().is_none() && bytes.len() < rest.len() => {}
            Some(error) if error.error_len().is_none() && !self.ended => self.load(),
            Some(_) => self.decoding = Some(Decoding::By(UTF_8.new_decoder_without_bom_handling())),
        }
    }

    /// Reads the next bytes.
    fn load(&mut self) {
        self.chunk.drain(..self.start);
        self.start = 0;
        let max = if self.decoding.is_none() { FIRST_CHUNK } else { CHUNK };
        let room = max - self.chunk.len();
        self.chunk.reserve_exact(room);
        match self.reader.by_ref().take(room as u64).read_to_end(&mut self.chunk) {
            Ok(count) => self.ended = count < room,
            Err(error) => {
                self.ended = true;
                self.stop = Some(error.into());
            }
        }
    }
}

/// The encoding of a document that begins with `head`.
fn sniff(head: &[u8], dialect: Dialect, label: Option<&'static Encoding>) -> &'static Encoding {
    if let Some((marked, _)) = Encoding::for_bom(head) {
        return marked;
    }
    match head {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let start = &head[..head.len().min(HEAD)];
    let said = match dialect {
        Dialect::Xml => start
            .starts_with(b"<?xml")
            .then(|| declared(start, b"encoding"))
            .flatten(),
        Dialect::Html => label.or_else(|| declared(start, b"charset")),
    };
    match said {
        // What reads as ASCII cannot be one of these.
        Some(said) if said == UTF_16LE || said == UTF_16BE => UTF_8,
        Some(said) => said,
        None => match encoding::detect(start, false) {
            Some(encoding::Encoding::Gb18030) => GB18030,
            Some(encoding::Encoding::Latin) => WINDOWS_1252,
            _ => UTF_8,
        },
    }
}

/// The encoding that stands behind `key` and an equals sign.
fn declared(start: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let lower = start.to_ascii_lowercase();
    memchr::memmem::find_iter(&lower, key).find_map(|at| {
        let value = lower[at + key.len()..].trim_ascii_start().strip_prefix(b"=")?;
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        let end = value.iter().position(|byte| b"\"'?>;/ \r\n\t".contains(byte))?;
        Encoding::for_label(&value[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::Slowly;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn utf_8_comes_as_it_is_and_damage_shows(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "a".as_bytes(), "密".as_bytes(), "é".as_bytes(), "𠀀".as_bytes(), b"\xE5", b"\xE5\xAF", b"\xF0\xA0\x80", b"\x80", b"\xFF", MARK,
            ]), 0..40),
            filled in 0..2_usize,
            step in 1..9000_usize,
            room in 4..64_usize,
        ) {
            let declaration: &[u8] = b"<?xml version='1.0' encoding='utf-8'?>";
            // Long enough for the end of what is read at once to fall somewhere in the pieces.
            let long = "文".repeat(filled * (FIRST_CHUNK / 3 - 30));
            let document = [declaration, long.as_bytes(), &pieces.concat()].concat();
            let mut characters = Characters::new(Slowly(&document, step), Dialect::Xml, None);
            let mut text = String::new();
            loop {
                let mut window = String::with_capacity(room);
                characters.fill(&mut window).unwrap();
                if window.is_empty() {
                    break;
                }
                text.push_str(&window);
            }
            prop_assert_eq!(text, UTF_8.decode_without_bom_handling(&document).0);
        }
    }
}

//! Bytes in any encoding as characters, a window at a time.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Dialect;
use crate::encoding;
use crate::source::Stop;

/// Bytes read at once, of a document that turns out to be longer than the first of them: decoders that unpack give much at
/// once faster than little.
const FIRST_CHUNK: usize = 8 << 10;
const CHUNK: usize = 128 << 10;
/// Bytes in which a document says its encoding.
const HEAD: usize = 4096;

/// A reader whose bytes are decoded as the document itself says.
pub(super) struct Characters<R> {
    reader: R,
    dialect: Dialect,
    /// What the surroundings say of the encoding.
    label: Option<&'static Encoding>,
    decoder: Option<Decoder>,
    /// What was read, of which the bytes from `start` to `end` are not decoded yet.
    chunk: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    finished: bool,
    stop: Option<Stop>,
}

impl<R: Read> Characters<R> {
    pub(super) fn new(reader: R, dialect: Dialect, label: Option<&'static Encoding>) -> Self {
        Self {
            reader,
            dialect,
            label,
            decoder: None,
            chunk: vec![0; FIRST_CHUNK],
            start: 0,
            end: 0,
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
            if self.start == self.end && !self.ended {
                self.load();
            }
            let decoder = self.decoder.get_or_insert_with(|| {
                let found = sniff(&self.chunk[..self.end], self.dialect, self.label);
                found.new_decoder_with_bom_removal()
            });
            let (result, read, _) = decoder.decode_to_string(&self.chunk[self.start..self.end], window, self.ended);
            self.start += read;
            match result {
                CoderResult::InputEmpty => self.finished = self.ended,
                CoderResult::OutputFull => break,
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

    /// Reads the next bytes; the first time as many as are needed to know the encoding.
    fn load(&mut self) {
        if self.end == self.chunk.len() {
            self.chunk.resize(CHUNK, 0);
        }
        self.start = 0;
        self.end = 0;
        let wanted = if self.decoder.is_none() { HEAD } else { 1 };
        while self.end < wanted && !self.ended {
            match self.reader.read(&mut self.chunk[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.stop = Some(error.into());
                }
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

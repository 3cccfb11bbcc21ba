//! Encodings that the web does not have: UTF-32, and Chinese in seven bits as HZ (RFC 1843) and UTF-7 (RFC 2152) write it.

use std::io::{self, BufRead, Read};

use encoding_rs::GBK;

use crate::bytes::sextet;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Utf32Le,
    Utf32Be,
    Utf7,
    Hz,
}

/// Bytes read at once.
const CHUNK: usize = 4096;

/// A stream of text as UTF-8.
pub(crate) struct Recoded<R> {
    stream: R,
    coding: Coding,
    state: State,
    out: String,
    at: usize,
}

/// What of a character came already.
#[derive(Debug, Default)]
struct State {
    /// Whether characters are wide until a mark says otherwise; and whether that was just begun.
    is_wide: bool,
    is_begun: bool,
    /// Bits of a character or of half of one, and how many.
    bits: u32,
    count: u32,
    /// The first half of a pair.
    high: Option<u16>,
}

impl<R: Read> Recoded<R> {
    pub(crate) fn new(stream: R, coding: Coding) -> Self {
        Self {
            stream,
            coding,
            state: State::default(),
            out: String::new(),
            at: 0,
        }
    }
}

impl<R: Read> BufRead for Recoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            let mut bytes = [0; CHUNK];
            let count = self.stream.read(&mut bytes)?;
            if count == 0 {
                break;
            }
            for byte in &bytes[..count] {
                self.state.push(*byte, self.coding, &mut self.out);
            }
        }
        Ok(&self.out.as_bytes()[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.out.len().min(self.at + count);
    }
}

impl<R: Read> Read for Recoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Decodes a piece of text.
pub(super) fn decode(bytes: &[u8], coding: Coding) -> String {
    let (mut state, mut out) = (State::default(), String::new());
    for byte in bytes {
        state.push(*byte, coding, &mut out);
    }
    out
}

impl State {
    fn push(&mut self, byte: u8, coding: Coding, out: &mut String) {
        match coding {
            Coding::Utf32Le | Coding::Utf32Be => self.push_quarter(byte, coding == Coding::Utf32Be, out),
            Coding::Utf7 => self.push_shifted(byte, out),
            Coding::Hz => self.push_tilde(byte, out),
        }
    }

    fn push_quarter(&mut self, byte: u8, is_big: bool, out: &mut String) {
        let place = if is_big { 3 - self.count } else { self.count };
        self.bits |= u32::from(byte) << (place * 8);
        self.count += 1;
        if self.count == 4 {
            let c = char::from_u32(self.bits).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend(Some(c).filter(|c| *c != '\u{FEFF}'));
            (self.bits, self.count) = (0, 0);
        }
    }

    /// A plus sign begins UTF-16 in base64, which whatever is not base64 ends.
    fn push_shifted(&mut self, byte: u8, out: &mut String) {
        if !self.is_wide {
            if byte == b'+' {
                *self = Self {
                    is_wide: true,
                    is_begun: true,
                    ..Self::default()
                };
            } else {
                out.push(char::from(byte));
            }
            return;
        }
        let Some(value) = sextet(byte) else {
            self.is_wide = false;
            match byte {
                b'-' if self.is_begun => out.push('+'),
                b'-' => {}
                byte => out.push(char::from(byte)),
            }
            return;
        };
        self.is_begun = false;
        self.bits = self.bits << 6 | u32::from(value);
        self.count += 6;
        if self.count >= 16 {
            self.count -= 16;
            let [.., high, low] = (self.bits >> self.count).to_be_bytes();
            self.push_unit(u16::from_be_bytes([high, low]), out);
        }
    }

    fn push_unit(&mut self, unit: u16, out: &mut String) {
        let units = self.high.take().into_iter().chain([unit]);
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }

    /// A tilde and a brace begin GB 2312 without its high bits and end it; two tildes are one.
    fn push_tilde(&mut self, byte: u8, out: &mut String) {
        let Some(first) = u8::try_from(self.bits).ok().filter(|_| self.count > 0) else {
            if byte == b'~' || self.is_wide && (0x21..=0x77).contains(&byte) {
                (self.bits, self.count) = (byte.into(), 1);
            } else {
                // The end of a line is the end of what is wide.
                self.is_wide &= byte != b'\n';
                out.push(char::from(byte));
            }
            return;
        };
        self.count = 0;
        match (first, byte) {
            (b'~', b'{') => self.is_wide = true,
            (b'~', b'}') => self.is_wide = false,
            (b'~', b'~') => out.push('~'),
            (b'~', b'\n') => {}
            (b'~', byte) => out.extend(['~', char::from(byte)]),
            (first, second) => out.push_str(&GBK.decode_without_bom_handling(&[first | 0x80, second | 0x80]).0),
        }
    }
}

/// How text is written that has no byte above 127, if it is not ASCII: with marks between which there is Chinese.
pub(super) fn of_ascii(head: &[u8], is_writing: impl Fn(&str) -> bool) -> Option<Coding> {
    const ENOUGH: usize = 16 << 10;
    let head = &head[..head.len().min(ENOUGH)];
    let has_marks = memchr::memmem::find(head, b"~{").is_some();
    let is_hz = || {
        let text = decode(head, Coding::Hz);
        let (wide, marks) = (wide(&text), memchr::memmem::find_iter(head, b"~{").count());
        // Whatever stands between tildes and braces in a program is not common Chinese.
        wide.chars().count() >= marks * 2 && is_writing(&wide)
    };
    if has_marks && is_hz() {
        return Some(Coding::Hz);
    }
    let has_shifts =
        || memchr::memchr_iter(b'+', head).any(|at| matches!(head.get(at + 1), Some(b'T'..=b'n' | b'/' | b'I' | b'M')));
    let is_shifted = || {
        let text = decode(head, Coding::Utf7);
        let wide = wide(&text);
        wide.chars().count() >= 4 && is_writing(&wide)
    };
    (has_shifts() && is_shifted()).then_some(Coding::Utf7)
}

fn wide(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii()).collect()
}

/// UTF-32 by its mark, or without one by characters that are nothing but text.
pub(super) fn of_wide(head: &[u8]) -> Option<Coding> {
    const ENOUGH: usize = 1024;
    const FEWEST: usize = 8;
    match head {
        [0xFF, 0xFE, 0, 0, _, _, _, 0, ..] => return Some(Coding::Utf32Le),
        [0, 0, 0xFE, 0xFF, 0, ..] => return Some(Coding::Utf32Be),
        _ => {}
    }
    let (quarters, _) = head[..head.len().min(ENOUGH)].as_chunks::<4>();
    let is_text = |number: u32| matches!(number, 9 | 10 | 13 | 0x20..=0x7E | 0x2010..=0x2027 | 0x3000..=0x303F | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF);
    let all = |number: fn([u8; 4]) -> u32| quarters.len() >= FEWEST && quarters.iter().all(|own| is_text(number(*own)));
    match () {
        () if all(u32::from_le_bytes) => Some(Coding::Utf32Le),
        () if all(u32::from_be_bytes) => Some(Coding::Utf32Be),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "合同 12 份，勿外传。";
    /// As Python's codecs write it.
    const HZ: &[u8] = b"~{:OM,~} 12 ~{7]#,NpMb4+!#~}";
    const UTF_7: &[u8] = b"+VAhUDA 12 +Tv3/DFL/WRZPIDAC-";

    fn wide(to_bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
        TEXT.chars().flat_map(|c| to_bytes(c.into())).collect()
    }

    #[test]
    fn text_is_the_same_however_it_is_written_and_cut() {
        for (coding, bytes) in [
            (Coding::Hz, HZ.to_vec()),
            (Coding::Utf7, UTF_7.to_vec()),
            (Coding::Utf32Le, wide(u32::to_le_bytes)),
            (Coding::Utf32Be, wide(u32::to_be_bytes)),
        ] {
            assert_eq!(decode(&bytes, coding), TEXT, "{coding:?}");
            for at in 0..=bytes.len() {
                let (first, second) = bytes.split_at(at);
                let mut read = String::new();
                let result = Recoded::new(first.chain(second), coding).read_to_string(&mut read);
                assert_eq!((result.is_ok(), read.as_str()), (true, TEXT), "{coding:?} cut at {at}");
            }
        }
    }

    #[test]
    fn pairs_and_signs_themselves_are_read() {
        assert_eq!(decode(b"a~b+2D3eAA-+-c", Coding::Utf7), "a~b\u{1F600}+c");
        assert_eq!(decode(b"a~~b~{!!~}c", Coding::Hz), "a~b\u{3000}c");
    }

    #[test]
    fn utf_32_is_told_from_numbers() {
        assert_eq!(of_wide(&wide(u32::to_le_bytes)), Some(Coding::Utf32Le));
        assert_eq!(of_wide(&wide(u32::to_be_bytes)), Some(Coding::Utf32Be));
        assert_eq!(of_wide(&(0..64).flat_map(u32::to_le_bytes).collect::<Vec<_>>()), None);
    }
}

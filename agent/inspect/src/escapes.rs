//! Characters that text writes as `\u4E2D`: JSON (RFC 8259, 7), properties of Java, sources of many languages, logs.

use crate::source::Stop;

/// A character, or half of one: a backslash, a `u`, and four digits.
const LEN: usize = 6;

/// Writes the characters for their escapes in text that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Escapes {
    /// What the last piece ended with: the start of an escape that may go on.
    held: String,
}

/// What a backslash begins.
#[derive(Debug, PartialEq, Eq)]
enum Escape {
    /// A character, and the length of its escape.
    Of(char, usize),
    /// As far as it is known, it may be one.
    Cut,
    None,
}

impl Escapes {
    /// Takes a piece.
    pub(crate) fn push(&mut self, piece: &str, take: &mut dyn FnMut(&str) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut joined = std::mem::take(&mut self.held);
        let mut rest = piece;
        if !joined.is_empty() {
            joined.push_str(piece);
            rest = &joined;
        }
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            let (before, from) = rest.split_at(at);
            let len = match escape(from.as_bytes()) {
                Escape::Of(c, len) => {
                    take(before)?;
                    take(c.encode_utf8(&mut [0; 4]))?;
                    len
                }
                Escape::Cut => {
                    from.clone_into(&mut self.held);
                    return take(before);
                }
                Escape::None => {
                    take(&rest[..=at])?;
                    1
                }
            };
            rest = &from[len..];
        }
        take(rest)
    }

    /// Gives what was held back: nothing more follows.
    pub(crate) fn end(&mut self, take: &mut dyn FnMut(&str) -> Result<(), Stop>) -> Result<(), Stop> {
        match std::mem::take(&mut self.held) {
            held if held.is_empty() => Ok(()),
            held => take(&held),
        }
    }
}

fn escape(bytes: &[u8]) -> Escape {
    let half = |bytes: &[u8]| {
        let fits = |(at, byte): (usize, &u8)| match at {
            0 => *byte == b'\\',
            1 => *byte == b'u',
            _ => byte.is_ascii_hexdigit(),
        };
        let known = &bytes[..bytes.len().min(LEN)];
        match known.iter().enumerate().all(fits) {
            true if known.len() < LEN => Err(Escape::Cut),
            true => Ok(known[2..].iter().fold(0, |code, digit| code << 4 | hexadecimal(*digit))),
            false => Err(Escape::None),
        }
    };
    let pair = || {
        let high = half(bytes)?;
        if !(0xD800..0xDC00).contains(&high) {
            return Ok((u32::from(high), LEN));
        }
        let low = half(&bytes[LEN..])?;
        let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(Escape::None)?;
        Ok((0x10000 + (u32::from(high - 0xD800) << 10 | u32::from(low)), 2 * LEN))
    };
    match pair() {
        Ok((code, len)) => char::from_u32(code).map_or(Escape::None, |c| Escape::Of(c, len)),
        Err(other) => other,
    }
}

/// The value of a hexadecimal digit.
fn hexadecimal(digit: u8) -> u16 {
    u16::from(match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    })
}

/// Bytes of which some are written as a mark and two hexadecimal digits, as mail and references of the web do.
pub(crate) fn unescaped(bytes: &[u8], mark: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) if *byte == mark => {
                out.push(code);
                rest = &after[2..];
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(pieces: &[&str]) -> String {
        let mut text = String::new();
        let mut take = |piece: &str| {
            text.push_str(piece);
            Ok(())
        };
        let mut escapes = Escapes::default();
        for piece in pieces {
            escapes.push(piece, &mut take).unwrap();
        }
        escapes.end(&mut take).unwrap();
        text
    }

    #[test]
    fn escapes_become_characters_and_anything_else_stays() {
        for (text, expected) in [
            (r#""\u5f20\u4E09 A\ud83d\ude00""#, "\"张三 A😀\""),
            (r"C:\users\unit\u12", r"C:\users\unit\u12"),
            (r"\\u4e2d \n \ud83d! \udc00", r"\中 \n \ud83d! \udc00"),
            (r"\", r"\"),
        ] {
            assert_eq!(unescaped(&[text]), expected);
            // Wherever the text is cut.
            for at in 0..=text.len() {
                assert_eq!(unescaped(&[&text[..at], &text[at..]]), expected, "cut at {at}");
            }
        }
    }
}

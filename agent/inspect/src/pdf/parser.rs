//! Reading objects from bytes.

use crate::pdf::object::{Dictionary, Indirect, Object};

/// Arrays and dictionaries within each other; deeper ones are not read.
const MAX_DEPTH: u32 = 40;
/// Objects within one; larger ones are not read.
const MAX_OBJECTS: u32 = 250_000;

/// Why there is no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The bytes ended within it.
    Cut,
    /// These bytes are not one.
    Wrong,
}

/// Something that is written in PDF's syntax.
pub(super) trait Syntax: Sized {
    /// Reads one of them.
    fn read(parser: &mut Parser<'_>) -> Result<Self, Failure>;
}

impl Syntax for Object {
    fn read(parser: &mut Parser<'_>) -> Result<Self, Failure> {
        parser.left = MAX_OBJECTS;
        parser.nested(MAX_DEPTH)
    }
}

impl Syntax for Dictionary {
    fn read(parser: &mut Parser<'_>) -> Result<Self, Failure> {
        match Object::read(parser)? {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(Failure::Wrong),
        }
    }
}

impl Syntax for Indirect {
    /// Reads `number generation obj …`.
    fn read(parser: &mut Parser<'_>) -> Result<Self, Failure> {
        let number = parser.unsigned()?;
        let generation = parser.unsigned()?;
        parser.keyword(b"obj")?;
        let object = Object::read(parser)?;
        let stream = match (&object, parser.keyword(b"stream")) {
            (Object::Dictionary(_), Ok(())) => Some(parser.after_stream()),
            (Object::Dictionary(_), Err(Failure::Cut)) => return Err(Failure::Cut),
            _ => None,
        };
        Ok(Self {
            number,
            generation,
            object,
            stream,
        })
    }
}

/// What a content stream is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Operand(Object),
    Operator(&'a [u8]),
}

/// Reads objects from bytes.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Objects that may still be read within this one.
    left: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            left: MAX_OBJECTS,
        }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Reads an unsigned number.
    pub(super) fn unsigned<T: TryFrom<i64>>(&mut self) -> Result<T, Failure> {
        match self.token_number()? {
            Object::Integer(value) => T::try_from(value).map_err(|_| Failure::Wrong),
            _ => Err(Failure::Wrong),
        }
    }

    /// Reads an unsigned number that may end with the bytes.
    pub(super) fn unsigned_at_end(&mut self) -> Result<usize, Failure> {
        self.skip_blanks();
        let rest = self.rest();
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..len])
            .ok()
            .and_then(|digits| digits.parse().ok());
        self.at += len;
        number.ok_or(Failure::Wrong)
    }

    /// Reads this word, and nothing if another one stands there.
    pub(super) fn keyword(&mut self, word: &[u8]) -> Result<(), Failure> {
        self.skip_blanks();
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(())
        } else if word.starts_with(rest) {
            Err(Failure::Cut)
        } else {
            Err(Failure::Wrong)
        }
    }

    /// Reads what comes next in a content stream, where nothing is referred to.
    pub(super) fn token(&mut self) -> Result<Token<'a>, Failure> {
        self.skip_blanks();
        match self.peek(0)? {
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.token_number().map(Token::Operand),
            b'/' | b'(' | b'<' | b'[' => Object::read(self).map(Token::Operand),
            byte if is_regular(byte) => Ok(self.word()),
            _ => Err(Failure::Wrong),
        }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Goes over bytes that are not in this syntax.
    pub(super) fn skip(&mut self, len: usize) {
        self.at = self.bytes.len().min(self.at.saturating_add(len));
    }

    fn word(&mut self) -> Token<'a> {
        let rest = self.rest();
        let len = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.at += len;
        match &rest[..len] {
            b"true" => Token::Operand(Object::Bool(true)),
            b"false" => Token::Operand(Object::Bool(false)),
            b"null" => Token::Operand(Object::Null),
            word => Token::Operator(word),
        }
    }

    fn nested(&mut self, depth: u32) -> Result<Object, Failure> {
        let depth = depth.checked_sub(1).ok_or(Failure::Wrong)?;
        self.left = self.left.checked_sub(1).ok_or(Failure::Wrong)?;
        self.skip_blanks();
        match self.peek(0)? {
            b'/' => self.token_name().map(Object::Name),
            b'(' => self.literal().map(Object::Text),
            b'<' if self.peek(1)? == b'<' => self.dictionary(depth).map(Object::Dictionary),
            b'<' => self.hexadecimal().map(Object::Text),
            b'[' => self.array(depth),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_reference(),
            _ => self.constant(),
        }
    }

    fn peek(&self, ahead: usize) -> Result<u8, Failure> {
        self.bytes.get(self.at + ahead).copied().ok_or(Failure::Cut)
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'%' => {
                    let rest = &self.bytes[self.at..];
                    self.at += memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                }
                byte if is_blank(*byte) => self.at += 1,
                _ => return,
            }
        }
    }

    fn after_stream(&self) -> usize {
        match self.bytes.get(self.at..) {
            Some([b'\r', b'\n', ..]) => self.at + 2,
            Some([b'\r' | b'\n', ..]) => self.at + 1,
            _ => self.at,
        }
    }

    fn constant(&mut self) -> Result<Object, Failure> {
        for (word, object) in [
            (&b"null"[..], Object::Null),
            (b"true", Object::Bool(true)),
            (b"false", Object::Bool(false)),
        ] {
            match self.keyword(word) {
                Ok(()) => return Ok(object),
                Err(Failure::Cut) => return Err(Failure::Cut),
                Err(Failure::Wrong) => {}
            }
        }
        Err(Failure::Wrong)
    }

    fn number_or_reference(&mut self) -> Result<Object, Failure> {
        let first = self.token_number()?;
        let after_first = self.at;
        if let Object::Integer(number) = first
            && let Ok(number) = u32::try_from(number)
            && self.peek(0).is_ok_and(is_blank)
        {
            match self.unsigned::<u16>().and_then(|_| self.keyword(b"R")) {
                Ok(()) if self.bytes.get(self.at).is_none_or(|byte| !is_regular(*byte)) => {
                    return Ok(Object::Reference(number));
                }
                Err(Failure::Cut) => return Err(Failure::Cut),
                _ => self.at = after_first,
            }
        }
        Ok(first)
    }

    fn token_number(&mut self) -> Result<Object, Failure> {
        self.skip_blanks();
        let rest = &self.bytes[self.at..];
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.');
        let len = rest.iter().position(|byte| !is_part(byte)).ok_or(Failure::Cut)?;
        let token = std::str::from_utf8(&rest[..len]).map_err(|_| Failure::Wrong)?;
        if token.is_empty() {
            return Err(Failure::Wrong);
        }
        self.at += len;
        Ok(match token.parse() {
            Ok(integer) => Object::Integer(integer),
            Err(_) => Object::Real(token.parse().unwrap_or_else(|_| lenient(token))),
        })
    }

    fn token_name(&mut self) -> Result<Vec<u8>, Failure> {
        self.at += 1;
        let mut name = Vec::new();
        loop {
            match self.peek(0)? {
                b'#' => {
                    let escaped = hex(self.peek(1)?).zip(hex(self.peek(2)?));
                    name.push(escaped.map_or(b'#', |(high, low)| high << 4 | low));
                    self.at += if escaped.is_some() { 3 } else { 1 };
                }
                byte if is_regular(byte) => {
                    name.push(byte);
                    self.at += 1;
                }
                _ => return Ok(name),
            }
        }
    }

    fn literal(&mut self) -> Result<Vec<u8>, Failure> {
        let mut text = Vec::new();
        let mut open = 0_u32;
        loop {
            let byte = self.peek(0)?;
            self.at += 1;
            match byte {
                b'(' => {
                    open += 1;
                    if open > 1 {
                        text.push(byte);
                    }
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(text);
                    }
                    text.push(byte);
                }
                b'\\' => self.escaped(&mut text)?,
                _ => text.push(byte),
            }
        }
    }

    fn escaped(&mut self, text: &mut Vec<u8>) -> Result<(), Failure> {
        let byte = self.peek(0)?;
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => self.at += usize::from(self.peek(0)? == b'\n'),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = byte - b'0';
                for _ in 0..2 {
                    let digit @ b'0'..=b'7' = self.peek(0)? else {
                        break;
                    };
                    value = value << 3 | (digit - b'0');
                    self.at += 1;
                }
                text.push(value);
            }
            _ => text.push(byte),
        }
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, Failure> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let end = memchr::memchr(b'>', rest).ok_or(Failure::Cut)?;
        self.at += end + 2;
        let digits = &rest[..end];
        // Nearly always it is nothing but pairs of digits.
        Ok(const_hex::decode(digits).unwrap_or_else(|_| spaced_pairs(digits)))
    }

    fn array(&mut self, depth: u32) -> Result<Object, Failure> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            if self.peek(0)? == b']' {
                self.at += 1;
                return Ok(Object::Array(items));
            }
            items.push(self.nested(depth)?);
        }
    }

    fn dictionary(&mut self, depth: u32) -> Result<Dictionary, Failure> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek(0)? {
                b'>' => {
                    self.keyword(b">>")?;
                    return Ok(Dictionary(entries));
                }
                b'/' => {
                    let name = self.token_name()?;
                    entries.push((name, self.nested(depth)?));
                }
                _ => return Err(Failure::Wrong),
            }
        }
    }
}

/// A number as far as it is one: programs write `1.2.3` and `--5`.
fn lenient(token: &str) -> f32 {
    let digits = token.trim_start_matches(['+', '-']);
    let end = digits.find(['+', '-']).unwrap_or(digits.len());
    let mut dots = digits[..end].match_indices('.').map(|(at, _)| at);
    let end = dots.nth(1).unwrap_or(end);
    let value = digits[..end].parse::<f32>().unwrap_or_default();
    if token.starts_with('-') { -value } else { value }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    let is_delimiter = matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    );
    !is_blank(byte) && !is_delimiter
}

/// Pairs of digits with blanks among them; a last digit stands before a zero.
pub(super) fn spaced_pairs(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().filter_map(|byte| hex(*byte)).collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default())
        .collect()
}

fn hex(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &[u8]) -> Result<Object, Failure> {
        Object::read(&mut Parser::new(text))
    }

    #[test]
    fn every_type_of_object_is_read() {
        let text = b"<</A 12 0 R/B[1 -2 3.5 true null]/C(a\\(b\\051\\\n(c))/D<48 65 6>/E#20F /x>> ";
        let Ok(Object::Dictionary(read)) = parse(text) else {
            panic!("a dictionary is expected");
        };
        assert_eq!(read.get("A"), Some(&Object::Reference(12)));
        let items = [
            Object::Integer(1),
            Object::Integer(-2),
            Object::Real(3.5),
            Object::Bool(true),
            Object::Null,
        ];
        assert_eq!(read.array("B"), Some(&items[..]));
        assert_eq!(read.text("C"), Some(&b"a(b)(c)"[..]));
        assert_eq!(read.text("D"), Some(&b"He\x60"[..]));
        assert_eq!(read.name("E F"), Some(&b"x"[..]));
    }

    #[test]
    fn an_object_with_a_stream_says_where_it_begins() {
        let text = b"7 0 obj\n<< /Length 3 >>\nstream\r\nabc\nendstream endobj";
        let read = Indirect::read(&mut Parser::new(text)).unwrap();
        assert_eq!((read.number, read.stream), (7, Some(32)));
    }

    #[test]
    fn an_object_that_is_cut_asks_for_more() {
        let text = b"<</A[(x)/Name 1 0 R]/B<41>>> ";
        for cut in 0..text.len() - 1 {
            assert_eq!(parse(&text[..cut]), Err(Failure::Cut), "cut at {cut}");
        }
        assert!(parse(text).is_ok());
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert_eq!(parse(&b"[".repeat(100_000)), Err(Failure::Wrong));
        let wide = [b"[".to_vec(), b"0 ".repeat(1_000_000), b"] ".to_vec()].concat();
        assert_eq!(parse(&wide), Err(Failure::Wrong));
    }

    proptest! {
        #[test]
        fn digits_are_read_alike_with_blanks_and_without(digits in "[0-9a-fA-F]{0,40}") {
            let bare = parse(format!("<{digits}> ").as_bytes());
            let spaced = parse(format!("<{digits} > ").as_bytes());
            prop_assert_eq!(&bare, &spaced);
            let values = digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(&format!("{:0<2}", std::str::from_utf8(pair).unwrap()), 16).unwrap());
            prop_assert_eq!(bare, Ok(Object::Text(values.collect())));
        }
    }
}

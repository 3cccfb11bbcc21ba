//! The tokens of RTF: braces, control words and symbols, bytes of text.

use std::io::Read;

use crate::source::{Budget, Stop};

const BUFFER: usize = 16 << 10;
/// The longest control word that is told from others.
const NAME: usize = 32;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    Word(Word),
    Symbol(u8),
    /// A byte of text, as it is or written in hexadecimal digits.
    Byte(u8),
    Hex(u8),
}

/// A control word with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    name: [u8; NAME],
    len: usize,
    pub(super) number: Option<i32>,
}

impl Word {
    pub(super) fn name(&self) -> &[u8] {
        &self.name[..self.len]
    }
}

/// Splits what a reader gives.
pub(super) struct Tokens<'b, R> {
    reader: R,
    budget: &'b Budget,
    buffer: Vec<u8>,
    at: usize,
}

impl<'b, R: Read> Tokens<'b, R> {
    pub(super) fn new(reader: R, budget: &'b Budget) -> Self {
        Self {
            reader,
            budget,
            buffer: Vec::new(),
            at: 0,
        }
    }

    /// The next token; `None` at the end.
    pub(super) fn advance(&mut self) -> Result<Option<Token>, Stop> {
        while let Some(byte) = self.byte()? {
            return Ok(Some(match byte {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\\' => return self.control().map(Some),
                // Line ends only keep lines short.
                b'\r' | b'\n' | 0 => continue,
                byte => Token::Byte(byte),
            }));
        }
        Ok(None)
    }

    /// Skips bytes that are no text.
    pub(super) fn skip(&mut self, mut count: usize) -> Result<(), Stop> {
        while count > 0 && self.peek()?.is_some() {
            let step = count.min(self.buffer.len() - self.at);
            self.at += step;
            count -= step;
        }
        Ok(())
    }

    fn control(&mut self) -> Result<Token, Stop> {
        let first = self.byte()?.ok_or(Stop::Damaged)?;
        match first {
            b'\'' => {
                let digits = [self.digit()?, self.digit()?];
                Ok(Token::Hex(digits[0] << 4 | digits[1]))
            }
            b'a'..=b'z' | b'A'..=b'Z' => self.word(first),
            symbol => Ok(Token::Symbol(symbol)),
        }
    }

    /// A hexadecimal digit; zero where there is none.
    fn digit(&mut self) -> Result<u8, Stop> {
        match self.peek()?.and_then(nibble) {
            Some(digit) => {
                self.at += 1;
                Ok(digit)
            }
            None => Ok(0),
        }
    }

    fn word(&mut self, first: u8) -> Result<Token, Stop> {
        let mut word = Word {
            name: [0; NAME],
            len: 1,
            number: None,
        };
        word.name[0] = first;
        while let Some(letter) = self.peek()?.filter(u8::is_ascii_alphabetic) {
            if let Some(slot) = word.name.get_mut(word.len) {
                *slot = letter;
                word.len += 1;
            }
            self.at += 1;
        }
        let is_negative = self.peek()? == Some(b'-');
        if is_negative {
            self.at += 1;
        }
        while let Some(digit) = self.peek()?.filter(u8::is_ascii_digit) {
            let number = word.number.unwrap_or(0).saturating_mul(10);
            word.number = Some(number.saturating_add(i32::from(digit - b'0')));
            self.at += 1;
        }
        if is_negative {
            word.number = word.number.map(|number| -number);
        }
        if self.peek()? == Some(b' ') {
            self.at += 1;
        }
        Ok(Token::Word(word))
    }

    fn byte(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if self.at >= self.buffer.len() {
            self.budget.check_time()?;
            self.buffer.resize(BUFFER, 0);
            let count = self.reader.read(&mut self.buffer)?;
            self.buffer.truncate(count);
            self.at = 0;
        }
        Ok(self.buffer.get(self.at).copied())
    }
}

/// The value of a hexadecimal digit.
pub(super) fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    #[test]
    fn words_end_at_one_blank_and_numbers_may_be_negative() {
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut tokens = Tokens::new(&b"{\\u-10179?\\par  x\\'c4\\~\r\n}"[..], &budget);
        let mut seen = Vec::new();
        while let Some(token) = tokens.advance().unwrap() {
            seen.push(match token {
                Token::Word(word) => format!("{} {:?}", word.name().escape_ascii(), word.number),
                token => format!("{token:?}"),
            });
        }
        let expected = [
            "Open",
            "u Some(-10179)",
            "Byte(63)",
            "par None",
            "Byte(32)",
            "Byte(120)",
            "Hex(196)",
            "Symbol(126)",
            "Close",
        ];
        assert_eq!(seen, expected);
    }
}

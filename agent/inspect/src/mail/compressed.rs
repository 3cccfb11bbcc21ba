//! Compressed RTF, as messages of Outlook carry it ([MS-OXRTFCP]).

use std::io::{self, Read};

use crate::source::{Stop, u32_at};

/// What the dictionary begins with: what most RTF is made of.
const START: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
    \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
    \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
const HEADER: usize = 16;
const COMPRESSED: u32 = 0x7546_5A4C;
const PLAIN: u32 = 0x414C_454D;

/// Unpacks what a reader gives.
pub(super) struct Unpacker<R> {
    reader: io::BufReader<R>,
    is_plain: bool,
    dictionary: Vec<u8>,
    at: usize,
    /// The bits of the run at hand, and how many are left.
    control: (u8, u32),
    /// Where the reference at hand goes on, and how many bytes are left of it.
    reference: (usize, usize),
    is_done: bool,
}

impl<R: Read> Unpacker<R> {
    pub(super) fn open(reader: R) -> Result<Self, Stop> {
        let mut reader = io::BufReader::new(reader);
        let mut header = [0; HEADER];
        reader.read_exact(&mut header)?;
        let is_plain = match u32_at(&header, 8)? {
            COMPRESSED => false,
            PLAIN => true,
            _ => return Err(Stop::Damaged),
        };
        let mut dictionary = START.to_vec();
        dictionary.resize(DICTIONARY, b' ');
        Ok(Self {
            reader,
            is_plain,
            dictionary,
            at: START.len(),
            control: (0, 0),
            reference: (0, 0),
            is_done: false,
        })
    }

    /// The next byte; `None` at the end.
    fn byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            let (from, left) = self.reference;
            if left > 0 {
                self.reference = (from + 1, left - 1);
                return Ok(Some(self.put(self.dictionary[from % DICTIONARY])));
            }
            if self.control.1 == 0 {
                self.control = (self.input()?, 8);
            }
            let is_reference = self.control.0 & 1 != 0;
            self.control = (self.control.0 >> 1, self.control.1 - 1);
            if !is_reference {
                let byte = self.input()?;
                return Ok(Some(self.put(byte)));
            }
            let word = u16::from_be_bytes([self.input()?, self.input()?]);
            let (from, len) = (usize::from(word >> 4), usize::from(word & 0xF) + 2);
            if from == self.at {
                return Ok(None);
            }
            self.reference = (from, len);
        }
    }

    fn put(&mut self, byte: u8) -> u8 {
        self.dictionary[self.at] = byte;
        self.at = (self.at + 1) % DICTIONARY;
        byte
    }

    fn input(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.reader.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

impl<R: Read> Read for Unpacker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_plain {
            return self.reader.read(buffer);
        }
        let mut done = 0;
        while done < buffer.len() && !self.is_done {
            match self.byte() {
                Ok(Some(byte)) => {
                    buffer[done] = byte;
                    done += 1;
                }
                Ok(None) => self.is_done = true,
                // What came before a break is text all the same.
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut unpacker = Unpacker::open(packed).unwrap();
        unpacker.read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn the_examples_of_the_specification_come_out() {
        let simple =
            b"\x2d\0\0\0\x2b\0\0\0\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\0\x0a\0\x72\x63\x70\x67\x31\x32\x35\x42\
            \x32\x0a\xf3\x20\x68\x65\x6c\x09\0\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";
        assert_eq!(unpacked(simple), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing =
            b"\x1a\0\0\0\x1c\0\0\0\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\0\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\
            \x01\x0e\xb0";
        assert_eq!(unpacked(crossing), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }
}

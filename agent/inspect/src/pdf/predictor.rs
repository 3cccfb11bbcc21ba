//! Undoing what makes the rows of tables and images easier to pack.

use std::io::{self, Read};

use crate::pdf::object::Dictionary;
use crate::source::Stop;

/// The longest row.
const MAX_ROW: usize = 1 << 20;

/// Rows in which each byte is the difference from a guess.
pub(super) struct Unpredicting<'a> {
    reader: Box<dyn Read + 'a>,
    /// The rows of PNG begin with the number of their guess; those of TIFF are all guessed alike.
    is_png: bool,
    pixel: usize,
    above: Vec<u8>,
    row: Vec<u8>,
    /// How much of the row was taken.
    taken: usize,
}

impl<'a> Unpredicting<'a> {
    /// Puts it around a reader whose parameters say that rows were predicted.
    pub(super) fn wrap(reader: Box<dyn Read + 'a>, parameters: &Dictionary) -> Result<Box<dyn Read + 'a>, Stop> {
        let is_png = match parameters.integer("Predictor") {
            Some(2) => false,
            Some(10..) => true,
            _ => return Ok(reader),
        };
        let columns = parameters.number::<usize>("Columns").unwrap_or(1);
        let colors = parameters.number::<usize>("Colors").unwrap_or(1);
        let bits = parameters.number::<usize>("BitsPerComponent").unwrap_or(8);
        let pixel_bits = colors.checked_mul(bits).ok_or(Stop::Damaged)?;
        let row = columns.checked_mul(pixel_bits).ok_or(Stop::Damaged)?.div_ceil(8);
        if row == 0 || row > MAX_ROW || !is_png && bits != 8 {
            return Err(Stop::Damaged);
        }
        Ok(Box::new(Self {
            reader,
            is_png,
            pixel: pixel_bits.div_ceil(8).max(1),
            above: vec![0; row],
            row: vec![0; row],
            taken: row,
        }))
    }

    /// Reads the next row; false at the end. A row that is cut is filled up with zeros.
    fn next_row(&mut self) -> io::Result<bool> {
        let mut method = [1];
        if self.is_png && fill(&mut self.reader, &mut method)? == 0 {
            return Ok(false);
        }
        std::mem::swap(&mut self.above, &mut self.row);
        self.row.fill(0);
        if fill(&mut self.reader, &mut self.row)? == 0 {
            return Ok(false);
        }
        self.undo(method[0]);
        self.taken = 0;
        Ok(true)
    }

    fn undo(&mut self, method: u8) {
        for index in 0..self.row.len() {
            let before = index.checked_sub(self.pixel);
            let left = before.map_or(0, |at| self.row[at]);
            let up = self.above[index];
            let guess = match method {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, before.map_or(0, |at| self.above[at])),
                _ => return,
            };
            self.row[index] = self.row[index].wrapping_add(guess);
        }
    }
}

impl Read for Unpredicting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.row.len() && !self.next_row()? {
            return Ok(0);
        }
        let rest = &self.row[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }
}

/// Reads until the buffer is full or the reader at its end.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match reader.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let distance = |value: i16| (a + b - c - value).abs();
    if distance(a) <= distance(b) && distance(a) <= distance(c) {
        left
    } else if distance(b) <= distance(c) {
        up
    } else {
        corner
    }
}

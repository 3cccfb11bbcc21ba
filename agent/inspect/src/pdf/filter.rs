//! What streams of a PDF are packed with.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::pdf::object::{Dictionary, Object};
use crate::source::{self, Budget, Stop};

/// The largest stream that is unpacked.
pub(super) const MAX_STREAM: usize = 8 << 20;

/// Undoes a stream's filters: none, or Flate with a predictor.
pub(super) fn undo(dictionary: &Dictionary, data: impl Read, budget: &Budget) -> Result<Vec<u8>, Stop> {
    let filter = match dictionary.get("Filter") {
        Some(Object::Array(filters)) if filters.len() > 1 => return Err(Stop::Damaged),
        Some(Object::Array(filters)) => filters.first(),
        filter => filter,
    };
    let bytes = match filter {
        None | Some(Object::Null) => source::unpack(data, MAX_STREAM, budget)?.0,
        Some(Object::Name(name)) if name == b"FlateDecode" || name == b"Fl" => {
            source::unpack(ZlibDecoder::new(data), MAX_STREAM, budget)?.0
        }
        Some(_) => return Err(Stop::Damaged),
    };
    let parameters = match dictionary.get("DecodeParms") {
        Some(Object::Array(parameters)) => parameters.first(),
        parameters => parameters,
    };
    match parameters {
        Some(Object::Dictionary(parameters)) if parameters.integer("Predictor").is_some_and(|value| value >= 10) => {
            let columns = parameters.number::<usize>("Columns").unwrap_or(1);
            let colors = parameters.number::<usize>("Colors").unwrap_or(1);
            let bits = parameters.number::<usize>("BitsPerComponent").unwrap_or(8);
            undo_predictor(&bytes, columns, colors, bits).ok_or(Stop::Damaged)
        }
        _ => Ok(bytes),
    }
}

/// Undoes the predictors of PNG: each row begins with the number of its own.
fn undo_predictor(bytes: &[u8], columns: usize, colors: usize, bits: usize) -> Option<Vec<u8>> {
    let pixel_bits = colors.checked_mul(bits)?;
    let row_len = columns.checked_mul(pixel_bits)?.div_ceil(8);
    let pixel = pixel_bits.div_ceil(8).max(1);
    if row_len == 0 || row_len > bytes.len() {
        return None;
    }
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut above = vec![0; row_len];
    for row in bytes.chunks(row_len + 1) {
        let (method, row) = row.split_first()?;
        let mut current = vec![0; row_len];
        for (index, byte) in row.iter().enumerate() {
            let left = index.checked_sub(pixel).map_or(0, |at| current[at]);
            let up = above[index];
            let corner = index.checked_sub(pixel).map_or(0, |at| above[at]);
            let guess = match method {
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            current[index] = byte.wrapping_add(guess);
        }
        out.extend(&current[..row.len()]);
        above = current;
    }
    Some(out)
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

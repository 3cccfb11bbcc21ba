//! What streams of a PDF are packed with.

use std::io::{BufRead, BufReader, Cursor, Read};

use flate2::bufread::DeflateDecoder;

use crate::pdf::object::Dictionary;
use crate::pdf::objects::MAX_STREAM;
use crate::pdf::parser::spaced_pairs;
use crate::pdf::predictor::Unpredicting;
use crate::source::{self, Budget, Stop, Unpacking};

/// One filter of a stream.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: Vec<u8>,
    pub(super) parameters: Dictionary,
}

/// Undoes a stream's filters, the outermost first. What comes out is paid for.
pub(super) fn undo<'a>(
    filters: &[Filter],
    data: Box<dyn BufRead + 'a>,
    budget: &'a Budget,
) -> Result<Box<dyn Read + 'a>, Stop> {
    let mut reader = data;
    for filter in filters {
        reader = match filter.name.as_slice() {
            b"FlateDecode" | b"Fl" => {
                let unpacked = Unpacking::new(inflating(reader)?, budget);
                buffered(Unpredicting::wrap(Box::new(unpacked), &filter.parameters)?)
            }
            b"LZWDecode" | b"LZW" => {
                let early = filter.parameters.integer("EarlyChange") != Some(0);
                let packed = source::gather(reader, MAX_STREAM)?.0;
                let unpacked = Unpacking::new(Lzw::new(packed, early), budget);
                buffered(Unpredicting::wrap(Box::new(unpacked), &filter.parameters)?)
            }
            b"ASCII85Decode" | b"A85" => decoded(reader, ascii_85, budget)?,
            b"ASCIIHexDecode" | b"AHx" => decoded(reader, ascii_hex, budget)?,
            b"RunLengthDecode" | b"RL" => decoded(reader, run_length, budget)?,
            b"Crypt" => reader,
            // What remains are images.
            _ => return Err(Stop::Damaged),
        };
    }
    if filters.is_empty() {
        return Ok(Box::new(Unpacking::new(reader, budget)));
    }
    Ok(reader)
}

/// What another filter may read. Who reads much at once reads past the buffer.
fn buffered<'a>(reader: Box<dyn Read + 'a>) -> Box<dyn BufRead + 'a> {
    Box::new(BufReader::new(reader))
}

/// Undoes Flate. Neither a header that is missing nor a checksum that is wrong keeps readers from it.
fn inflating<'a>(mut packed: Box<dyn BufRead + 'a>) -> Result<Box<dyn Read + 'a>, Stop> {
    const DEFLATE: u8 = 8;
    let (head, _) = source::gather(&mut packed, 2)?;
    Ok(match head.as_slice() {
        [] => packed,
        [method, _] if method & 0xF == DEFLATE => Box::new(DeflateDecoder::new(packed)),
        _ => Box::new(DeflateDecoder::new(Cursor::new(head).chain(packed))),
    })
}

fn decoded<'a>(
    reader: Box<dyn BufRead + 'a>,
    decode: fn(&[u8]) -> Vec<u8>,
    budget: &Budget,
) -> Result<Box<dyn BufRead + 'a>, Stop> {
    let (packed, _) = source::gather(reader, MAX_STREAM)?;
    let plain = decode(&packed);
    budget.spend_unpacked(plain.len())?;
    Ok(Box::new(Cursor::new(plain)))
}

/// Pairs of digits up to `>`.
fn ascii_hex(packed: &[u8]) -> Vec<u8> {
    let end = memchr::memchr(b'>', packed).unwrap_or(packed.len());
    spaced_pairs(&packed[..end])
}

/// Groups of five digits of base 85 up to `~>`; `z` is four zeros.
fn ascii_85(packed: &[u8]) -> Vec<u8> {
    let packed = packed.strip_prefix(b"<~").unwrap_or(packed);
    let mut out = Vec::with_capacity(packed.len() / 5 * 4);
    let mut group = Vec::with_capacity(5);
    for byte in packed {
        match byte {
            b'~' => break,
            _ if out.len() >= MAX_STREAM => break,
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 {
                    out.extend(base_85(&group));
                    group.clear();
                }
            }
            _ => {}
        }
    }
    if let Some(len) = group.len().checked_sub(1).filter(|len| *len > 0) {
        group.resize(5, 84);
        out.extend(&base_85(&group)[..len]);
    }
    out
}

fn base_85(group: &[u8]) -> [u8; 4] {
    let value = group.iter().fold(0_u32, |value, digit| {
        value.wrapping_mul(85).wrapping_add(u32::from(*digit))
    });
    value.to_be_bytes()
}

/// A length below 128 precedes bytes as they are, one above it a byte that is repeated; 128 ends.
fn run_length(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = packed;
    while let Some((length, after)) = rest.split_first() {
        let length = usize::from(*length);
        if length == 128 || out.len() >= MAX_STREAM {
            break;
        }
        rest = if length < 128 {
            let (own, after) = after.split_at(after.len().min(length + 1));
            out.extend(own);
            after
        } else {
            out.extend(after.iter().take(1).cycle().take(257 - length));
            after.get(1..).unwrap_or_default()
        };
    }
    out
}

/// LZW as TIFF has it, with the width of codes changing one code early or not.
struct Lzw {
    decoder: weezl::decode::Decoder,
    packed: Vec<u8>,
    at: usize,
}

impl Lzw {
    fn new(packed: Vec<u8>, early: bool) -> Self {
        let decoder = if early {
            weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
        } else {
            weezl::decode::Decoder::new(weezl::BitOrder::Msb, 8)
        };
        Self { decoder, packed, at: 0 }
    }
}

impl Read for Lzw {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let result = self.decoder.decode_bytes(&self.packed[self.at..], buffer);
            self.at += result.consumed_in;
            match result.status {
                Ok(weezl::LzwStatus::Ok) if result.consumed_out == 0 && result.consumed_in > 0 => {}
                Err(_) if result.consumed_out == 0 => return Err(std::io::ErrorKind::InvalidData.into()),
                _ => return Ok(result.consumed_out),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    fn undone(names: &[&str], data: &[u8], limits: &Limits) -> Result<Vec<u8>, Stop> {
        let filters: Vec<Filter> = names
            .iter()
            .map(|name| Filter {
                name: name.as_bytes().to_vec(),
                parameters: Dictionary::default(),
            })
            .collect();
        let budget = Budget::new(limits, Instant::now());
        Ok(source::gather(undo(&filters, Box::new(data), &budget)?, MAX_STREAM)?.0)
    }

    #[test]
    fn every_filter_gives_back_what_was_packed() {
        for (name, packed, plain) in [
            ("ASCIIHexDecode", &b"48 65 6C6c\n6F 2>x"[..], &b"Hello "[..]),
            ("A85", b"<~87cURD]i,\"Ebo80~>", b"Hello World!"),
            ("A85", b"z87cUR\nDZ~>", b"\0\0\0\0Hello"),
            ("RL", b"\x02abc\xFEx\x80y", b"abcxxx"),
            (
                "LZW",
                &[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01],
                b"-----A---B",
            ),
        ] {
            assert_eq!(
                undone(&[name], packed, &Limits::default()).as_deref(),
                Ok(plain),
                "{name}"
            );
        }
    }

    #[test]
    fn filters_are_undone_in_their_order() {
        let packed = b"80 0B 60 50 22 0C 0C 85 01>";
        let plain = undone(&["AHx", "LZWDecode"], packed, &Limits::default());
        assert_eq!(plain.as_deref(), Ok(&b"-----A---B"[..]));
    }

    #[test]
    fn flate_needs_neither_header_nor_checksum() {
        let plain = b"plain plain plain plain";
        let mut packed = Vec::new();
        let mut encoder = flate2::read::ZlibEncoder::new(&plain[..], flate2::Compression::best());
        encoder.read_to_end(&mut packed).unwrap();
        let end = packed.len() - 4;
        for packed in [&packed[..], &packed[2..], &packed[..end], &packed[2..end]] {
            let undone = undone(&["FlateDecode"], packed, &Limits::default());
            assert_eq!(undone.as_deref(), Ok(&plain[..]));
        }
    }

    #[test]
    fn each_stage_of_a_bomb_is_paid_for() {
        let mut inner = Vec::new();
        let mut zeros = flate2::read::ZlibEncoder::new(std::io::repeat(0).take(64 << 20), flate2::Compression::best());
        zeros.read_to_end(&mut inner).unwrap();
        let limits = Limits {
            unpacked: 1 << 20,
            ..Limits::default()
        };
        assert_eq!(undone(&["Fl", "AHx"], &inner, &limits), Err(Stop::TooLarge));
    }
}

//! One entry: where its content lies, and what unpacks it.

use std::io::{Read, Take};

use deflate64::Deflate64Decoder;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::LzmaReader;
use ppmd_rust::Ppmd8Decoder;

use super::{Entry, LOCAL_HEADER};
use crate::container::contents::Contents;
use crate::container::packed::{self, Packing};
use crate::source::{Budget, Held, Source, Stop, Unpacking, u16_at};

/// How an entry is packed (APPNOTE 4.4.5).
mod method {
    pub(super) const STORED: u16 = 0;
    pub(super) const DEFLATED: u16 = 8;
    pub(super) const DEFLATED_64: u16 = 9;
    pub(super) const BZIP2: u16 = 12;
    pub(super) const LZMA: u16 = 14;
    pub(super) const ZSTD_FIRST: u16 = 20;
    pub(super) const ZSTD: u16 = 93;
    pub(super) const XZ: u16 = 95;
    pub(super) const PPMD: u16 = 98;
}

/// What decoders of small windows take.
const SMALL_WINDOW: u64 = 256 << 10;

type Boxed<'s> = Box<dyn Read + 's>;

impl Entry {
    /// Examines what the entry holds.
    pub(super) fn examine(&self, source: &mut Source<'_>, contents: &mut Contents<'_>) -> Result<(), Stop> {
        let data = match self.data(source) {
            Ok(data) => data,
            Err(stop) => return contents.unread(stop),
        };
        if self.method == method::STORED {
            return contents.file(&mut source.part(data, self.compressed), &self.name);
        }
        let budget = source.budget();
        match open_entry(source, self) {
            Ok(mut stream) => contents.stream(&mut stream, &self.name, budget),
            Err(stop) => contents.unread(stop),
        }
    }

    /// Where its content begins.
    fn data(&self, source: &mut Source<'_>) -> Result<u64, Stop> {
        let header: [u8; LOCAL_HEADER] = source.array(self.header)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(Stop::Damaged);
        }
        let skip = u64::from(u16_at(&header, 26)?) + u64::from(u16_at(&header, 28)?);
        Ok(self.header.saturating_add(LOCAL_HEADER as u64 + skip))
    }
}

/// An entry's content, unpacked while it is read.
pub(crate) fn open_entry<'s>(source: &'s mut Source<'_>, entry: &Entry) -> Result<impl Read + use<'s>, Stop> {
    let data = entry.data(source)?;
    let budget = source.budget();
    let section = source.section(data, entry.compressed);
    let (decoder, held): (Boxed<'s>, Held<'s>) = match entry.method {
        method::STORED => (Box::new(section), budget.hold(0)?),
        method::DEFLATED => (Box::new(DeflateDecoder::new(section)), budget.hold(SMALL_WINDOW)?),
        method::DEFLATED_64 => (Box::new(Deflate64Decoder::new(section)), budget.hold(SMALL_WINDOW)?),
        method::BZIP2 => return packed::unpack(section, Packing::Bzip2, budget),
        method::ZSTD | method::ZSTD_FIRST => return packed::unpack(section, Packing::Zstd, budget),
        method::XZ => return packed::unpack(section, Packing::Xz, budget),
        method::LZMA => {
            let (decoder, held) = lzma(section, entry.size, budget)?;
            (Box::new(decoder), held)
        }
        method::PPMD => {
            let (decoder, held) = ppmd(section, entry.size, budget)?;
            (Box::new(decoder), held)
        }
        _ => return Err(Stop::Damaged),
    };
    Ok(Unpacking::holding(decoder, budget, held))
}

/// LZMA behind its version, the length of its properties, and these (APPNOTE 5.8.8).
fn lzma<R: Read>(mut stream: R, size: u64, budget: &Budget) -> Result<(LzmaReader<R>, Held<'_>), Stop> {
    let mut start = [0; 9];
    stream.read_exact(&mut start)?;
    let [_, _, 5, 0, properties, window @ ..] = start else {
        return Err(Stop::Damaged);
    };
    // No more than the entry comes out, so a larger window is never looked back into.
    let size_bound = u32::try_from(size).unwrap_or(u32::MAX);
    let window = u32::from_le_bytes(window).min(size_bound).max(4096);
    let held = budget.hold(window.into())?;
    let decoder = LzmaReader::new_with_props(stream, size, properties, window, None)?;
    Ok((decoder, held))
}

/// `PPMd` behind two bytes of order, memory and method (APPNOTE 5.10).
fn ppmd<R: Read>(mut stream: R, size: u64, budget: &Budget) -> Result<(Take<Ppmd8Decoder<R>>, Held<'_>), Stop> {
    let mut start = [0; 2];
    stream.read_exact(&mut start)?;
    let parameters = u16::from_le_bytes(start);
    let order = u32::from(parameters & 0xF) + 1;
    let window = (u32::from(parameters >> 4 & 0xFF) + 1) << 20;
    let held = budget.hold(window.into())?;
    let decoder = Ppmd8Decoder::new(stream, order, window, (parameters >> 12).into()).map_err(|_| Stop::Damaged)?;
    Ok((decoder.take(size), held))
}

//! Single files packed by themselves: gzip, bzip2, xz, its forerunner LZMA, lzip, zstd, LZ4. Most hold a tar archive.

mod lz4;
mod lzip;

use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::Hint;
use crate::container::contents::Contents;
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::source::{Budget, Source, Stop, Unpacking, u32_at, u64_at};

/// Bytes that decoders without a choice look back into, and their tables.
const SMALL_WINDOW: u64 = 4 << 20;
/// The largest window of zstd that is held: its highest level without the options for more.
const ZSTD_WINDOW: u64 = 8 << 20;
/// The largest blocks of LZ4, packed and unpacked, and what they look back into.
const LZ4_BLOCKS: u64 = 16 << 20;
/// The largest dictionary of xz that is held: its highest level.
const XZ_WINDOW: u64 = 64 << 20;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Lzip,
    Zstd,
    Lz4,
}

impl Packing {
    fn kind(self) -> Kind {
        match self {
            Self::Gzip => kind::GZIP,
            Self::Bzip2 => kind::BZIP2,
            Self::Xz => kind::XZ,
            Self::Lzma => kind::LZMA,
            Self::Lzip => kind::LZIP,
            Self::Zstd => kind::ZSTD,
            Self::Lz4 => kind::LZ4,
        }
    }
}

/// Examines what is packed in a source.
pub(crate) fn examine(source: &mut Source<'_>, packing: Packing, hint: &Hint, found: &mut Found) -> Result<(), Stop> {
    let budget = source.budget();
    let len = source.len();
    examine_stream(&mut source.section(0, len), packing, hint, budget, found)
}

/// Examines what is packed in a stream.
pub(crate) fn examine_stream(
    stream: &mut dyn Read,
    packing: Packing,
    hint: &Hint,
    budget: &Budget,
    found: &mut Found,
) -> Result<(), Stop> {
    found.kind = packing.kind();
    let mut contents = Contents::new(found);
    let result = unpack(stream, packing, budget).and_then(|mut decoder| {
        budget.spend_entry()?;
        contents.stream(&mut decoder, inner_name(hint), budget)
    });
    contents.finish();
    result
}

/// What the packed file was called, as far as its extension tells: `.tgz` holds a tar, `.svgz` a drawing.
fn inner_name(hint: &Hint) -> &'static str {
    match hint.extension.as_deref() {
        Some("svgz") => ".svg",
        _ => "",
    }
}

/// A decoder of the stream.
pub(crate) fn unpack<'s>(
    mut stream: impl Read + 's,
    packing: Packing,
    budget: &'s Budget,
) -> Result<Unpacking<'s, Box<dyn Read + 's>>, Stop> {
    let (decoder, held): (Box<dyn Read + 's>, _) = match packing {
        Packing::Gzip => (Box::new(MultiGzDecoder::new(stream)), budget.hold(SMALL_WINDOW)?),
        Packing::Bzip2 => (Box::new(MultiBzDecoder::new(stream)), budget.hold(SMALL_WINDOW)?),
        Packing::Zstd => (Box::new(ZstdReader::new(stream)), budget.hold(ZSTD_WINDOW)?),
        Packing::Lz4 => (Box::new(lz4::Lz4Reader::new(stream)), budget.hold(LZ4_BLOCKS)?),
        Packing::Lzip => {
            let mut start = [0; 6];
            stream.read_exact(&mut start)?;
            let window = lzip::window(start[5]).ok_or(Stop::Damaged)?;
            let held = budget.hold(window.into())?;
            let stream = io::Cursor::new(start).chain(stream);
            (Box::new(lzip::LzipReader::new(stream, window)), held)
        }
        Packing::Lzma => {
            let mut start = [0; 13];
            stream.read_exact(&mut start)?;
            let window = u32_at(&start, 1)?;
            let held = budget.hold(window.into())?;
            let decoder = LzmaReader::new_with_props(stream, u64_at(&start, 5)?, start[0], window, None)?;
            (Box::new(decoder), held)
        }
        Packing::Xz => {
            let mut start = Vec::new();
            stream.by_ref().take(64).read_to_end(&mut start)?;
            let window = xz_window(&start).unwrap_or(SMALL_WINDOW).min(XZ_WINDOW);
            let held = budget.hold(window)?;
            let limit = u32::try_from((window + SMALL_WINDOW) >> 10).unwrap_or(u32::MAX);
            let stream = io::Cursor::new(start).chain(stream);
            (Box::new(XzReader::new_mem_limit(stream, true, limit)), held)
        }
    };
    Ok(Unpacking::holding(decoder, budget, held))
}

/// The dictionary that the first block of an xz file asks for (section 3.1 of the xz file format): behind the stream's
/// header come the block's size, flags, optional sizes, and its filters, of which LZMA2 is the last.
fn xz_window(start: &[u8]) -> Option<u64> {
    const LZMA2: &[u8] = &[0x21, 1];
    let filters = start.get(14..)?;
    let at = memchr::memmem::find(filters, LZMA2)?;
    let bits = u32::from(*filters.get(at + 2)?);
    match bits {
        0..=39 => Some((2 | u64::from(bits & 1)) << (bits / 2 + 11)),
        _ => None,
    }
}

/// Frame after frame of zstd; frames to be skipped are.
struct ZstdReader<R> {
    stream: R,
    decoder: FrameDecoder,
    /// Whether a frame is open.
    is_open: bool,
}

impl<R: Read> ZstdReader<R> {
    fn new(stream: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        Self {
            stream,
            decoder,
            is_open: false,
        }
    }

    /// Opens the next frame; `false` at the end.
    fn open(&mut self) -> io::Result<bool> {
        loop {
            match self.decoder.reset(&mut self.stream) {
                Ok(()) => {
                    self.is_open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.stream.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::MagicNumberReadError(error)))
                    if error.kind() == io::ErrorKind::UnexpectedEof =>
                {
                    return Ok(false);
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(io::Error::other(Stop::TooLarge)),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

impl<R: Read> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;

        loop {
            if !self.is_open && !self.open()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.stream, UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.is_open = false;
        }
    }
}

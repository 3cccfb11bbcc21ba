//! What is packed as one, and the chain of coders that unpacks it.

use std::io::Read;

use bzip2::read::BzDecoder;
use deflate64::Deflate64Decoder;
use flate2::read::DeflateDecoder;
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader};
use ppmd_rust::Ppmd7Decoder;

use super::header::Packed;
use super::place;
use crate::container::packed::{self, Packing};
use crate::source::{Held, Source, Stop, Unpacking, u32_at};

const AES: &[u8] = &[0x06, 0xF1, 0x07, 0x01];
const COPY: &[u8] = &[0];
const DELTA: &[u8] = &[3];
const LZMA: &[u8] = &[3, 1, 1];
const LZMA2: &[u8] = &[0x21];
const BCJ2: &[u8] = &[3, 3, 1, 0x1B];
const PPMD: &[u8] = &[3, 4, 1];
const DEFLATE: &[u8] = &[4, 1, 8];
const DEFLATE_64: &[u8] = &[4, 1, 9];
const BZIP2: &[u8] = &[4, 2, 2];
/// As programs besides 7-Zip itself use it.
const ZSTD: &[u8] = &[4, 0xF7, 0x11, 1];

/// What decoders of small windows take.
const SMALL_WINDOW: u64 = 4 << 20;

type Boxed<'a> = Box<dyn Read + 'a>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) properties: Vec<u8>,
    /// The number of its first input among those of the folder.
    pub(super) first_input: u64,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Which output each input takes.
    pub(super) bonds: Vec<(u64, u64)>,
    /// The inputs that take bytes of the archive, in the order of these.
    pub(super) packed: Vec<u64>,
    /// The first of its packed streams among those of the archive.
    pub(super) first_packed: usize,
    /// The size of each output.
    pub(super) sizes: Vec<u64>,
}

impl Folder {
    pub(super) fn is_encrypted(&self) -> bool {
        self.coders.iter().any(|coder| coder.id == AES)
    }

    pub(super) fn outputs(&self) -> u64 {
        self.coders.iter().map(|coder| coder.outputs).sum()
    }

    /// The output that no other coder takes.
    fn main_output(&self) -> Option<u64> {
        (0..self.outputs()).find(|output| self.bonds.iter().all(|(_, bound)| bound != output))
    }

    /// The size of what it unpacks to.
    pub(super) fn size(&self) -> u64 {
        self.main_output().map_or(0, |output| self.size_of(output))
    }

    fn size_of(&self, output: u64) -> u64 {
        let size = usize::try_from(output).ok().and_then(|output| self.sizes.get(output));
        size.copied().unwrap_or_default()
    }

    /// What it unpacks to, read from `packed`.
    pub(super) fn open<'a>(&self, source: &Source<'a>, packed: &[Packed]) -> Result<Boxed<'a>, Stop> {
        let output = self.main_output().ok_or(Stop::Damaged)?;
        self.open_output(output, source, packed, self.coders.len())
    }

    /// What comes out of a coder. `depth` bounds chains that lead in circles.
    fn open_output<'a>(
        &self,
        output: u64,
        source: &Source<'a>,
        packed: &[Packed],
        depth: usize,
    ) -> Result<Boxed<'a>, Stop> {
        let depth = depth.checked_sub(1).ok_or(Stop::Damaged)?;
        // Coders of several outputs are of times before 7-Zip 9.
        if self.coders.iter().any(|coder| coder.outputs != 1) {
            return Err(Stop::Damaged);
        }
        let coder = usize::try_from(output).ok().and_then(|output| self.coders.get(output));
        let coder = coder.ok_or(Stop::Damaged)?;
        let mut inputs = Vec::new();
        for input in coder.first_input..coder.first_input + coder.inputs {
            let bound = self.bonds.iter().find(|(bound, _)| *bound == input);
            inputs.push(match bound {
                Some((_, output)) => self.open_output(*output, source, packed, depth)?,
                None => self.open_packed(input, source, packed)?,
            });
        }
        coder.decoder(inputs, self.size_of(output), source)
    }

    fn open_packed<'a>(&self, input: u64, source: &Source<'a>, packed: &[Packed]) -> Result<Boxed<'a>, Stop> {
        let index = self.packed.iter().position(|packed| *packed == input);
        let packed = index.and_then(|index| packed.get(index)).ok_or(Stop::Damaged)?;
        Ok(Box::new(source.reader(place(packed.offset)?, packed.size)))
    }
}

impl Coder {
    /// What unpacks `inputs` to `size` bytes.
    fn decoder<'a>(&self, mut inputs: Vec<Boxed<'a>>, size: u64, source: &Source<'a>) -> Result<Boxed<'a>, Stop> {
        let budget = source.budget();
        if self.id == BCJ2 && inputs.len() == 4 {
            let decoder = Bcj2Reader::try_new(inputs, size)?;
            return Ok(Box::new(Unpacking::new(decoder.take(size), budget)));
        }
        let input = inputs.pop().filter(|_| inputs.is_empty()).ok_or(Stop::Damaged)?;
        // No more than this comes out, so a larger window is never looked back into.
        let window = |wanted: u32| wanted.min(u32::try_from(size).unwrap_or(u32::MAX)).max(4096);
        let (decoder, held): (Boxed<'a>, Held<'a>) = match self.id.as_slice() {
            COPY => (input, budget.hold(0)?),
            LZMA => {
                let properties = *self.properties.first().ok_or(Stop::Damaged)?;
                let window = window(u32_at(&self.properties, 1)?);
                let held = budget.hold(window.into())?;
                let decoder = LzmaReader::new_with_props(input, size, properties, window, None)?;
                (Box::new(decoder), held)
            }
            LZMA2 => {
                let window = window(lzma2_window(*self.properties.first().ok_or(Stop::Damaged)?));
                let held = budget.hold(window.into())?;
                (Box::new(Lzma2Reader::new(input, window, None)), held)
            }
            PPMD => {
                let order = *self.properties.first().ok_or(Stop::Damaged)?;
                let memory = u32_at(&self.properties, 1)?;
                let held = budget.hold(memory.into())?;
                let decoder = Ppmd7Decoder::new(input, order.into(), memory).map_err(|_| Stop::Damaged)?;
                (Box::new(decoder), held)
            }
            BZIP2 => (Box::new(BzDecoder::new(input)), budget.hold(SMALL_WINDOW)?),
            DEFLATE => (Box::new(DeflateDecoder::new(input)), budget.hold(SMALL_WINDOW)?),
            DEFLATE_64 => (Box::new(Deflate64Decoder::new(input)), budget.hold(SMALL_WINDOW)?),
            ZSTD => return Ok(Box::new(packed::unpack(input, Packing::Zstd, budget)?.take(size))),
            DELTA => {
                let distance = usize::from(self.properties.first().copied().unwrap_or_default()) + 1;
                (Box::new(DeltaReader::new(input, distance)), budget.hold(0)?)
            }
            id => (Box::new(branch_filter(id, input)?), budget.hold(0)?),
        };
        Ok(Box::new(Unpacking::holding(decoder.take(size), budget, held)))
    }
}

/// Filters that make addresses in programs alike.
fn branch_filter<'a>(id: &[u8], input: Boxed<'a>) -> Result<BcjReader<Boxed<'a>>, Stop> {
    Ok(match id {
        [4] | [3, 3, 1, 3] => BcjReader::new_x86(input, 0),
        [5] | [3, 3, 2, 5] => BcjReader::new_ppc(input, 0),
        [6] | [3, 3, 4, 1] => BcjReader::new_ia64(input, 0),
        [7] | [3, 3, 5, 1] => BcjReader::new_arm(input, 0),
        [8] | [3, 3, 7, 1] => BcjReader::new_arm_thumb(input, 0),
        [9] | [3, 3, 8, 5] => BcjReader::new_sparc(input, 0),
        [0x0A] => BcjReader::new_arm64(input, 0),
        [0x0B] => BcjReader::new_riscv(input, 0),
        _ => return Err(Stop::Damaged),
    })
}

/// The dictionary of LZMA2 by its one byte: two or three times a power of two.
fn lzma2_window(bits: u8) -> u32 {
    match bits {
        0..40 => (2 | u32::from(bits & 1)) << (bits / 2 + 11),
        _ => u32::MAX,
    }
}

//! Cabinets ([MS-CAB]): folders of packed blocks, each holding files one after the other.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress};
use lzxd::{Lzxd, WindowSize};

use crate::container::contents::Contents;
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::source::{Cursor, Source, Stop, Unpacking, u16_at, u32_at};

const HEADER: usize = 36;
const FOLDER: usize = 8;
const FILE: usize = 16;
/// The longest name.
const MAX_NAME: usize = 256;
/// Bytes that a block unpacks to, at most.
const BLOCK: usize = 32 << 10;

/// Fills in what a cabinet is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::CAB;
    let cabinet = Cabinet::open(source)?;
    let mut contents = Contents::new(found);
    let result = cabinet.go_through(source, &mut contents);
    contents.finish();
    result
}

#[derive(Debug, Default)]
struct Cabinet {
    folders: Vec<Folder>,
    files: Vec<File>,
}

#[derive(Clone, Copy, Debug)]
struct Folder {
    start: u64,
    blocks: u16,
    packing: u16,
    /// Bytes that each block's header has besides its own.
    reserved: u64,
}

#[derive(Debug)]
struct File {
    name: String,
    size: u64,
    /// Where it begins in what its folder unpacks to.
    offset: u64,
    folder: usize,
}

impl Cabinet {
    fn open(source: &mut Source<'_>) -> Result<Self, Stop> {
        const HAS_PREVIOUS: u16 = 1;
        const HAS_NEXT: u16 = 2;
        const HAS_RESERVE: u16 = 4;
        let header: [u8; HEADER] = source.array(0)?;
        let flags = u16_at(&header, 30)?;
        let mut offset = HEADER as u64;
        let (mut in_folder, mut in_block) = (0, 0);
        if flags & HAS_RESERVE != 0 {
            let reserve: [u8; 4] = source.array(offset)?;
            in_folder = u64::from(reserve[2]);
            in_block = u64::from(reserve[3]);
            offset += 4 + u64::from(u16_at(&reserve, 0)?);
        }
        // The names of the cabinet before this one and of the one behind it, and of their disks.
        let names = [HAS_PREVIOUS, HAS_NEXT].map(|flag| if flags & flag == 0 { 0 } else { 2 });
        for _ in 0..names.iter().sum() {
            offset += name_at(source, offset)?.len() as u64 + 1;
        }
        let mut cabinet = Self::default();
        for _ in 0..u16_at(&header, 26)? {
            source.budget().spend_entry()?;
            let folder: [u8; FOLDER] = source.array(offset)?;
            cabinet.folders.push(Folder {
                start: u32_at(&folder, 0)?.into(),
                blocks: u16_at(&folder, 4)?,
                packing: u16_at(&folder, 6)?,
                reserved: in_block,
            });
            offset += FOLDER as u64 + in_folder;
        }
        cabinet.read_files(source, u32_at(&header, 16)?.into(), u16_at(&header, 28)?)?;
        Ok(cabinet)
    }

    fn read_files(&mut self, source: &mut Source<'_>, mut offset: u64, count: u16) -> Result<(), Stop> {
        const NAME_IS_UTF8: u16 = 0x80;
        for _ in 0..count {
            source.budget().spend_entry()?;
            let file: [u8; FILE] = source.array(offset)?;
            let name = name_at(source, offset + FILE as u64)?;
            offset += (FILE + name.len()) as u64 + 1;
            self.files.push(File {
                name: if u16_at(&file, 14)? & NAME_IS_UTF8 == 0 {
                    encoding::decode_unlabelled(&name).into_owned()
                } else {
                    String::from_utf8_lossy(&name).into_owned()
                },
                size: u32_at(&file, 0)?.into(),
                offset: u32_at(&file, 4)?.into(),
                folder: u16_at(&file, 8)?.into(),
            });
        }
        Ok(())
    }

    fn go_through(&self, source: &Source<'_>, contents: &mut Contents<'_>) -> Result<(), Stop> {
        for file in &self.files {
            contents.name(&file.name)?;
        }
        for (index, folder) in self.folders.iter().enumerate() {
            let mut files: Vec<_> = self.files.iter().filter(|file| file.folder == index).collect();
            files.sort_by_key(|file| file.offset);
            folder.go_through(&files, source, contents)?;
        }
        // Files that come from the cabinet before this one, or go on in the one behind it.
        for _ in self.files.iter().filter(|file| file.folder >= self.folders.len()) {
            contents.unread(Stop::Damaged)?;
        }
        Ok(())
    }
}

/// The bytes before a zero.
fn name_at(source: &mut Source<'_>, offset: u64) -> Result<Vec<u8>, Stop> {
    let mut name = source.bytes(offset, MAX_NAME + 1)?;
    let end = name.iter().position(|byte| *byte == 0).ok_or(Stop::Damaged)?;
    name.truncate(end);
    Ok(name)
}

impl Folder {
    fn go_through(self, files: &[&File], source: &Source<'_>, contents: &mut Contents<'_>) -> Result<(), Stop> {
        let budget = source.budget();
        let mut blocks = match self.open(source) {
            Ok(blocks) => Unpacking::new(blocks, budget),
            Err(stop) => return files.iter().try_for_each(|_| contents.unread(stop.clone())),
        };
        let mut position = 0;
        let mut broken = None;
        for file in files {
            if broken.is_none() && file.offset >= position {
                let mut gap = blocks.by_ref().take(file.offset - position);
                broken = io::copy(&mut gap, &mut io::sink()).map_err(Stop::from).err();
            }
            match &broken {
                None if file.offset >= position => {
                    let mut content = blocks.by_ref().take(file.size);
                    contents.stream(&mut content, &file.name, budget)?;
                    broken = io::copy(&mut content, &mut io::sink()).map_err(Stop::from).err();
                    position = file.offset.saturating_add(file.size);
                }
                // Files that share their bytes are not made by any program.
                None => contents.unread(Stop::Damaged)?,
                Some(stop) => contents.unread(stop.clone())?,
            }
        }
        Ok(())
    }

    fn open<'a>(self, source: &Source<'a>) -> Result<Blocks<'a>, Stop> {
        let left = source.len().saturating_sub(self.start);
        Ok(Blocks {
            packed: source.reader(self.start, left),
            left: self.blocks,
            reserved: self.reserved,
            decoder: Decoder::of(self.packing)?,
            block: Vec::new(),
            position: 0,
        })
    }
}

enum Decoder {
    Stored,
    /// Deflate, block by block, that looks back into the block before.
    MsZip,
    Lzx(Box<Lzxd>),
}

impl Decoder {
    fn of(packing: u16) -> Result<Self, Stop> {
        let window = match packing >> 8 & 0x1F {
            15 => WindowSize::KB32,
            16 => WindowSize::KB64,
            17 => WindowSize::KB128,
            18 => WindowSize::KB256,
            19 => WindowSize::KB512,
            20 => WindowSize::MB1,
            _ => WindowSize::MB2,
        };
        match packing & 0xF {
            0 => Ok(Self::Stored),
            1 => Ok(Self::MsZip),
            3 => Ok(Self::Lzx(Box::new(Lzxd::new(window)))),
            // Quantum, which no program writes any more.
            _ => Err(Stop::Damaged),
        }
    }

    /// Unpacks a block; `last` is the one before.
    fn unpack(&mut self, packed: &[u8], size: usize, last: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Stored => Ok(packed.to_vec()),
            Self::Lzx(decoder) => {
                let unpacked = decoder.decompress_next(packed, size).map_err(io::Error::other)?;
                Ok(unpacked.to_vec())
            }
            Self::MsZip => {
                let packed = packed.strip_prefix(b"CK").ok_or(io::ErrorKind::InvalidData)?;
                let mut decoder = Decompress::new(false);
                if !last.is_empty() {
                    decoder.set_dictionary(last)?;
                }
                let mut unpacked = Vec::with_capacity(size);
                decoder.decompress_vec(packed, &mut unpacked, FlushDecompress::Finish)?;
                Ok(unpacked)
            }
        }
    }
}

/// What a folder unpacks to.
struct Blocks<'a> {
    packed: Cursor<'a>,
    left: u16,
    reserved: u64,
    decoder: Decoder,
    block: Vec<u8>,
    position: usize,
}

impl Blocks<'_> {
    fn next_block(&mut self) -> io::Result<()> {
        let mut header = [0; 8];
        self.packed.read_exact(&mut header)?;
        let [packed_size, size] = [4, 6].map(|at| u16_at(&header, at).map(usize::from).unwrap_or_default());
        // A size of nothing says that the block goes on in the next cabinet.
        if size == 0 || size > BLOCK {
            return Err(io::ErrorKind::InvalidData.into());
        }
        io::copy(&mut self.packed.by_ref().take(self.reserved), &mut io::sink())?;
        let mut packed = vec![0; packed_size];
        self.packed.read_exact(&mut packed)?;
        self.block = self.decoder.unpack(&packed, size, &self.block)?;
        self.position = 0;
        Ok(())
    }
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.block.len() {
            let Some(left) = self.left.checked_sub(1) else {
                return Ok(0);
            };
            self.left = left;
            self.next_block()?;
        }
        let known = &self.block[self.position..];
        let count = known.len().min(buffer.len());
        buffer[..count].copy_from_slice(&known[..count]);
        self.position += count;
        Ok(count)
    }
}

//! Tar: a header of 512 bytes before each file (POSIX.1-1988 ustar, the pax headers of POSIX.1-2001, GNU's long names).

use std::io::Read;

use crate::container::contents::Contents;
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::source::{Budget, Source, Stop};

pub(crate) const BLOCK: usize = 512;
type Block = [u8; BLOCK];

/// In a block of a sparse file's map: whether another one follows.
const MAP_GOES_ON: usize = 504;
/// Bytes of a long name, or of the extended header that carries one.
const MAX_EXTENDED: u64 = 64 << 10;

/// Whether this is a header: its checksum is right. Old tar has no signature.
pub(crate) fn is_header(block: &Block) -> bool {
    let Some(expected) = octal(&block[148..156]) else {
        return false;
    };
    // The sum counts its own field as blanks.
    let rest = block[..148].iter().chain(&block[156..]);
    let sum: u64 = rest.map(|byte| u64::from(*byte)).sum::<u64>() + 8 * 32;
    sum == expected && block[0] != 0
}

/// Goes through an archive that lies there as it is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::TAR;
    let mut contents = Contents::new(found);
    let result = walk(source, &mut contents);
    contents.finish();
    result
}

fn walk(source: &mut Source<'_>, contents: &mut Contents<'_>) -> Result<(), Stop> {
    let mut names = Names::default();
    let mut offset = 0;
    while offset < source.len() {
        source.budget().spend_entry()?;
        let block: Block = source.array(offset)?;
        let Some(member) = Member::of(&block)? else {
            return Ok(());
        };
        offset += BLOCK as u64;
        let mut has_map = member.has_map;
        while has_map {
            let map: Block = source.array(offset)?;
            has_map = map[MAP_GOES_ON] != 0;
            offset += BLOCK as u64;
        }
        let mut size = member.size;
        match member.kind {
            Type::LongName | Type::Extended => {
                let len = usize::try_from(size.min(MAX_EXTENDED)).unwrap_or_default();
                names.extend(member.kind, &source.exact(offset, len)?);
            }
            Type::File | Type::Other => {
                let name;
                (name, size) = names.take(&block, size);
                contents.name(&name)?;
                if member.kind == Type::File && size > 0 {
                    contents.file(&mut source.part(offset, size), &name)?;
                }
            }
        }
        offset = next(offset, size)?;
    }
    Ok(())
}

/// Where the next header is, behind data that begins at `offset`.
fn next(offset: u64, size: u64) -> Result<u64, Stop> {
    let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or(Stop::Damaged)?;
    offset.checked_add(padded).ok_or(Stop::Damaged)
}

/// Goes through an archive that is unpacked while it is read.
pub(crate) fn examine_stream(stream: &mut dyn Read, budget: &Budget, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::TAR;
    let mut contents = Contents::new(found);
    let result = walk_stream(stream, budget, &mut contents);
    contents.finish();
    result
}

fn walk_stream(stream: &mut dyn Read, budget: &Budget, contents: &mut Contents<'_>) -> Result<(), Stop> {
    let mut names = Names::default();
    let mut block = [0; BLOCK];
    loop {
        budget.spend_entry()?;
        stream.read_exact(&mut block)?;
        let Some(member) = Member::of(&block)? else {
            return Ok(());
        };
        let mut has_map = member.has_map;
        while has_map {
            let mut map = [0; BLOCK];
            stream.read_exact(&mut map)?;
            has_map = map[MAP_GOES_ON] != 0;
        }
        let mut size = member.size;
        let mut data = Read::take(&mut *stream, 0);
        match member.kind {
            Type::LongName | Type::Extended => {
                data.set_limit(size);
                let mut extended = Vec::new();
                data.by_ref().take(MAX_EXTENDED).read_to_end(&mut extended)?;
                names.extend(member.kind, &extended);
            }
            Type::File | Type::Other => {
                let name;
                (name, size) = names.take(&block, size);
                data.set_limit(size);
                contents.name(&name)?;
                if member.kind == Type::File && size > 0 {
                    contents.stream(&mut data, &name, budget)?;
                }
            }
        }
        let padding = next(0, size)? - size;
        let left = data.limit().checked_add(padding).ok_or(Stop::Damaged)?;
        skip(stream, left)?;
    }
}

fn skip(stream: &mut dyn Read, bytes: u64) -> Result<(), Stop> {
    let skipped = std::io::copy(&mut stream.take(bytes), &mut std::io::sink())?;
    if skipped == bytes { Ok(()) } else { Err(Stop::Damaged) }
}

/// What a header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    File,
    /// A folder, a link, a device.
    Other,
    LongName,
    Extended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    kind: Type,
    size: u64,
    /// Whether more of a sparse file's map follows before its data.
    has_map: bool,
}

impl Member {
    /// Reads a header; `None` at the end of the archive.
    fn of(block: &Block) -> Result<Option<Self>, Stop> {
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if !is_header(block) {
            return Err(Stop::Damaged);
        }
        let kind = match block[156] {
            b'0' | 0 | b'7' | b'S' => Type::File,
            b'L' => Type::LongName,
            b'x' => Type::Extended,
            _ => Type::Other,
        };
        let size = number(&block[124..136]).ok_or(Stop::Damaged)?;
        // A link has the size of what it leads to, but no data.
        let has_data = !matches!(block[156], b'1'..=b'6');
        Ok(Some(Self {
            kind,
            size: if has_data { size } else { 0 },
            has_map: block[156] == b'S' && block[482] != 0,
        }))
    }
}

/// A name and a size that stand before the header they belong to.
#[derive(Debug, Default)]
struct Names {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Names {
    fn extend(&mut self, kind: Type, data: &[u8]) {
        if kind == Type::LongName {
            let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
            self.name = Some(data[..end].to_vec());
            return;
        }
        for (key, value) in records(data) {
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }

    /// The name and the size of the file with this header.
    fn take(&mut self, block: &Block, size: u64) -> (String, u64) {
        let name = self.name.take().unwrap_or_else(|| short_name(block));
        let size = self.size.take().unwrap_or(size);
        (encoding::decode_unlabelled(&name).into_owned(), size)
    }
}

fn short_name(block: &Block) -> Vec<u8> {
    let field = |bytes: &[u8]| -> Vec<u8> { bytes.iter().copied().take_while(|byte| *byte != 0).collect() };
    let name = field(&block[..100]);
    let prefix = field(&block[345..500]);
    let is_posix = &block[257..263] == b"ustar\0";
    if is_posix && !prefix.is_empty() {
        [prefix, name].join(&b'/')
    } else {
        name
    }
}

/// The records of an extended header: their length, a blank, `key=value`, a line end.
fn records(mut data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let blank = data.iter().take(20).position(|byte| *byte == b' ')?;
        let len: usize = std::str::from_utf8(&data[..blank]).ok()?.parse().ok()?;
        let record = data.get(blank + 1..len)?.strip_suffix(b"\n")?;
        data = &data[len..];
        let equals = record.iter().position(|byte| *byte == b'=')?;
        Some((&record[..equals], &record[equals + 1..]))
    })
}

/// A number in octal digits, or, above what these can hold, in binary.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 == 0 {
        return octal(field);
    }
    let (high, low) = field.split_at(field.len().checked_sub(8)?);
    let is_small = high[0] == 0x80 && high[1..].iter().all(|byte| *byte == 0);
    let value = u64::from_be_bytes(low.try_into().ok()?);
    is_small.then_some(value)
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

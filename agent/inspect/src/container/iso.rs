//! Images of discs: ISO 9660 (ECMA-119), with the long names of Joliet or Rock Ridge where there are any.

use std::collections::BTreeSet;

use crate::container::contents::Contents;
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop, u16_at, u32_at};

const SECTOR: u64 = 2048;
/// The sector of the first volume descriptor, and how many are looked at.
const FIRST_DESCRIPTOR: u64 = 16;
const DESCRIPTORS: u64 = 16;
/// Bytes of one folder that are read.
const MAX_FOLDER: u64 = 1 << 20;
/// The longest path that is kept.
const MAX_PATH: usize = 512;

/// Goes through an image.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::ISO;
    let volume = Volume::open(source)?;
    let mut files = Vec::new();
    let walked = volume.walk(source, &mut files);
    let mut contents = Contents::new(found);
    let result = go_through(source, &files, &mut contents);
    contents.finish();
    result.and(walked)
}

fn go_through(source: &Source<'_>, files: &[Record], contents: &mut Contents<'_>) -> Result<(), Stop> {
    for file in files {
        contents.name(&file.name)?;
    }
    for file in files.iter().filter(|file| !file.is_folder && file.size > 0) {
        contents.file(&mut source.part(file.start, file.size), &file.name)?;
    }
    Ok(())
}

/// A file or folder, by the path of its folder.
#[derive(Clone, Debug)]
struct Record {
    name: String,
    start: u64,
    size: u64,
    is_folder: bool,
}

/// The volume whose names are the longest.
#[derive(Debug)]
struct Volume {
    root: Record,
    block: u64,
    is_joliet: bool,
}

impl Volume {
    fn open(source: &mut Source<'_>) -> Result<Self, Stop> {
        const PRIMARY: u8 = 1;
        const SUPPLEMENTARY: u8 = 2;
        const END: u8 = 255;
        let mut best = None;
        for sector in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + DESCRIPTORS {
            let descriptor = source.bytes(sector * SECTOR, 256)?;
            if descriptor.get(1..6) != Some(b"CD001") {
                break;
            }
            let is_joliet = matches!(descriptor.get(88..91), Some(b"%/@" | b"%/C" | b"%/E"));
            match descriptor[0] {
                PRIMARY if best.is_none() => best = Some(Self::of(&descriptor, false)?),
                SUPPLEMENTARY if is_joliet => best = Some(Self::of(&descriptor, true)?),
                END => break,
                _ => {}
            }
        }
        best.ok_or(Stop::Damaged)
    }

    fn of(descriptor: &[u8], is_joliet: bool) -> Result<Self, Stop> {
        let block = u64::from(u16_at(descriptor, 128)?);
        let root = descriptor.get(156..190).ok_or(Stop::Damaged)?;
        Ok(Self {
            root: Record {
                name: String::new(),
                start: u64::from(u32_at(root, 2)?) * block,
                size: u32_at(root, 10)?.into(),
                is_folder: true,
            },
            block,
            is_joliet,
        })
    }

    /// Gathers what is in the folders, each of which is entered once.
    fn walk(&self, source: &mut Source<'_>, files: &mut Vec<Record>) -> Result<(), Stop> {
        let mut folders = vec![self.root.clone()];
        let mut entered = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            if !entered.insert(folder.start) {
                continue;
            }
            let len = usize::try_from(folder.size.min(MAX_FOLDER)).unwrap_or_default();
            let bytes = source.bytes(folder.start, len)?;
            for sector in bytes.chunks(usize::try_from(SECTOR).unwrap_or(usize::MAX)) {
                let mut rest = sector;
                while let Some((record, next)) = split_record(rest) {
                    source.budget().spend_entry()?;
                    rest = next;
                    if let Some(record) = self.record(record, &folder.name)? {
                        if record.is_folder {
                            folders.push(record.clone());
                        }
                        files.push(record);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a record; `None` for those of the folder itself and of the one above it.
    fn record(&self, record: &[u8], folder: &str) -> Result<Option<Record>, Stop> {
        const IS_FOLDER: u8 = 2;
        let len = usize::from(*record.get(32).ok_or(Stop::Damaged)?);
        let name = record.get(33..33 + len).ok_or(Stop::Damaged)?;
        if matches!(name, [0 | 1]) {
            return Ok(None);
        }
        let own = if self.is_joliet {
            let wide = name.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(wide)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        } else {
            let behind = record.get(33 + (len | 1)..).unwrap_or_default();
            let name = long_name(behind).unwrap_or_else(|| name.to_vec());
            encoding::decode_unlabelled(&name).into_owned()
        };
        // Behind a semicolon comes a version.
        let own = own.rsplit_once(';').map_or(own.as_str(), |(name, _)| name);
        let mut name = if folder.is_empty() {
            own.to_owned()
        } else {
            format!("{folder}/{own}")
        };
        name.truncate(name.floor_char_boundary(MAX_PATH));
        Ok(Some(Record {
            name,
            start: u64::from(u32_at(record, 2)?) * self.block,
            size: u32_at(record, 10)?.into(),
            is_folder: record.get(25).is_some_and(|flags| flags & IS_FOLDER != 0),
        }))
    }
}

/// The first record of a sector, and what follows it; a length of zero ends the sector.
fn split_record(sector: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = usize::from(*sector.first()?);
    (len > 33).then(|| sector.split_at_checked(len)).flatten()
}

/// The name of Rock Ridge (field `NM`, perhaps in several pieces).
fn long_name(mut fields: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    while let [first, second, len, _, ..] = *fields {
        let field = fields.get(..usize::from(len)).filter(|field| field.len() >= 5)?;
        if [first, second] == *b"NM" {
            name.extend_from_slice(&field[5..]);
        }
        fields = &fields[field.len()..];
        if fields.len() < 4 {
            break;
        }
    }
    (!name.is_empty()).then_some(name)
}

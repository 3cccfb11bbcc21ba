//! Entries by the headers before each of them, for an archive whose central directory is gone.

use super::{Archive, Entry, LOCAL_HEADER};
use crate::source::{Source, Stop, u16_at, u32_at, u64_at};

/// The mark of a data descriptor (APPNOTE 4.3.9), and of the first of several volumes.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
/// The longest data descriptor: its sizes may have eight bytes.
const DESCRIPTOR_SIZE: usize = 24;
/// The sizes of an entry stand behind it.
const SIZES_FOLLOW: u16 = 1 << 3;
/// Bytes searched at once.
const CHUNK: usize = 64 << 10;

/// What stands behind an entry whose header could not know it yet.
struct Descriptor {
    compressed: u64,
    size: u64,
    end: u64,
}

impl Archive {
    /// Reads the headers before each entry, as far as it can be told where the next one is.
    pub(super) fn walk(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        // The first of several volumes has a mark of its own before the first entry.
        let mut offset = if source.bytes(0, 4)? == DESCRIPTOR { 4 } else { 0 };
        loop {
            let header: [u8; LOCAL_HEADER] = source.array(offset)?;
            if !header.starts_with(b"PK\x03\x04") {
                return Ok(());
            }
            source.budget().spend_entry()?;
            let [name_len, extra_len] = [26, 28].map(|at| u16_at(&header, at).unwrap_or_default());
            let variable = source.exact(
                offset + LOCAL_HEADER as u64,
                usize::from(name_len) + usize::from(extra_len),
            )?;
            let (name, extra) = variable.split_at(usize::from(name_len));
            let mut entry = Entry {
                name: String::new(),
                flags: u16_at(&header, 6)?,
                method: u16_at(&header, 8)?,
                has_aes_extra: false,
                compressed: u32_at(&header, 18)?.into(),
                size: u32_at(&header, 22)?.into(),
                header: offset,
            };
            entry.read_extra(extra);
            let data = offset + (LOCAL_HEADER + variable.len()) as u64;
            let mut next = data.checked_add(entry.compressed);
            if entry.flags & SIZES_FOLLOW != 0 && entry.compressed == 0 {
                let found = descriptor(source, data)?;
                next = found.as_ref().map(|found| found.end);
                entry.compressed = found
                    .as_ref()
                    .map_or(source.len().saturating_sub(data), |own| own.compressed);
                entry.size = found.map_or(u64::MAX, |found| found.size);
            }
            self.add(entry, name);
            offset = next.ok_or(Stop::Damaged)?;
        }
    }
}

/// The descriptor of the entry whose content begins at `data`: the first that says how far it is from there.
fn descriptor(source: &mut Source<'_>, data: u64) -> Result<Option<Descriptor>, Stop> {
    let mut from = data;
    loop {
        source.budget().check_time()?;
        let bytes = source.bytes(from, CHUNK)?;
        for at in memchr::memmem::find_iter(&bytes, DESCRIPTOR) {
            let at = from + at as u64;
            let record = source.bytes(at, DESCRIPTOR_SIZE)?;
            let short = || Some((u32_at(&record, 8).ok()?.into(), u32_at(&record, 12).ok()?.into(), 16));
            let long = || Some((u64_at(&record, 8).ok()?, u64_at(&record, 16).ok()?, 24));
            let fits = |sizes: &(u64, u64, u64)| sizes.0 == at - data;
            if let Some((compressed, size, len)) = short().filter(fits).or_else(|| long().filter(fits)) {
                return Ok(Some(Descriptor {
                    compressed,
                    size,
                    end: at + len,
                }));
            }
        }
        if bytes.len() < CHUNK {
            return Ok(None);
        }
        from += (CHUNK - DESCRIPTOR.len() + 1) as u64;
    }
}

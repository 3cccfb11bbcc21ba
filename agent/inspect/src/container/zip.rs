//! Zip: its central directory, its entries, and what of them is encrypted (PKWARE's APPNOTE 6.3).

mod entry;
mod local;

use std::borrow::Cow;
use std::io::Read;

use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::EncryptionMethod;

use crate::container::contents::{Contents, Tally};
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::office::package;
use crate::source::{self, Source, Stop, u16_at, u32_at, u64_at};

pub(crate) use entry::open_entry;

const END: &[u8] = b"PK\x05\x06";
const END_SIZE: usize = 22;
const CENTRAL_HEADER: usize = 46;
const LOCAL_HEADER: usize = 30;
/// The end record and the longest comment behind it.
const END_AREA: usize = END_SIZE + 0xFFFF;

/// The method field of an entry in `WinZip` AES; the true method stands in the extra field of this id.
const AES_METHOD: u16 = 99;
const AES_EXTRA: u16 = 0x9901;
/// The extra field of a name in UTF-8.
const UNICODE_NAME: u16 = 0x7075;

const ENCRYPTED: u16 = 1 << 0;
const STRONG_ENCRYPTION: u16 = 1 << 6;
const NAME_IS_UTF8: u16 = 1 << 11;

/// An entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    flags: u16,
    method: u16,
    has_aes_extra: bool,
    compressed: u64,
    size: u64,
    header: u64,
}

impl Entry {
    pub(crate) fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(['/', '\\'])
    }

    fn encryption(&self) -> Option<EncryptionMethod> {
        if self.method == AES_METHOD || self.has_aes_extra {
            Some(EncryptionMethod::ZipAes)
        } else if self.flags & STRONG_ENCRYPTION == 0 {
            Some(EncryptionMethod::ZipCrypto)
        } else {
            None
        }
    }
}

/// The entries of an archive, in its own order.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    pub(crate) entries: Vec<Entry>,
    /// Why there may be more entries than these.
    pub(crate) stopped: Option<Stop>,
    /// The names whose encoding is not told, by the index of their entry.
    unlabelled: Vec<(usize, Vec<u8>)>,
}

/// Fills in what a zip is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::ZIP;
    let archive = Archive::open(source)?;
    if let Some(stop) = &archive.stopped {
        found.stopped(stop);
    }
    if let Some(encryption) = archive.own_encryption() {
        found.encryption = encryption;
    }
    package::examine(source, &archive, found)?;
    if found.kind == kind::ZIP {
        let mut contents = Contents::new(found);
        let result = archive.go_through(source, &mut contents);
        contents.finish();
        result?;
    }
    match archive.stopped {
        Some(stop @ (Stop::Timeout | Stop::Unreadable(_))) => Err(stop),
        _ => Ok(()),
    }
}

/// Whether the source ends as a zip does.
pub(crate) fn has_end(source: &mut Source<'_>) -> Result<bool, Stop> {
    Ok(find_end(source)?.is_some())
}

impl Archive {
    /// Reads the central directory; without one, the entries as they stand in the file.
    pub(crate) fn open(source: &mut Source<'_>) -> Result<Self, Stop> {
        let mut archive = Self::default();
        let result = match find_end(source)? {
            Some(directory) => archive.read_directory(source, directory),
            None => archive.walk(source).and(Err(Stop::Damaged)),
        };
        archive.stopped = result.err();
        archive.name_unlabelled();
        Ok(archive)
    }

    /// Whether there may be more entries than it shows.
    pub(crate) fn is_damaged(&self) -> bool {
        self.stopped == Some(Stop::Damaged)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Unpacks the entry of this name; `None` when there is none that can be read without a password.
    pub(crate) fn read(&self, source: &mut Source<'_>, name: &str, max: usize) -> Result<Option<Vec<u8>>, Stop> {
        match self.find(name) {
            Some(entry) if !entry.is_encrypted() => read_entry(source, entry, max).map(Some),
            _ => Ok(None),
        }
    }

    /// Opens the entry of this name for reading from its start to its end; `None` when there is none that can be read without a
    /// password.
    pub(crate) fn stream<'s>(&self, source: &'s mut Source<'_>, name: &str) -> Result<Option<impl Read + 's>, Stop> {
        match self.find(name) {
            Some(entry) if !entry.is_encrypted() => open_entry(source, entry).map(Some),
            _ => Ok(None),
        }
    }

    /// How much of it the archive itself has encrypted.
    fn own_encryption(&self) -> Option<Encryption> {
        let mut tally = Tally::default();
        for entry in &self.entries {
            if entry.is_encrypted() {
                tally.lock(entry.encryption());
            } else if !entry.is_folder() && entry.size > 0 {
                tally.plain();
            }
        }
        tally.encryption()
    }

    fn go_through(&self, source: &mut Source<'_>, contents: &mut Contents<'_>) -> Result<(), Stop> {
        for entry in &self.entries {
            contents.name(&entry.name)?;
        }
        for entry in &self.entries {
            if entry.is_encrypted() {
                contents.locked(entry.encryption());
            } else if !entry.is_folder() && entry.size > 0 {
                entry.examine(source, contents)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, mut entry: Entry, name: &[u8]) {
        let name = shortened(name);
        if entry.name.is_empty() {
            if !name.is_ascii() && entry.flags & NAME_IS_UTF8 == 0 {
                self.unlabelled.push((self.entries.len(), name.to_vec()));
            }
            entry.name = String::from_utf8_lossy(&name).into_owned();
        }
        self.entries.push(entry);
    }

    /// Names are short; all of them together tell better how they are encoded.
    fn name_unlabelled(&mut self) {
        const ENOUGH: usize = 8 << 10;
        let mut all = Vec::new();
        for (_, name) in &self.unlabelled {
            if all.len() < ENOUGH {
                all.extend_from_slice(name);
                all.push(b'\n');
            }
        }
        let Some(encoding) = encoding::detect(&all, true) else {
            return;
        };
        for (index, name) in self.unlabelled.drain(..) {
            self.entries[index].name = encoding::decode(&name, encoding).into_owned();
        }
    }

    fn read_directory(&mut self, source: &mut Source<'_>, directory: Directory) -> Result<(), Stop> {
        let mut offset = directory.start;
        while offset < directory.end {
            let header: [u8; CENTRAL_HEADER] = source.array(offset)?;
            if !header.starts_with(b"PK\x01\x02") {
                return Err(Stop::Damaged);
            }
            source.budget().spend_entry()?;
            let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| u16_at(&header, at).unwrap_or_default());
            let variable = source.exact(
                offset + CENTRAL_HEADER as u64,
                usize::from(name_len) + usize::from(extra_len),
            )?;
            let (name, extra) = variable.split_at(usize::from(name_len));
            let mut entry = Entry {
                name: String::new(),
                flags: u16_at(&header, 8)?,
                method: u16_at(&header, 10)?,
                has_aes_extra: false,
                compressed: u32_at(&header, 20)?.into(),
                size: u32_at(&header, 24)?.into(),
                header: u32_at(&header, 42)?.into(),
            };
            entry.read_extra(extra);
            entry.header = entry.header.saturating_add(directory.shift);
            self.add(entry, name);
            offset += (CENTRAL_HEADER + variable.len()) as u64 + u64::from(comment_len);
        }
        Ok(())
    }
}

impl Entry {
    /// Takes sizes of large files and the mark of AES from the extra field.
    fn read_extra(&mut self, mut extra: &[u8]) {
        while let (Ok(id), Ok(len)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let Some(field) = extra.get(4..4 + usize::from(len)) else {
                return;
            };
            match id {
                1 => {
                    let large = u64::from(u32::MAX);
                    let wide = [&mut self.size, &mut self.compressed, &mut self.header];
                    for (index, value) in wide.into_iter().filter(|value| **value == large).enumerate() {
                        *value = u64_at(field, index * 8).unwrap_or(*value);
                    }
                }
                AES_EXTRA => self.has_aes_extra = true,
                // Behind a version and a checksum of the name it stands for.
                UNICODE_NAME => {
                    let name = field.get(5..).unwrap_or_default();
                    self.name = String::from_utf8_lossy(&shortened(name)).into_owned();
                }
                _ => {}
            }
            extra = &extra[4 + usize::from(len)..];
        }
    }
}

/// Names that matter are short; hostile ones of 64 KiB each would fill the memory.
fn shortened(name: &[u8]) -> Cow<'_, [u8]> {
    const START: usize = 384;
    const END: usize = 128;
    if name.len() <= START + END {
        return Cow::Borrowed(name);
    }
    // The last character tells a folder from a file.
    Cow::Owned([&name[..START], &name[name.len() - END..]].concat())
}

fn read_entry(source: &mut Source<'_>, entry: &Entry, max: usize) -> Result<Vec<u8>, Stop> {
    let (bytes, _) = source::gather(open_entry(source, entry)?, max)?;
    Ok(bytes)
}

/// Where the central directory lies.
#[derive(Clone, Copy, Debug)]
struct Directory {
    start: u64,
    end: u64,
    /// Bytes before the archive, such as a program that unpacks it: offsets do not count them.
    shift: u64,
}

fn find_end(source: &mut Source<'_>) -> Result<Option<Directory>, Stop> {
    let tail_start = source.len().saturating_sub(END_AREA as u64);
    let tail = source.view(tail_start, END_AREA)?;
    for at in memchr::memmem::rfind_iter(&tail, END) {
        let Some(end) = tail.get(at..at + END_SIZE) else {
            continue;
        };
        let position = tail_start + at as u64;
        let directory = match wide_directory(source, position)? {
            Some(directory) => Some(directory),
            None => directory(position, u32_at(end, 12)?.into(), u32_at(end, 16)?.into()),
        };
        // These bytes may also stand in a comment or in an entry; a directory begins with its first entry, or is empty.
        if let Some(directory) = directory {
            let is_empty = directory.start == directory.end;
            if is_empty || source.bytes(directory.start, 4)? == b"PK\x01\x02" {
                return Ok(Some(directory));
            }
        }
    }
    Ok(None)
}

fn directory(end: u64, size: u64, offset: u64) -> Option<Directory> {
    let start = end.checked_sub(size)?;
    // An offset beyond it counts from the first of several volumes.
    let shift = start.saturating_sub(offset);
    Some(Directory { start, end, shift })
}

/// The directory as the records of an archive above 4 GiB say it.
fn wide_directory(source: &mut Source<'_>, end: u64) -> Result<Option<Directory>, Stop> {
    let Some(locator_at) = end.checked_sub(20) else {
        return Ok(None);
    };
    let locator: [u8; 20] = source.array(locator_at)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let record_at = u64_at(&locator, 8)?;
    let record = source.bytes(record_at, 56)?;
    if !record.starts_with(b"PK\x06\x06") || record.len() < 56 {
        return Ok(None);
    }
    Ok(directory(record_at, u64_at(&record, 40)?, u64_at(&record, 48)?))
}

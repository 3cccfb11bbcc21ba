//! Objects in legacy documents: files and documents that lie within them, each in a storage of its own.

use std::cell::RefCell;
use std::io::Read;

use crate::container::compound::{Entry, Storage};
use crate::encoding;
use crate::found::{Found, Inside};
use crate::inside::{examine_inside, within};
use crate::kind;
use crate::office::legacy;
use crate::source::{Budget, Source, Stop, u32_at};

/// Storages that hold nothing but objects: Word's, and those of programs that write like Word.
const POOLS: &[&str] = &["ObjectPool"];
/// How Excel begins the names of its objects.
const EXCEL: &str = "MBD";
/// Streams that are a file as it is.
const FILES: &[&str] = &["Package", "EmbeddedOdf", "package_stream"];
/// A stream with a file and its name.
const NAMED: &str = "\u{1}Ole10Native";
/// Where programs of their own keep what they like; often a file as it is.
const CONTENTS: &str = "CONTENTS";
/// The longest beginning of a named file: its names.
const MAX_NAMES: usize = 4096;

/// Examines the objects of a document.
pub(crate) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    examine_files(source, storage, found)?;
    for (name, inner) in storage.storages() {
        if name.starts_with(EXCEL) {
            examine_object(source, inner, found)?;
        } else if POOLS.contains(&name) {
            for (_, object) in inner.storages() {
                examine_object(source, object, found)?;
            }
        }
    }
    Ok(())
}

/// Examines an object as a document of its own.
pub(crate) fn examine_object(
    source: &mut Source<'_>,
    storage: Storage<'_>,
    found: &mut Found,
) -> Result<Option<Inside>, Stop> {
    let budget = source.budget();
    budget.spend_entry()?;
    let result = within(budget, found, |found| legacy::examine_storage(source, storage, found));
    found.tolerate(result)
}

fn examine_files(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let is_strange = found.kind == kind::COMPOUND;
    for entry in storage.entries() {
        let result = match entry.name.as_str() {
            name if FILES.contains(&name) => examine_stream(source, storage, entry, found),
            CONTENTS if is_strange => examine_stream(source, storage, entry, found),
            NAMED => examine_named(source, storage, entry, found),
            _ => continue,
        };
        found.tolerate(result)?;
    }
    Ok(())
}

fn examine_stream(source: &mut Source<'_>, storage: Storage<'_>, entry: &Entry, found: &mut Found) -> Result<(), Stop> {
    let (len, budget) = (entry.size, source.budget());
    let stream = RefCell::new(storage.open(source, entry));
    examine_inside(&mut Source::of_part(&stream, len, budget), "", found).map(|_| ())
}

/// A file that was dropped into a document ([MS-OLEDS] leaves its form to the program that packs it).
fn examine_named(source: &mut Source<'_>, storage: Storage<'_>, entry: &Entry, found: &mut Found) -> Result<(), Stop> {
    let mut stream = storage.open(source, entry);
    let mut start = Vec::new();
    stream.by_ref().take(MAX_NAMES as u64).read_to_end(&mut start)?;
    let budget = stream.budget();
    let Some(package) = Package::read(start.get(4..).unwrap_or_default()) else {
        // What a class of its own keeps here is no file.
        return Ok(());
    };
    let len = stream.len();
    let stream = RefCell::new(stream);
    let mut file = Source::of_part(&stream, len, budget).part(4 + package.start, package.len);
    examine_inside(&mut file, &package.name, found).map(|_| ())
}

/// Examines what an object holds in the form of OLE 1, as other formats embed it.
pub(crate) fn examine_native(native: &[u8], budget: &Budget, found: &mut Found) -> Result<(), Stop> {
    let (file, name) = match Package::read(native) {
        Some(package) => (package.of(native), package.name),
        None => (native, String::new()),
    };
    let result = examine_inside(&mut Source::of_memory(file, budget), &name, found);
    found.tolerate(result).map(|_| ())
}

/// Where in a packed object the file lies, and how it is named.
struct Package {
    name: String,
    start: u64,
    len: u64,
}

impl Package {
    fn read(bytes: &[u8]) -> Option<Self> {
        const IS_PACKED: &[u8] = &[2, 0];
        let rest = bytes.strip_prefix(IS_PACKED)?;
        let (label, rest) = zero_ended(rest)?;
        let (_, rest) = zero_ended(rest)?;
        let path = usize::try_from(u32_at(rest, 4).ok()?).ok()?;
        let rest = rest.get(path.checked_add(8)?..)?;
        let len = u32_at(rest, 0).ok()?.into();
        let start = (bytes.len() - rest.len() + 4) as u64;
        let name = encoding::decode_unlabelled(label).into_owned();
        Some(Self { name, start, len })
    }

    fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = usize::try_from(self.start).map_or(bytes.len(), |start| start.min(bytes.len()));
        let rest = &bytes[start..];
        let len = usize::try_from(self.len).map_or(rest.len(), |len| len.min(rest.len()));
        &rest[..len]
    }
}

fn zero_ended(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use crate::examined::{assert_in_order, examined};

    #[test]
    fn files_within_documents_are_examined() {
        let inner = b"{\\rtf1 inner text\\par}";
        let len = u32::try_from(inner.len()).unwrap().to_le_bytes();
        let packed = [
            &[0; 4][..],
            b"\x02\0a.rtf\0C:\\a.rtf\0\0\0\x03\0\x09\0\0\0C:\\tmp\\a\0",
            &len,
            inner,
        ]
        .concat();
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for storage in ["ObjectPool", "ObjectPool/_1", "ObjectPool/_2", "MBD0001"] {
            file.create_storage(storage).unwrap();
        }
        for (stream, content) in [
            ("WordDocument", &[0; 64][..]),
            ("ObjectPool/_1/\u{1}Ole10Native", &packed),
            ("ObjectPool/_2/Package", b"{\\rtf1 second\\par}"),
            ("MBD0001/CONTENTS", b"{\\rtf1 third\\par}"),
        ] {
            file.create_stream(stream).unwrap().write_all(content).unwrap();
        }
        let found = examined(&file.into_inner().into_inner());
        for text in ["inner text", "second", "third"] {
            assert_in_order(&found, &[text]);
        }
    }
}

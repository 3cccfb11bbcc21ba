//! What a compound file is: by the streams in its root, and for some by its class.

use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use crate::container::compound::Compound;
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::office::{built_in_password, property_set, protected};
use crate::source::{Source, Stop, u16_at, u32_at};

/// Streams that make a kind. The first row that fits decides.
const BY_STREAM: &[(&str, Kind)] = &[
    ("WordDocument", kind::DOC),
    ("Workbook", kind::XLS),
    ("Book", kind::XLS),
    ("PowerPoint Document", kind::PPT),
    ("VisioDocument", kind::VSD),
    ("__properties_version1.0", kind::MSG),
    ("Props14", kind::MPP),
    ("Props12", kind::MPP),
    ("Props9", kind::MPP),
    ("Quill", kind::PUB),
    ("SwDocContentMgr", kind::SOLIDWORKS),
    ("SwDocMgrTempStorage", kind::SOLIDWORKS),
    ("SWSummaryInfo", kind::SOLIDWORKS),
    ("Dgn~H", kind::DGN),
    ("BasicFileInfo", kind::REVIT),
    ("Catalog", kind::THUMBNAILS),
];

/// Classes of the root storage that make a kind: the first four bytes of each are enough.
const BY_CLASS: &[([u8; 4], Kind)] = &[
    ([0x3A, 0x8F, 0xB7, 0x74], kind::MPP),
    ([0x84, 0x10, 0x0C, 0x00], kind::MSI),
];

/// The largest stream of properties that is read.
const MAX_PROPERTIES: usize = 1 << 20;

/// Fills in what a compound file is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::COMPOUND;
    let file = Compound::open(source)?;
    if file.stream("EncryptedPackage").is_some() {
        return protected::examine(source, &file, found);
    }
    if let Some(kind) = recognise(source, &file)? {
        found.kind = kind;
    }
    let encryption = match found.kind {
        kind::DOC => word(source, &file, found),
        kind::XLS => excel(source, &file, found),
        kind::PPT => powerpoint(source, &file, found),
        kind::HWP => hangul(source, &file, found),
        _ => Ok(()),
    };
    found.tolerate(encryption)?;
    for name in ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"] {
        if let Some(stream) = file.stream(name) {
            let read = file.read(source, stream, MAX_PROPERTIES);
            let result = read.and_then(|bytes| property_set::read(&bytes, found));
            found.tolerate(result)?;
        }
    }
    Ok(())
}

fn recognise(source: &mut Source<'_>, file: &Compound) -> Result<Option<Kind>, Stop> {
    let has = |name: &str| file.top().any(|entry| entry.name.trim() == name);
    if let Some((_, kind)) = BY_STREAM.iter().find(|(name, _)| has(name)) {
        return Ok(Some(*kind));
    }
    if let Some(header) = file.stream("FileHeader") {
        let start = file.read(source, header, 32)?;
        if start.starts_with(b"HWP Document File") {
            return Ok(Some(kind::HWP));
        }
    }
    let class = &file.root().class;
    let row = BY_CLASS.iter().find(|(start, _)| class.starts_with(start));
    Ok(row.map(|(_, kind)| *kind))
}

/// The first `max` bytes of a stream that must be there.
fn start_of(source: &mut Source<'_>, file: &Compound, name: &str, max: usize) -> Result<Vec<u8>, Stop> {
    let stream = file.stream(name).ok_or(Stop::Damaged)?;
    file.read(source, stream, max)
}

fn word(source: &mut Source<'_>, file: &Compound, found: &mut Found) -> Result<(), Stop> {
    const ENCRYPTED: u16 = 0x0100;
    const OBFUSCATED: u16 = 0x8000;
    let flags = u16_at(&start_of(source, file, "WordDocument", 32)?, 10)?;
    if flags & ENCRYPTED != 0 {
        let is_xor = flags & OBFUSCATED != 0;
        found.encrypted(if is_xor {
            EncryptionMethod::CfbXor
        } else {
            EncryptionMethod::CfbRc4
        });
    }
    Ok(())
}

fn excel(source: &mut Source<'_>, file: &Compound, found: &mut Found) -> Result<(), Stop> {
    const FILE_PASS: u16 = 0x2F;
    const END_OF_PART: u16 = 0x0A;
    /// The record stands among the first few.
    const RECORDS: usize = 64;
    let name = if file.stream("Workbook").is_some() {
        "Workbook"
    } else {
        "Book"
    };
    let start = start_of(source, file, name, 64 << 10)?;
    let mut rest = start.as_slice();
    for _ in 0..RECORDS {
        let (id, len) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        if id == END_OF_PART {
            return Ok(());
        }
        if id == FILE_PASS {
            let body = rest.get(4..4 + len).ok_or(Stop::Damaged)?;
            // Since Excel 97 the record begins with its type; before, there was XOR alone.
            let is_xor = len == 4 || u16_at(body, 0)? == 0;
            let method = if is_xor {
                EncryptionMethod::CfbXor
            } else {
                EncryptionMethod::CfbRc4
            };
            let opens = built_in_password::opens_workbook(body);
            let state = if opens {
                EncryptionState::Openable
            } else {
                EncryptionState::Encrypted
            };
            found.set_encryption(state, method);
            return Ok(());
        }
        let Some(next) = rest.get(4 + len..).filter(|next| !next.is_empty()) else {
            return Ok(());
        };
        rest = next;
    }
    Ok(())
}

fn powerpoint(source: &mut Source<'_>, file: &Compound, found: &mut Found) -> Result<(), Stop> {
    const ENCRYPTED_TOKEN: u32 = 0xF3D1_C4DF;
    let user = start_of(source, file, "Current User", 32)?;
    if u32_at(&user, 12)? == ENCRYPTED_TOKEN || file.stream("EncryptedSummary").is_some() {
        found.encrypted(EncryptionMethod::CfbRc4);
    }
    Ok(())
}

fn hangul(source: &mut Source<'_>, file: &Compound, found: &mut Found) -> Result<(), Stop> {
    let header = start_of(source, file, "FileHeader", 256)?;
    if u32_at(&header, 36)? & 2 != 0 {
        found.encryption.state = EncryptionState::Encrypted;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    /// What a compound file with these streams is.
    fn found(streams: &[(&str, &[u8])]) -> Found {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (name, content) in streams {
            file.create_stream(name).unwrap().write_all(content).unwrap();
        }
        let bytes = file.into_inner().into_inner();
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        examine(&mut Source::of_memory(&bytes, &budget), &mut found).unwrap();
        found
    }

    fn state(streams: &[(&str, &[u8])]) -> (Kind, EncryptionState, Option<EncryptionMethod>) {
        let found = found(streams);
        (found.kind, found.encryption.state, found.encryption.method)
    }

    #[test]
    fn kinds_are_told_by_their_streams() {
        for (name, kind) in BY_STREAM {
            assert_eq!(found(&[(name, &[0; 64])]).kind, *kind, "{name}");
        }
        assert_eq!(found(&[("something", b"else")]).kind, kind::COMPOUND);
    }

    #[test]
    fn word_is_encrypted_by_a_flag() {
        let start = |flags: u16| {
            let mut start = [0; 32];
            start[10..12].copy_from_slice(&flags.to_le_bytes());
            start
        };
        let method = |flags| state(&[("WordDocument", &start(flags))]).2;
        assert_eq!(method(0x0200), None);
        assert_eq!(method(0x0100), Some(EncryptionMethod::CfbRc4));
        assert_eq!(method(0x8100), Some(EncryptionMethod::CfbXor));
    }

    #[test]
    fn excel_is_encrypted_by_a_record() {
        let begin = [0x09, 0x08, 4, 0, 0, 6, 5, 0];
        let plain = [&begin[..], &[0xE1, 0, 2, 0, 0xB0, 4], &[0x0A, 0, 0, 0]].concat();
        let xor = [&begin[..], &[0x2F, 0, 6, 0, 0, 0, 1, 2, 3, 4]].concat();
        let opens = [&begin[..], &[0x2F, 0, 6, 0, 0, 0, 1, 2, 0x0A, 0x9A]].concat();
        let old = [&begin[..], &[0x2F, 0, 4, 0, 1, 2, 3, 4]].concat();
        let xor_method = Some(EncryptionMethod::CfbXor);
        assert_eq!(state(&[("Workbook", &plain)]), (kind::XLS, EncryptionState::None, None));
        assert_eq!(
            state(&[("Workbook", &xor)]),
            (kind::XLS, EncryptionState::Encrypted, xor_method)
        );
        assert_eq!(
            state(&[("Workbook", &opens)]),
            (kind::XLS, EncryptionState::Openable, xor_method)
        );
        assert_eq!(
            state(&[("Book", &old)]),
            (kind::XLS, EncryptionState::Encrypted, xor_method)
        );
    }

    #[test]
    fn powerpoint_is_encrypted_by_a_token() {
        let user = |token: u32| [&[0; 12][..], &token.to_le_bytes(), &[0; 8]].concat();
        let state = |token| state(&[("PowerPoint Document", b"x"), ("Current User", &user(token))]).1;
        assert_eq!(state(0xE391_C05F), EncryptionState::None);
        assert_eq!(state(0xF3D1_C4DF), EncryptionState::Encrypted);
    }

    #[test]
    fn a_package_without_a_description_of_its_lock_is_locked_by_rights_management() {
        let locked = (
            kind::OOXML_ENCRYPTED,
            EncryptionState::Encrypted,
            Some(EncryptionMethod::Ooxml),
        );
        assert_eq!(state(&[("EncryptedPackage", &[0; 100])]), locked);
    }
}

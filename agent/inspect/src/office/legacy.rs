//! What a compound file is: by the streams in its root, and for some by its class.

use crate::container::compound::{Compound, Storage};
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::mail::msg;
use crate::office::{doc, hwp, mpp, objects, ppt, property_set, protected, publisher, vsd, xls};
use crate::source::{Source, Stop};

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
    ("RSeStorage", kind::INVENTOR),
    ("UFRxDoc", kind::INVENTOR),
    ("JSitesList", kind::SOLID_EDGE),
    ("Board6", kind::ALTIUM),
    ("FileHeaderSix", kind::ALTIUM),
    ("ClassDirectory3", kind::MAX),
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
    examine_storage(source, file.root(), found)
}

/// Fills in what a compound file is, or an object that a document keeps as a storage of its own.
pub(crate) fn examine_storage(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::COMPOUND;
    if storage.stream("EncryptedPackage").is_some() {
        return protected::examine(source, storage, found);
    }
    if let Some(kind) = recognise(source, storage)? {
        found.kind = kind;
    }
    let result = match found.kind {
        kind::DOC => doc::examine(source, storage, found),
        kind::XLS => xls::examine(source, storage, found),
        kind::PPT => ppt::examine(source, storage, found),
        kind::HWP => hwp::examine(source, storage, found),
        kind::MSG => msg::examine(source, storage, found),
        kind::MPP => mpp::examine(source, storage, found),
        kind::PUB => publisher::examine(source, storage, found),
        kind::VSD => vsd::examine(source, storage, found),
        _ => Ok(()),
    };
    found.tolerate(result)?;
    for name in ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"] {
        if let Some(stream) = storage.stream(name).filter(|stream| stream.size > 0) {
            let read = storage.read(source, stream, MAX_PROPERTIES);
            let result = read.and_then(|bytes| property_set::read(&bytes, found));
            found.tolerate(result)?;
        }
    }
    if found.encryption.protects() {
        return Ok(());
    }
    objects::examine(source, storage, found)
}

fn recognise(source: &mut Source<'_>, storage: Storage<'_>) -> Result<Option<Kind>, Stop> {
    let has = |name: &str| {
        storage
            .entries()
            .any(|entry| entry.name.trim().eq_ignore_ascii_case(name))
    };
    if let Some((_, kind)) = BY_STREAM.iter().find(|(name, _)| has(name)) {
        return Ok(Some(*kind));
    }
    if let Some(header) = storage.stream("FileHeader") {
        let start = storage.read(source, header, 32)?;
        if start.starts_with(b"HWP Document File") {
            return Ok(Some(kind::HWP));
        }
    }
    let class = storage.class();
    let row = BY_CLASS.iter().find(|(start, _)| class.starts_with(start));
    Ok(row.map(|(_, kind)| *kind))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::time::Instant;

    use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

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

//! Programs for Windows that carry an archive behind their own end and unpack it: what is in there counts like that of an archive.

use crate::container::contents::Contents;
use crate::container::zip;
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop, u16_at, u32_at};

/// Bytes behind the program in which an archive begins: settings of the unpacker may come before it.
const REACH: usize = 64 << 10;
/// The most sections of a program (PE format, 3.3).
const MAX_SECTIONS: u64 = 96;
const SECTION: usize = 40;

const ARCHIVES: [&[u8]; 4] = [
    b"7z\xBC\xAF\x27\x1C",
    b"Rar!\x1A\x07\x00",
    b"Rar!\x1A\x07\x01\x00",
    b"MSCF\0\0\0\0",
];

/// Goes through the archive that a program carries; without one nothing of it is read.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::EXE;
    let Some(end) = end(source)?.filter(|end| *end < source.len()) else {
        return Ok(());
    };
    let behind = source.bytes(end, REACH)?;
    let begins = ARCHIVES
        .iter()
        .filter_map(|magic| memchr::memmem::find(&behind, magic))
        .min();
    let start = match begins {
        Some(at) => end + at as u64,
        // Offsets of a zip count from its own beginning, or from that of the program.
        None if zip::has_end(source)? => 0,
        None => return Ok(()),
    };
    source.budget().spend_entry()?;
    let mut contents = Contents::new(found);
    let len = source.len() - start;
    let result = if start == 0 {
        contents.zip(source)
    } else {
        contents.file(&mut source.part(start, len), "")
    };
    contents.finish();
    result
}

/// Where the last section of a program ends; `None` when it is not one for Windows.
fn end(source: &mut Source<'_>) -> Result<Option<u64>, Stop> {
    let dos = source.bytes(0, 64)?;
    let Ok(header) = u32_at(&dos, 60) else {
        return Ok(None);
    };
    let header = u64::from(header);
    let start = source.bytes(header, 24)?;
    if !start.starts_with(b"PE\0\0") || start.len() < 24 {
        return Ok(None);
    }
    let count = u64::from(u16_at(&start, 6)?).min(MAX_SECTIONS);
    let table = header + 24 + u64::from(u16_at(&start, 20)?);
    let mut end = 0;
    for index in 0..count {
        let section = source.exact(table + index * SECTION as u64, SECTION)?;
        let (size, at) = (u32_at(&section, 16)?, u32_at(&section, 20)?);
        end = end.max(u64::from(size) + u64::from(at));
    }
    Ok((end > 0).then_some(end))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use fileward_protocol::vocabulary::EncryptionState;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    /// A program of one section that ends at 0x200.
    fn program() -> Vec<u8> {
        let mut bytes = vec![0; 0x200];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 0x40;
        bytes[0x40..0x44].copy_from_slice(b"PE\0\0");
        bytes[0x46] = 1;
        let section = 0x40 + 24;
        bytes[section + 17] = 1;
        bytes[section + 21] = 1;
        bytes
    }

    fn found(behind: &[u8]) -> Found {
        let bytes = [&program(), behind].concat();
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        examine(&mut Source::of_memory(&bytes, &budget), &mut found).unwrap();
        assert_eq!(found.kind, kind::EXE);
        found
    }

    #[test]
    fn what_a_program_carries_is_read() {
        let plain = include_bytes!("../../tests/files/fixtures/bcj.7z");
        let settings = b";!@Install@!UTF-8!\nTitle=\"x\"\n;!@InstallEnd@!";
        for behind in [
            plain.to_vec(),
            [&settings[..], plain].concat(),
            include_bytes!("../../tests/files/fixtures/packed-5.rar").to_vec(),
            include_bytes!("../../tests/files/fixtures/bzip2.zip").to_vec(),
        ] {
            assert!(found(&behind).text.captured.contains("示例科技"));
        }
    }

    #[test]
    fn a_locked_archive_locks_the_program_that_carries_it() {
        let locked = found(include_bytes!("../../tests/files/fixtures/locked.7z"));
        assert_eq!(locked.encryption.state, EncryptionState::Encrypted);
        let zip = found(include_bytes!("../../tests/files/fixtures/aes.zip"));
        assert_eq!(zip.encryption.state, EncryptionState::Encrypted);
        assert!(!found(b"a signature").text.is_read());
    }
}

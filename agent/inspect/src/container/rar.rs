//! RAR 4 and 5. What is stored is read where it lies; the rest is unpacked by the crate `rars`, which is given one file of
//! the archive at a time, or a solid archive of bounded size as a whole.

mod headers;
mod unpack;

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::container::contents::Contents;
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop};
use headers::{Archive, Member};

/// Fills in what a RAR archive is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::RAR;
    let mut archive = Archive::default();
    let walked = headers::walk(source, &mut archive);
    let mut contents = Contents::new(found);
    let result = go_through(source, &archive, &mut contents);
    contents.finish();
    result.and(walked)
}

fn go_through(source: &mut Source<'_>, archive: &Archive, contents: &mut Contents<'_>) -> Result<(), Stop> {
    if archive.has_encrypted_headers {
        contents.locked(Some(EncryptionMethod::Rar));
        return Ok(());
    }
    for member in &archive.members {
        contents.name(&member.name)?;
    }
    let is_packed = |member: &Member| !member.is_stored && !member.is_encrypted && !member.is_empty();
    if archive.is_solid && archive.members.iter().any(is_packed) {
        return unpack::solid(source, archive, contents);
    }
    for member in archive.members.iter().filter(|member| !member.is_empty()) {
        match member {
            _ if member.is_encrypted => contents.locked(Some(EncryptionMethod::Rar)),
            // Its rest is in another volume.
            _ if member.is_split => contents.unread(Stop::Damaged)?,
            _ if member.is_stored => contents.file(&mut member.data(source), &member.name)?,
            _ => unpack::one(source, archive, member, contents)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use fileward_protocol::vocabulary::EncryptionState;

    use super::headers::VERSION_5;
    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    fn state(bytes: &[u8]) -> EncryptionState {
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        examine(&mut Source::of_memory(bytes, &budget), &mut found).unwrap();
        found.encryption.state
    }

    /// A block of version 4: its type, flags, the rest of its header, and what follows it.
    fn block_4(kind: u8, flags: u16, rest: &[u8], data: &[u8]) -> Vec<u8> {
        let size = u16::try_from(7 + rest.len()).unwrap();
        [&[0, 0, kind][..], &flags.to_le_bytes(), &size.to_le_bytes(), rest, data].concat()
    }

    fn file_4(flags: u16, data: &[u8]) -> Vec<u8> {
        let mut rest = [0; 30];
        rest[0] = u8::try_from(data.len()).unwrap();
        block_4(0x74, flags, &rest, data)
    }

    fn archive_4(main_flags: u16, files: &[Vec<u8>]) -> Vec<u8> {
        let main = block_4(0x73, main_flags, &[0; 6], &[]);
        [
            b"Rar!\x1A\x07\0".to_vec(),
            main,
            files.concat(),
            block_4(0x7B, 0, &[], &[]),
        ]
        .concat()
    }

    /// A block of version 5 with its extra area at the end of the header.
    fn block_5(kind: u8, rest: &[u8], extra: &[u8], data: &[u8]) -> Vec<u8> {
        let [extra_len, data_len] = [extra.len(), data.len()].map(|len| u8::try_from(len).unwrap());
        let header = [&[kind, 3, extra_len, data_len][..], rest, extra].concat();
        [&[0; 4][..], &[u8::try_from(header.len()).unwrap()], &header, data].concat()
    }

    fn archive_5(blocks: &[Vec<u8>]) -> Vec<u8> {
        [VERSION_5.to_vec(), blocks.concat(), block_5(5, &[0], &[], &[])].concat()
    }

    #[test]
    fn version_4_is_judged_by_its_files_or_its_header() {
        let (plain, locked, folder) = (file_4(0, b"abc"), file_4(4, b"abc"), file_4(0xE0, b""));
        assert_eq!(
            state(&archive_4(0, &[plain.clone(), folder.clone()])),
            EncryptionState::None
        );
        assert_eq!(
            state(&archive_4(0, &[locked.clone(), folder])),
            EncryptionState::Encrypted
        );
        assert_eq!(state(&archive_4(0, &[locked, plain])), EncryptionState::Partly);
        assert_eq!(state(&archive_4(0x80, &[vec![0x55; 40]])), EncryptionState::Encrypted);
    }

    #[test]
    fn version_5_is_judged_by_its_files_or_its_first_block() {
        let file = |extra: &[u8]| block_5(2, &[0; 8], extra, b"abc");
        // A record of times comes before the one of encryption.
        let locked = file(&[2, 3, 0, 3, 1, 0, 0]);
        let plain = file(&[2, 3, 0]);
        let folder = block_5(2, &[1, 0, 0, 0, 0, 0, 0, 0], &[], &[]);
        assert_eq!(
            state(&archive_5(&[plain.clone(), folder.clone()])),
            EncryptionState::None
        );
        assert_eq!(state(&archive_5(&[locked.clone(), folder])), EncryptionState::Encrypted);
        assert_eq!(state(&archive_5(&[plain, locked])), EncryptionState::Partly);
        assert_eq!(
            state(&archive_5(&[block_5(4, &[0; 20], &[], &[])])),
            EncryptionState::Encrypted
        );
    }
}

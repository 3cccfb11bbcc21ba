//! RAR 4 and 5: block headers, as far as they are readable.

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::container::Tally;
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop, u16_at, u32_at};

const VERSION_5: &[u8] = b"Rar!\x1A\x07\x01\x00";
/// The longest block header of version 5.
const MAX_HEADER: u64 = 2 << 20;
/// Bytes of a header that are looked at; names and marks come first.
const HEADER_PART: usize = 4096;

/// Fills in what a RAR archive is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::RAR;
    let mut tally = Tally::default();
    let is_5 = source.bytes(0, VERSION_5.len())? == VERSION_5;
    let result = if is_5 {
        walk_5(source, &mut tally)
    } else {
        walk_4(source, &mut tally)
    };
    if let Some(state) = tally.state() {
        found.set_encryption(state, EncryptionMethod::Rar);
    }
    result
}

fn walk_4(source: &mut Source<'_>, tally: &mut Tally) -> Result<(), Stop> {
    const MAIN: u8 = 0x73;
    const FILE: u8 = 0x74;
    const END: u8 = 0x7B;
    let mut offset = 7;
    while offset < source.len() {
        let header = source.bytes(offset, 40)?;
        let kind = *header.get(2).ok_or(Stop::Damaged)?;
        let flags = u16_at(&header, 3)?;
        let header_size = u64::from(u16_at(&header, 5)?);
        if header_size < 7 {
            return Err(Stop::Damaged);
        }
        source.budget().spend_entry()?;
        let mut data = 0;
        match kind {
            MAIN if flags & 0x80 != 0 => {
                tally.count(true);
                return Ok(());
            }
            FILE => {
                data = u64::from(u32_at(&header, 7)?);
                if flags & 0x100 != 0 {
                    data |= u64::from(u32_at(&header, 32)?) << 32;
                }
                let is_folder = flags & 0xE0 == 0xE0;
                if !is_folder && (data > 0 || flags & 4 != 0) {
                    tally.count(flags & 4 != 0);
                }
            }
            END => return Ok(()),
            _ if flags & 0x8000 != 0 => data = u32_at(&header, 7)?.into(),
            _ => {}
        }
        offset = offset.checked_add(header_size + data).ok_or(Stop::Damaged)?;
    }
    Ok(())
}

fn walk_5(source: &mut Source<'_>, tally: &mut Tally) -> Result<(), Stop> {
    const FILE: u64 = 2;
    const ENCRYPTED_HEADERS: u64 = 4;
    const END: u64 = 5;
    let mut offset = VERSION_5.len() as u64;
    while offset < source.len() {
        source.budget().spend_entry()?;
        let start = source.bytes(offset + 4, 3)?;
        let mut fields = Fields(&start);
        let size = fields.number()?;
        let size_len = (start.len() - fields.0.len()) as u64;
        if size == 0 || size > MAX_HEADER {
            return Err(Stop::Damaged);
        }
        let part = usize::try_from(size).map_or(HEADER_PART, |size| size.min(HEADER_PART));
        let header = source.exact(offset + 4 + size_len, part)?;
        let mut fields = Fields(&header);
        let kind = fields.number()?;
        let flags = fields.number()?;
        let extra = if flags & 1 == 0 { 0 } else { fields.number()? };
        let data = if flags & 2 == 0 { 0 } else { fields.number()? };
        match kind {
            FILE => {
                let is_encrypted = extra_records(source, offset + 4 + size_len + size, extra.min(size))?.contains(&1);
                let is_folder = fields.number()? & 1 != 0;
                if is_encrypted || !is_folder && data > 0 {
                    tally.count(is_encrypted);
                }
            }
            ENCRYPTED_HEADERS => {
                tally.count(true);
                return Ok(());
            }
            END => return Ok(()),
            _ => {}
        }
        offset = (offset + 4 + size_len + size).checked_add(data).ok_or(Stop::Damaged)?;
    }
    Ok(())
}

/// The types of the records in the extra area, which are the last `size` bytes of a header.
fn extra_records(source: &mut Source<'_>, header_end: u64, size: u64) -> Result<Vec<u64>, Stop> {
    let len = usize::try_from(size).map_or(HEADER_PART, |size| size.min(HEADER_PART));
    let bytes = source.bytes(header_end.saturating_sub(size), len)?;
    let mut fields = Fields(&bytes);
    let mut types = Vec::new();
    while let Ok(record_size) = fields.number() {
        let mut record = Fields(fields.0);
        types.push(record.number()?);
        let Some(rest) = usize::try_from(record_size).ok().and_then(|size| fields.0.get(size..)) else {
            break;
        };
        fields = Fields(rest);
    }
    Ok(types)
}

/// Numbers of seven bits a byte, lowest first.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Stop::Damaged)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use fileward_protocol::vocabulary::EncryptionState;

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

//! The records of a change journal, as Microsoft documents them: `READ_USN_JOURNAL_DATA`, `USN_RECORD_V2` and `USN_RECORD_V3` of
//! `winioctl.h` (<https://learn.microsoft.com/windows/win32/api/winioctl/ns-winioctl-usn_record_v2>, `…usn_record_v3`).
//! Numbers are little-endian.

/// A folder, by the number that its volume gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::watch) enum Folder {
    /// 64 bits: of NTFS.
    Short(u64),
    /// 128 bits: of `ReFS`.
    Long(u128),
}

/// What is taken of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The folder in which something happened.
    pub(super) folder: Folder,
    /// The name of what it happened to.
    pub(super) name: Vec<u16>,
    /// Whether it was closed after all that happened, or got this name.
    pub(super) is_finished: bool,
    /// Whether it is a folder that got this name: what lies in it has other paths.
    pub(super) is_moved_folder: bool,
}

/// `USN_REASON_RENAME_NEW_NAME`, `USN_REASON_CLOSE` and `FILE_ATTRIBUTE_DIRECTORY`.
const RENAMED: u32 = 0x2000;
const CLOSED: u32 = 0x8000_0000;
const FOLDER: u32 = 0x10;

/// Where to go on reading, and the records in `buffer`. Records of other versions are passed over.
///
/// `None` when the buffer is not what is documented: then nothing can be said about what is in it.
pub(super) fn records(buffer: &[u8]) -> Option<(i64, Vec<Record>)> {
    let next = i64::from_le_bytes(array(buffer, 0)?);
    let mut rest = &buffer[8..];
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(array(rest, 0)?) as usize;
        let record = rest.get(..length)?;
        match u16::from_le_bytes(array(record, 4)?) {
            2 => {
                let folder = Folder::Short(u64::from_le_bytes(array(record, 16)?));
                records.push(read(record, folder, 40)?);
            }
            3 => {
                let folder = Folder::Long(u128::from_le_bytes(array(record, 24)?));
                records.push(read(record, folder, 56)?);
            }
            _ => {}
        }
        // Each record begins at a multiple of eight; the last one may end the buffer before that.
        rest = rest.get(length.next_multiple_of(8)..).unwrap_or_default();
    }
    Some((next, records))
}

/// The record of something in `folder`, whose reason stands at `at`. From there on both versions are alike.
fn read(record: &[u8], folder: Folder, at: usize) -> Option<Record> {
    let reason = u32::from_le_bytes(array(record, at)?);
    let attributes = u32::from_le_bytes(array(record, at + 12)?);
    let is_renamed = reason & RENAMED != 0;
    Some(Record {
        folder,
        name: name(record, at + 16)?,
        is_finished: is_renamed || reason & CLOSED != 0,
        is_moved_folder: is_renamed && attributes & FOLDER != 0,
    })
}

/// The name whose length in bytes stands at `at`, and after it how far from the record's beginning it is.
fn name(record: &[u8], at: usize) -> Option<Vec<u16>> {
    let length = u16::from_le_bytes(array(record, at)?).into();
    let from = u16::from_le_bytes(array(record, at + 2)?).into();
    let (units, _) = record.get(from..)?.get(..length)?.as_chunks::<2>();
    Some(units.iter().map(|unit| u16::from_le_bytes(*unit)).collect())
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A buffer written out by the documentation: the file `报告.docx` made in the folder 0x0005000000012345, then a record of
    /// version 4, which has no name, then the same file in a folder of `ReFS`.
    const WRITTEN: &str = "
        0010 0000 0000 0000
        5000 0000 0200 0000  7856 0000 0000 0300 4523 0100 0000 0500  000f 0000 0000 0000
        0080 3ed5 deb1 9d01  0001 0000 0000 0000 0000 0000 2000 0000  0e00 3c00
        a562 4a54 2e00 6400 6f00 6300 7800 0000 0000 0000
        1000 0000 0400 0000  0000 0000 0000 0000
        5a00 0000 0300 0000  0100 0000 0000 0000 0000 0000 0000 0000
        0700 0000 0000 0000 0900 0000 0000 0000  500f 0000 0000 0000
        0080 3ed5 deb1 9d01  0001 0000 0000 0000 0000 0000 2000 0000  0e00 4c00
        a562 4a54 2e00 6400 6f00 6300 7800";

    fn written() -> Vec<u8> {
        let digits: Vec<u8> = WRITTEN.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[test]
    fn records_of_both_versions_are_read_and_others_passed_over() {
        let name: Vec<u16> = "报告.docx".encode_utf16().collect();
        let record = |folder| Record {
            folder,
            name: name.clone(),
            is_finished: false,
            is_moved_folder: false,
        };
        let expected = [
            record(Folder::Short(0x0005_0000_0001_2345)),
            record(Folder::Long(9 << 64 | 7)),
        ];
        assert_eq!(records(&written()), Some((4096, expected.to_vec())));
    }

    #[test]
    fn what_was_closed_or_renamed_is_finished_and_a_renamed_folder_is_told_from_a_file() {
        let read = |reason: u32, attributes: u32| {
            let mut written = written();
            written[8 + 40..][..4].copy_from_slice(&reason.to_le_bytes());
            written[8 + 52..][..4].copy_from_slice(&attributes.to_le_bytes());
            let record = records(&written).unwrap().1.remove(0);
            (record.is_finished, record.is_moved_folder)
        };
        let (created, old_name) = (0x100, 0x1000);
        assert_eq!(read(created, FOLDER), (false, false));
        assert_eq!(read(created | CLOSED, 0x20), (true, false));
        assert_eq!(read(old_name, FOLDER), (false, false));
        assert_eq!(read(RENAMED, 0x20), (true, false));
        assert_eq!(read(RENAMED | CLOSED, FOLDER), (true, true));
    }

    #[test]
    fn an_empty_buffer_only_tells_where_to_go_on() {
        assert_eq!(records(&written()[..8]), Some((4096, Vec::new())));
        assert_eq!(records(&written()[..7]), None);
    }

    #[test]
    fn a_record_that_is_cut_off_or_has_no_length_is_none() {
        let whole = written();
        assert_eq!(records(&whole[..whole.len() - 1]), None);
        let mut endless = whole.clone();
        endless[8..12].fill(0);
        assert_eq!(records(&endless), None);
        let mut outside = whole;
        outside[8 + 58] = 0xFF;
        assert_eq!(records(&outside), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..120_usize, byte: u8) {
            drop(records(&bytes));
            let mut damaged = written();
            damaged[at] = byte;
            drop(records(&damaged));
        }
    }
}

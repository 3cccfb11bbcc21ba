//! The raw SMBIOS table, as `GetSystemFirmwareTable` gives it; by the specification of the DMTF (DSP0134), section 6.1
//! for the structures and 7.2 to 7.4 for those read here. Every length in it comes from the firmware and is checked.
//!
//! Our own few lines: the crates for it read all of the table, and are larger than the rest of the fingerprint.

use uuid::Uuid;

use super::hardware::Smbios;
use super::{told, told_uuid};

/// Microsoft's header in front of the table: method, version (at 1 and 2), revision and length; `RawSMBIOSData` in its
/// documentation.
const HEADER: usize = 8;

/// The first version that says in which order the bytes of a UUID stand.
const LITTLE_ENDIAN_SINCE: (u8, u8) = (2, 6);
/// Type, length and handle of a structure.
const START: usize = 4;
const SYSTEM: u8 = 1;
const BOARD: u8 = 2;
const CHASSIS: u8 = 3;
const END: u8 = 127;

/// Reads the table; of each kind of structure the first tells.
pub(super) fn read(raw: &[u8]) -> Smbios {
    let mut table = Smbios::default();
    let Some((header, mut rest)) = raw.split_at_checked(HEADER) else {
        return table;
    };
    let version = (header[1], header[2]);
    let (mut system, mut board, mut chassis) = (false, false, false);
    while let Some((structure, next)) = Structure::first(rest) {
        rest = next;
        match structure.kind {
            SYSTEM if !system => {
                system = true;
                table.vendor = structure.text(4);
                table.product = structure.text(5);
                table.version = structure.text(6);
                table.serial = structure.text(7);
                table.uuid = structure.uuid(8, version);
            }
            BOARD if !board => {
                board = true;
                table.board_vendor = structure.text(4);
                table.board_product = structure.text(5);
                table.board_serial = structure.text(7);
            }
            CHASSIS if !chassis => {
                chassis = true;
                table.chassis_serial = structure.text(7);
            }
            END => break,
            _ => {}
        }
    }
    table
}

/// One structure: fields of a fixed length, and the texts they number.
struct Structure<'a> {
    kind: u8,
    fields: &'a [u8],
    texts: &'a [u8],
}

impl<'a> Structure<'a> {
    /// The first structure, and what follows it.
    fn first(table: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let [kind, length, ..] = *table else { return None };
        let length = usize::from(length);
        if length < START {
            return None;
        }
        let (fields, rest) = table.split_at_checked(length)?;
        // The texts end with an empty one; where there are none, two zeros stand for it.
        let end = rest.windows(2).position(|pair| pair == [0, 0])?;
        let (texts, rest) = rest.split_at(end);
        let structure = Self { kind, fields, texts };
        Some((structure, &rest[2..]))
    }

    /// The UUID at `offset`, unless it is a filler. Before it was said, makers wrote its first three fields as they are
    /// spelled; today they stand with their last byte first.
    fn uuid(&self, offset: usize, version: (u8, u8)) -> Option<Uuid> {
        let (bytes, _) = self.fields.get(offset..)?.split_first_chunk()?;
        told_uuid(if version >= LITTLE_ENDIAN_SINCE {
            Uuid::from_bytes_le(*bytes)
        } else {
            Uuid::from_bytes(*bytes)
        })
    }

    /// The text whose number stands at `offset`, unless it is a filler; numbers begin with 1.
    fn text(&self, offset: usize) -> Option<String> {
        let number = usize::from(*self.fields.get(offset)?).checked_sub(1)?;
        let text = self.texts.split(|byte| *byte == 0).nth(number)?;
        told(&String::from_utf8_lossy(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A structure with the texts its first fields number.
    fn structure(kind: u8, numbers: &[u8], texts: &[&str]) -> Vec<u8> {
        let length = u8::try_from(START + numbers.len()).unwrap();
        let mut bytes = vec![kind, length, 0, kind];
        bytes.extend(numbers);
        for text in texts {
            bytes.extend(text.bytes().chain([0]));
        }
        bytes.extend(if texts.is_empty() { vec![0, 0] } else { vec![0] });
        bytes
    }

    fn table(structures: &[Vec<u8>]) -> Vec<u8> {
        [vec![0, 3, 3, 0, 0, 0, 0, 0], structures.concat()].concat()
    }

    #[test]
    fn a_laptop_as_its_maker_wrote_it() {
        let raw = table(&[
            structure(0, &[1, 2, 0, 0], &["LENOVO", "N32ET86W (1.62 )"]),
            structure(
                SYSTEM,
                &[1, 2, 3, 4, 9, 9, 9, 9],
                &["LENOVO", "20XWCTO1WW", "ThinkPad X1 Carbon Gen 9", "PF2ABC3D"],
            ),
            structure(BOARD, &[1, 2, 0, 3], &["LENOVO", "20XWCTO1WW", "L1HF17B00AB"]),
            structure(CHASSIS, &[1, 10, 0, 2], &["LENOVO", "PF2ABC3D"]),
            structure(END, &[], &[]),
            structure(SYSTEM, &[1], &["after the end"]),
        ]);
        let read = read(&raw);
        assert_eq!(read.vendor.as_deref(), Some("LENOVO"));
        assert_eq!(read.product.as_deref(), Some("20XWCTO1WW"));
        assert_eq!(read.version.as_deref(), Some("ThinkPad X1 Carbon Gen 9"));
        assert_eq!(read.serial.as_deref(), Some("PF2ABC3D"));
        assert_eq!(read.board_serial.as_deref(), Some("L1HF17B00AB"));
        assert_eq!(read.chassis_serial.as_deref(), Some("PF2ABC3D"));
    }

    #[test]
    fn the_order_of_a_uuids_bytes_goes_by_the_version() {
        let stored: Vec<u8> = (0x10..0x20).collect();
        let told = |major, minor, uuid: &[u8]| {
            let system = structure(SYSTEM, &[&[0, 0, 0, 0], uuid].concat(), &[]);
            let mut raw = table(&[system]);
            (raw[1], raw[2]) = (major, minor);
            read(&raw).uuid.map(|uuid| uuid.to_string())
        };
        let (swapped, plain) = (
            "13121110-1514-1716-1819-1a1b1c1d1e1f",
            "10111213-1415-1617-1819-1a1b1c1d1e1f",
        );
        for (major, minor, expected) in [(2, 5, plain), (2, 6, swapped), (3, 0, swapped)] {
            assert_eq!(told(major, minor, &stored).as_deref(), Some(expected));
        }
        for none in [&[0; 16][..], &[0xff; 16], &stored[..15]] {
            assert_eq!(told(3, 3, none), None);
        }
    }

    #[test]
    fn fillers_missing_texts_and_a_second_board_do_not_count() {
        let raw = table(&[
            structure(
                SYSTEM,
                &[1, 2, 0, 7],
                &["To be filled by O.E.M.", "System Product Name"],
            ),
            structure(BOARD, &[1, 2, 0, 0], &["ASUSTeK COMPUTER INC.", "PRIME B660M-K D4"]),
            structure(BOARD, &[1], &["another"]),
            structure(CHASSIS, &[], &[]),
        ]);
        let expected = Smbios {
            board_vendor: Some("ASUSTeK COMPUTER INC.".into()),
            board_product: Some("PRIME B660M-K D4".into()),
            ..Smbios::default()
        };
        assert_eq!(read(&raw), expected);
    }

    #[test]
    fn a_table_that_ends_early_tells_what_came_before() {
        let whole = structure(SYSTEM, &[1, 2], &["QEMU", "Standard PC"]);
        let cut = structure(BOARD, &[1, 2], &["board", "product"]);
        let raw = table(&[whole, cut[..cut.len() - 2].to_vec()]);
        let read = read(&raw);
        assert_eq!((read.vendor.as_deref(), read.board_vendor), (Some("QEMU"), None));
    }

    proptest! {
        #[test]
        fn whatever_the_firmware_says_is_read_to_an_end(raw in proptest::collection::vec(0_u8..6, 0..200)) {
            read(&raw);
        }
    }
}

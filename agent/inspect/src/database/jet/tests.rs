//! Databases by a small writer: one table, with what rows can look like.

use std::collections::BTreeMap;
use std::io::Write;

use fileward_protocol::vocabulary::EncryptionState;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::crypto;
use crate::examined::{assert_in_order, examined};
use crate::kind;

const BYTES_OF_KEY: [u8; 4] = [0xC7, 0xDA, 0x39, 0x6B];
const TEXT: u8 = 10;
const LONG: u8 = 4;
const OBJECT: u8 = 11;
const MEMO: u8 = 12;
const MONEY: u8 = 5;
/// The pages of the table that people made: its definition and its rows; then that of a long value.
const TABLE: u32 = 3;
const ROWS: u32 = 5;
const OTHER_ROWS: u32 = 6;
const LONG_VALUES: u32 = 7;

/// A version of the format, as far as the writer knows it.
#[derive(Clone, Copy)]
struct Writer {
    is_old: bool,
    key: u32,
}

/// A value: one of a fixed place, or one without.
#[derive(Clone)]
enum Value {
    Fixed(Vec<u8>),
    Variable(Vec<u8>),
}

impl Writer {
    fn size(self) -> usize {
        if self.is_old { 2048 } else { 4096 }
    }

    fn text(self, text: &str) -> Vec<u8> {
        if self.is_old {
            encoding_rs::GBK.encode(text).0.into_owned()
        } else {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
    }

    fn count(self, number: usize) -> Vec<u8> {
        number.to_le_bytes()[..if self.is_old { 1 } else { 2 }].to_vec()
    }

    /// A definition with these columns: name, type, and the length of those that have a fixed place.
    fn definition(self, columns: &[(&str, u8, u16)]) -> Vec<u8> {
        let (head, size) = if self.is_old { (43, 18) } else { (63, 25) };
        let (counts, number, variable, flags, fixed) = if self.is_old {
            (23, 1, 3, 13, 14)
        } else {
            (43, 5, 7, 15, 21)
        };
        let mut page = vec![0; head];
        page[0] = 2;
        let variables = columns.iter().filter(|(_, _, len)| *len == 0).count();
        page[counts] = u8::try_from(variables).unwrap();
        page[counts + 2] = u8::try_from(columns.len()).unwrap();
        let (mut next_fixed, mut next_variable) = (0, 0);
        for (index, (_, kind, len)) in columns.iter().enumerate() {
            let mut column = vec![0; size];
            column[0] = *kind;
            column[number] = u8::try_from(index).unwrap();
            if *len > 0 {
                column[flags] = 1;
                column[fixed..fixed + 2].copy_from_slice(&u16::to_le_bytes(next_fixed));
                column[fixed + 2..fixed + 4].copy_from_slice(&len.to_le_bytes());
                next_fixed += len;
            } else {
                column[variable] = next_variable;
                next_variable += 1;
            }
            page.extend(column);
        }
        for (name, ..) in columns {
            let name = self.text(name);
            page.extend(self.count(name.len()));
            page.extend(name);
        }
        page
    }

    fn row(self, values: &[Option<Value>]) -> Vec<u8> {
        let mut row = self.count(values.len());
        for value in values.iter().flatten() {
            if let Value::Fixed(bytes) = value {
                row.extend(bytes);
            }
        }
        let mut starts = Vec::new();
        for value in values {
            match value {
                Some(Value::Fixed(_)) => {}
                Some(Value::Variable(bytes)) => {
                    starts.push(row.len());
                    row.extend(bytes);
                }
                None => starts.push(row.len()),
            }
        }
        let end = row.len();
        let whole = [&starts[..], &[end]].concat();
        for start in whole.iter().rev() {
            row.extend(&start.to_le_bytes()[..if self.is_old { 1 } else { 2 }]);
        }
        if self.is_old {
            // Where the values begin that lie in the next 256 bytes.
            for jump in (1..).take_while(|jump| jump * 256 <= end) {
                row.push(u8::try_from(whole.iter().position(|start| *start >= jump * 256).unwrap()).unwrap());
            }
        }
        row.extend(self.count(starts.len()));
        let mut present = vec![0; values.len().div_ceil(8)];
        for (index, _) in values.iter().enumerate().filter(|(_, value)| value.is_some()) {
            present[index / 8] |= 1 << (index % 8);
        }
        row.extend(present);
        row
    }

    /// A page of rows, each with what is said of it.
    fn rows(self, table: u32, rows: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let at = if self.is_old { 8 } else { 12 };
        let mut page = vec![0; self.size()];
        page[0] = 1;
        page[4..8].copy_from_slice(&table.to_le_bytes());
        page[at] = u8::try_from(rows.len()).unwrap();
        let mut end = page.len();
        for (index, (flags, row)) in rows.iter().enumerate() {
            let start = end - row.len();
            page[start..end].copy_from_slice(row);
            let offset = u16::try_from(start).unwrap() | flags;
            page[at + 2 + 2 * index..at + 4 + 2 * index].copy_from_slice(&offset.to_le_bytes());
            end = start;
        }
        page
    }

    fn file(self, version: u8, pages: &BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
        let name = if version < 2 {
            b"Standard Jet DB\0"
        } else {
            b"Standard ACE DB\0"
        };
        let mut first = vec![0; self.size()];
        first[..4].copy_from_slice(&[0, 1, 0, 0]);
        first[4..20].copy_from_slice(name);
        first[0x14] = version;
        first[0x3C..0x3E].copy_from_slice(&936_u16.to_le_bytes());
        first[0x3E..0x42].copy_from_slice(&self.key.to_le_bytes());
        let scrambled = crypto::rc4(&BYTES_OF_KEY, &first[0x18..0x96]).unwrap();
        first[0x18..0x96].copy_from_slice(&scrambled);
        let mut file = first;
        for number in 1..=LONG_VALUES {
            let mut page = pages.get(&number).cloned().unwrap_or_default();
            page.resize(self.size(), 0);
            if self.key != 0 {
                page = crypto::rc4(&(self.key ^ number).to_le_bytes(), &page).unwrap();
            }
            file.extend(page);
        }
        file
    }
}

fn fixed(number: i32) -> Value {
    Value::Fixed(number.to_le_bytes().to_vec())
}

/// A database with a table of the program and one that a person made.
fn sample(writer: Writer, version: u8) -> Vec<u8> {
    let text = |text: &str| Some(Value::Variable(writer.text(text)));
    let catalogue = [
        ("Id", LONG, 4),
        ("Type", LONG, 4),
        ("Flags", LONG, 4),
        ("Name", TEXT, 0),
    ];
    let listed = |id: u32, flags: u32, name| {
        let row = [
            Some(fixed(id.cast_signed())),
            Some(fixed(1)),
            Some(fixed(flags.cast_signed())),
            text(name),
        ];
        (0, writer.row(&row))
    };
    let catalogue_rows = [listed(2, 0x8000_0000, "MSysObjects"), listed(TABLE, 0, "客户")];
    let columns = [
        ("编号", LONG, 4),
        ("手机号", TEXT, 0),
        ("备注", MEMO, 0),
        ("金额", MONEY, 8),
    ];
    let money = |money: i64| Some(Value::Fixed(money.to_le_bytes().to_vec()));
    let memo = |head: u32, place: u32, inline: &[u8]| {
        let head = [head.to_le_bytes(), place.to_le_bytes(), [0; 4]].concat();
        Some(Value::Variable([&head[..], inline].concat()))
    };
    let inline = writer.text("就在这里");
    let len = u32::try_from(inline.len()).unwrap();
    let parts = ["很长的", "一段话"].map(|part| writer.text(part));
    let chained = u32::try_from(parts.concat().len()).unwrap();
    let first = writer.row(&[
        Some(fixed(1)),
        text("13800138000"),
        memo(len | 0x8000_0000, 0, &inline),
        money(123_450_000),
    ]);
    let deleted = writer.row(&[Some(fixed(2)), text("deleted"), None, money(0)]);
    let moved = writer.row(&[
        Some(fixed(3)),
        text("搬走了"),
        memo(chained, LONG_VALUES << 8, &[]),
        money(-5000),
    ]);
    let wide = writer.row(&[
        Some(fixed(4)),
        text(&"长".repeat(100)),
        memo(len | 0x4000_0000, LONG_VALUES << 8 | 2, &[]),
        None,
    ]);
    let place = (OTHER_ROWS << 8).to_le_bytes().to_vec();
    let pages = [
        (2, writer.definition(&catalogue)),
        (TABLE, writer.definition(&columns)),
        (4, writer.rows(2, &catalogue_rows)),
        (
            ROWS,
            writer.rows(TABLE, &[(0, first), (0x8000, deleted), (0x4000, place), (0, wide)]),
        ),
        (OTHER_ROWS, writer.rows(TABLE, &[(0x8000, moved)])),
        (
            LONG_VALUES,
            writer.rows(
                u32::from_le_bytes(*b"LVAL"),
                &[
                    (0, [&(LONG_VALUES << 8 | 1).to_le_bytes()[..], &parts[0]].concat()),
                    (0, [&[0; 4][..], &parts[1]].concat()),
                    (0, inline.clone()),
                ],
            ),
        ),
    ];
    writer.file(version, &pages.into())
}

#[test]
fn rows_are_read_with_the_names_of_their_columns_in_every_version() {
    let long = "长".repeat(100);
    let expected = format!(
        "客户\n编号\t手机号\t备注\t金额\t\n1\t13800138000\t就在这里\t12345\t\n3\t搬走了\t很长的一段话\t-0.5\t\n4\t{long}\t就在这里\t\t\n\u{C}"
    );
    for (is_old, version, key) in [
        (true, 0, 0),
        (true, 0, 7),
        (false, 1, 0),
        (false, 1, 0x1234_5678),
        (false, 3, 0),
    ] {
        let found = examined(&sample(Writer { is_old, key }, version));
        let kind = if version < 2 { kind::MDB } else { kind::ACCDB };
        assert_eq!((found.kind, found.stopped), (kind, None), "{version} {key}");
        assert_eq!(found.text.captured, expected, "{version} {key}");
    }
}

#[test]
fn files_attached_to_rows_are_examined() {
    let writer = Writer { is_old: false, key: 0 };
    let text = |text: &str| Some(Value::Variable(writer.text(text)));
    let catalogue = [
        ("Id", LONG, 4),
        ("Type", LONG, 4),
        ("Flags", LONG, 4),
        ("Name", TEXT, 0),
    ];
    let name = "f_0123456789ABCDEF0123456789ABCDEF_附件";
    let listed = [
        Some(fixed(TABLE.cast_signed())),
        Some(fixed(1)),
        Some(fixed(0x8000_0000_u32.cast_signed())),
        text(name),
    ];
    let content = [&12_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0; 4], b"{\\rtf1 attached}"].concat();
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&content).unwrap();
    let stored = [(1_u32, packed.finish().unwrap()), (0, content)].map(|(kind, content)| {
        let file = [&kind.to_le_bytes()[..], &[0; 4], &content].concat();
        let len = u32::try_from(file.len()).unwrap() | 0x8000_0000;
        let stored = [&len.to_le_bytes()[..], &[0; 8], &file].concat();
        (0, writer.row(&[Some(Value::Variable(stored)), text("附件.rtf")]))
    });
    let pages = [
        (2, writer.definition(&catalogue)),
        (
            TABLE,
            writer.definition(&[("FileData", OBJECT, 0), ("FileName", TEXT, 0)]),
        ),
        (4, writer.rows(2, &[(0, writer.row(&listed))])),
        (ROWS, writer.rows(TABLE, &stored)),
    ];
    let found = examined(&writer.file(2, &pages.into()));
    assert_eq!(found.stopped, None);
    assert_in_order(&found, &["附件.rtf", "attached", "附件.rtf", "attached"]);
}

#[test]
fn a_database_that_needs_a_password_is_encrypted() {
    let found = examined(&sample(Writer { is_old: false, key: 9 }, 2));
    assert_eq!(found.encryption.state, EncryptionState::Encrypted);
    assert_eq!(found.text.captured, "");
}

#[test]
fn a_database_without_its_catalogue_is_read_all_the_same() {
    let mut file = sample(Writer { is_old: false, key: 0 }, 1);
    file[2 * 4096] = 0;
    let found = examined(&file);
    assert!(found.stopped.is_some());
    assert!(
        found.text.captured.contains("\n1\t13800138000\t就在这里"),
        "{}",
        found.text.captured
    );
}

//! Documents of Apple's programs, of hand-made objects.

use super::{examined, package, text_of};
use fileward_protocol::vocabulary::EncryptionState;
use std::io::Write;

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7F | 0x80).to_le_bytes()[0]);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// An archive of objects, cut into blocks of a size that cuts objects too.
fn archive(objects: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let objects: Vec<_> = objects
        .iter()
        .map(|(kind, object)| (7, *kind, object.clone()))
        .collect();
    archive_of(&objects)
}

/// The same of objects with numbers of their own.
fn archive_of(objects: &[(u64, u64, Vec<u8>)]) -> Vec<u8> {
    let mut plain = Vec::new();
    for (id, kind, object) in objects {
        let described = [number(1, *kind), bytes(2, &[1, 0, 5]), number(3, object.len() as u64)].concat();
        let info = [number(1, *id), bytes(2, &described)].concat();
        plain.extend([varint(info.len() as u64), info, object.clone()].concat());
    }
    let mut packed = Vec::new();
    for block in plain.chunks(50) {
        let block = snap::raw::Encoder::new().compress_vec(block).unwrap();
        packed.push(0);
        packed.extend(&u32::try_from(block.len()).unwrap().to_le_bytes()[..3]);
        packed.extend(block);
    }
    packed
}

fn text(kind: u64, text: &str) -> (u64, Vec<u8>) {
    (2001, [number(1, kind), bytes(3, text.as_bytes())].concat())
}

/// A text document.
pub(super) fn sample() -> Vec<u8> {
    let document = archive(&[
        (10_000, number(1, 1)),
        text(0, "正文第一段\n电话 13800138000"),
        text(1, "机密"),
        text(2, "脚注"),
        (3056, bytes(1, "批注".as_bytes())),
    ]);
    package(&[("Index/Document.iwa", &document)])
}

#[test]
fn pages_are_read() {
    let new = sample();
    let old = package(&[("Metadata/Properties.plist", &b"x".to_vec()), ("Index.zip", &new)]);
    for bytes in [new, old] {
        assert_eq!(examined(&bytes).kind.word().as_str(), "pages");
        assert_eq!(
            text_of(&bytes),
            "正文第一段\n电话 13800138000\u{C}机密\u{C}脚注\u{C}批注"
        );
    }
}

#[test]
fn tables_of_numbers_are_read() {
    let entry = |key: u64, text: &str| bytes(3, &[number(1, key), number(2, 1), bytes(3, text.as_bytes())].concat());
    let list = [number(1, 1), entry(1, "姓名"), entry(2, "电话")].concat();
    let mut cell = vec![5, 2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0];
    cell.extend(13_800_138_000_f64.to_le_bytes());
    let row = [number(1, 0), bytes(6, &cell), bytes(7, &[0xFF, 0xFF, 0, 0])].concat();
    let bytes = package(&[
        ("Index/Document.iwa", archive(&[(1, number(1, 1))])),
        (
            "Index/Tables/DataList.iwa",
            archive(&[(6005, list), (6005, number(1, 4))]),
        ),
        ("Index/Tables/Tile.iwa", archive(&[(6002, bytes(5, &row))])),
    ]);
    assert_eq!(examined(&bytes).kind.word().as_str(), "numbers");
    assert_eq!(text_of(&bytes), "姓名\n电话\u{C}\t13800138000");
}

/// A cell with a number, or the key of a text.
fn cell(number: Option<f64>, key: Option<u32>) -> Vec<u8> {
    let flags = u8::from(number.is_some()) << 1 | u8::from(key.is_some()) << 3;
    let mut cell = vec![5, 3, 0, 0, 0, 0, 0, 0, flags, 0, 0, 0];
    cell.extend(number.iter().flat_map(|number| number.to_le_bytes()));
    cell.extend(key.iter().flat_map(|key| key.to_le_bytes()));
    cell
}

/// The row of a tile with these cells in the columns from the second on.
fn row(cells: &[Vec<u8>]) -> Vec<u8> {
    let mut offsets = vec![0xFF, 0xFF];
    let mut at = 0_u16;
    for cell in cells {
        offsets.extend(at.to_le_bytes());
        at += u16::try_from(cell.len()).unwrap() / 4;
    }
    offsets.extend([0xFF, 0xFF]);
    bytes(
        5,
        &[bytes(6, &cells.concat()), bytes(7, &offsets), number(8, 1)].concat(),
    )
}

#[test]
fn a_table_of_numbers_is_read_row_by_row() {
    let reference = |field, id| bytes(field, &number(1, id));
    let entry = |key: u64, text: &str| bytes(3, &[number(1, key), number(2, 1), bytes(3, text.as_bytes())].concat());
    // Its second tile stands first, and a part of its texts in a list of their own.
    let tile = |number_of_tile, id| bytes(1, &[number(1, number_of_tile), reference(2, id)].concat());
    let store = [bytes(3, &[tile(1, 12), tile(0, 11)].concat()), reference(4, 20)].concat();
    let model = [bytes(4, &store), bytes(8, "客户表".as_bytes())].concat();
    let head = row(&[cell(None, Some(1)), cell(None, Some(2))]);
    let first = row(&[cell(None, Some(3)), cell(Some(13_800_138_000.0), None)]);
    let second = row(&[cell(None, Some(4)), cell(Some(1.0), Some(9))]);
    let list = [number(1, 1), entry(1, "姓名"), entry(2, "电话"), reference(4, 21)].concat();
    let segment = [number(1, 1), entry(3, "甲"), entry(4, "乙")].concat();
    let other = [number(1, 1), entry(1, "别处的文字")].concat();
    let bytes = package(&[
        (
            "Index/Document.iwa",
            archive_of(&[
                (1, 1, number(1, 1)),
                (4, 2, bytes(1, "工作表".as_bytes())),
                (5, 6001, model),
            ]),
        ),
        ("Index/Tables/Tile-12.iwa", archive_of(&[(12, 6002, second)])),
        (
            "Index/Tables/Tile-11.iwa",
            archive_of(&[(11, 6002, [head, first].concat())]),
        ),
        (
            "Index/Tables/DataList.iwa",
            archive_of(&[(20, 6005, list), (21, 6011, segment), (22, 6005, other)]),
        ),
    ]);
    assert_eq!(
        text_of(&bytes),
        "工作表\u{C}别处的文字\u{C}客户表\n\t姓名\t电话\n\t甲\t13800138000\n\t乙\t1"
    );
}

#[test]
fn slides_of_keynote_are_read_and_their_masters_are_margin() {
    let bytes = package(&[
        ("Index/Document.iwa", archive(&[(1, number(1, 1))])),
        ("Index/MasterSlide-1.iwa", archive(&[text(3, "内部")])),
        ("Index/Slide-2.iwa", archive(&[text(3, "标题"), text(4, "讲稿")])),
    ]);
    assert_eq!(examined(&bytes).kind.word().as_str(), "key");
    assert_eq!(text_of(&bytes), "内部\u{C}标题\u{C}讲稿");
}

#[test]
fn a_password_encrypts_the_whole() {
    let found = examined(&package(&[
        ("Index/Document.iwa", "cipher"),
        (".iwpv2", "v"),
        (".iwph", "hint"),
    ]));
    assert_eq!(found.kind.word().as_str(), "pages");
    assert_eq!(
        (found.encryption.state, found.encryption.method),
        (EncryptionState::Encrypted, None)
    );
}

#[test]
fn documents_of_2009_are_read() {
    let document = r#"<?xml version="1.0"?><sl:document xmlns:sl="x"><sl:stylesheet><sf:p>no</sf:p></sl:stylesheet><sf:header><sf:p>机密</sf:p></sf:header><sf:p>电话 138<sf:span>00138000</sf:span><sf:br/>next</sf:p>
        <sf:grid-row><sf:ct sfa:s="甲"/><sf:n sf:v="1.5E3"/></sf:grid-row></sl:document>"#;
    let document = document.replace("sl:stylesheet", "sf:stylesheet");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(document.as_bytes()).unwrap();
    for bytes in [
        package(&[("index.xml", document.as_bytes())]),
        package(&[("index.xml.gz", packed.finish().unwrap())]),
    ] {
        assert_eq!(examined(&bytes).kind.word().as_str(), "pages");
        assert_eq!(text_of(&bytes), "机密\u{C}电话 13800138000\nnext\n甲\t1500");
    }
}

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
    let mut plain = Vec::new();
    for (kind, object) in objects {
        let described = [number(1, *kind), bytes(2, &[1, 0, 5]), number(3, object.len() as u64)].concat();
        let info = [number(1, 7), bytes(2, &described)].concat();
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

#[test]
fn pages_are_read() {
    let document = archive(&[
        (10_000, number(1, 1)),
        text(0, "正文第一段\n电话 13800138000"),
        text(1, "机密"),
        text(2, "脚注"),
        (3056, bytes(1, "批注".as_bytes())),
    ]);
    let new = package(&[("Index/Document.iwa", &document)]);
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
    assert_eq!(text_of(&bytes), "姓名\n电话\u{C}13800138000");
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

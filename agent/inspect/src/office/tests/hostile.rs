//! Parts that are too large, too deep or cut: what came before is kept, and said not to be all.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{examined, examined_within, package};
use crate::{Limits, kind};
use fileward_policy::facts::TextState;

/// A workbook whose sheet inflates to `rows` rows.
fn large_sheet(rows: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    writer.start_file("xl/workbook.xml", options).unwrap();
    writer.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    writer.write_all(b"<worksheet><sheetData>").unwrap();
    let row = r#"<row r="1"><c r="A1"><v>13800138000</v></c><c r="B1" t="inlineStr"><is><t>row</t></is></c></row>"#
        .repeat(1000);
    for _ in 0..rows / 1000 {
        writer.write_all(row.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_sheet_is_unpacked_no_further_than_the_limit() {
    let bytes = large_sheet(50_000);
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    let found = examined_within(&bytes, &limits);
    assert_eq!(found.stopped, Some(TextState::TooLarge));
    let rows = found.text.captured.matches("13800138000\trow\n").count();
    assert!((5_000..12_000).contains(&rows), "{rows}");
}

#[test]
fn a_document_too_deep_gives_what_came_before() {
    let body = format!(
        "<w:document><w:p><w:r><w:t>before</w:t></w:r></w:p>{}",
        "<w:sdt>".repeat(100_000)
    );
    let found = examined(&package(&[
        ("word/document.xml", body.as_str()),
        ("word/footer1.xml", "<w:p><w:t>foot</w:t></w:p>"),
    ]));
    assert_eq!(found.stopped, Some(TextState::TooLarge));
    assert!(found.text.captured.contains("before") && found.text.captured.contains("foot"));
}

#[test]
fn a_cut_part_gives_what_came_before() {
    let found = examined(&package(&[(
        "word/document.xml",
        "<w:document><w:p><w:r><w:t>before</w:t></w:r></w:p><w:p",
    )]));
    assert_eq!(found.stopped, Some(TextState::Malformed));
    assert!(found.text.captured.contains("before"));
}

/// As programs write it that do not know a part's size before its end.
fn streamed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_cut_package_whose_sizes_follow_its_parts_is_read_as_far_as_it_goes() {
    let bytes = streamed(&[
        ("docProps/core.xml", "<c><title>示例</title></c>"),
        ("word/document.xml", "<w:p><w:t>body PK\u{7}\u{8}</w:t></w:p>"),
        ("word/footer1.xml", "<w:p><w:t>foot</w:t></w:p>"),
        ("word/footer2.xml", "<w:p><w:t>last</w:t></w:p>"),
    ]);
    let last = memchr::memmem::rfind(&bytes, b"PK\x03\x04").unwrap();
    let found = examined(&bytes[..last + 60]);
    assert_eq!((found.kind, found.stopped), (kind::DOCX, Some(TextState::Malformed)));
    assert_eq!(found.properties.title.as_deref(), Some("示例"));
    assert!(found.text.captured.contains("body") && found.text.captured.contains("foot"));
}

#[test]
fn a_package_that_is_cut_before_its_main_part_is_known_by_its_root_and_its_folders() {
    let root =
        r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    for (parts, kind) in [
        ([("_rels/.rels", root), ("docProps/app.xml", "<a/>")], kind::XLSX),
        ([("_rels/.rels", "<cut"), ("ppt/slides/slide1.xml", "<a/>")], kind::PPTX),
        ([("[Content_Types].xml", ""), ("word/styles.xml", "<a/>")], kind::DOCX),
        ([("Doc_0/Document.xml", "<a/>"), ("Doc_0/b.xml", "<a/>")], kind::OFD),
        ([("word/a.txt", "x"), ("word/b.txt", "x")], kind::ZIP),
    ] {
        let mut bytes = package(&parts);
        let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        assert_eq!(examined(&bytes).kind, kind::ZIP, "the whole {parts:?} is an archive");
        bytes.truncate(directory);
        assert_eq!(examined(&bytes).kind, kind, "{parts:?}");
    }
}

#[test]
fn documents_within_documents_end_at_the_limit_of_depth() {
    let mut bytes = package(&[("word/document.xml", "<w:p><w:t>innermost</w:t></w:p>")]);
    for _ in 0..6 {
        bytes = package(&[
            ("word/document.xml", b"<w:p><w:t>around</w:t></w:p>".as_slice()),
            ("word/embeddings/a.docx", &bytes),
        ]);
    }
    let found = examined(&bytes);
    assert_eq!(found.stopped, Some(TextState::TooLarge));
    assert_eq!(found.text.captured.matches("around").count(), 5);
}

#[test]
fn a_text_of_any_length_goes_through_one_window() {
    let long = "0123456789".repeat(1 << 20);
    let attribute = "x".repeat(3 << 20);
    let body = format!(r#"<w:p w:a="{attribute}"><w:r><w:t>{long}</w:t></w:r></w:p>"#);
    let found = examined(&package(&[("word/document.xml", body.as_str())]));
    assert_eq!(found.text.captured.matches("0123456789").count(), 1 << 20);
    assert!(!found.text.captured.contains("xxx"));
}

/// Packages of every kind.
fn samples() -> [Vec<u8>; 5] {
    [
        super::binary::sample(),
        super::apple::sample(),
        super::others::ofd(),
        super::others::sheet(),
        super::packages::workbook(),
    ]
}

#[test]
fn damaged_packages_are_read_without_a_panic() {
    for sample in samples() {
        let whole = examined(&sample);
        assert!(whole.stopped.is_none() && !whole.text.captured.is_empty());
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..400 {
            let mut bytes = sample.clone();
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                bytes[at] = [0, 0xFF, 0x80, b'<', b'&', 0x7F][next(6)];
            }
            if next(8) == 0 {
                bytes.truncate(next(bytes.len()));
            }
            examined(&bytes);
        }
    }
}

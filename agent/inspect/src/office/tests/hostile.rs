//! Parts that are too large, too deep or cut: what came before is kept, and said not to be all.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{examined, examined_within, package};
use crate::Limits;
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

//! Whole files, made by hand and by real programs, and the text that is read from them.

use std::fmt::Write;
use std::time::Instant;

use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::EncryptionState;

use crate::found::Found;
use crate::source::{Budget, Source};
use crate::{Hint, Limits, examine};

/// A font that every reader has.
const HELVETICA: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/// A PDF of these objects, numbered from 1; the first is the root. `more` goes into the trailer.
fn pdf(objects: &[&str], more: &str) -> Vec<u8> {
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let start = file.len();
    let size = objects.len() + 1;
    write!(
        file,
        "{table}trailer\n<</Root 1 0 R/Size {size}{more}>>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
    file.into_bytes()
}

fn stream(dictionary: &str, content: &str) -> String {
    format!(
        "<<{dictionary}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// A PDF with one page, whose fonts are F1 to F9 in this order; `more` are further objects from 5 + the fonts on.
fn page(content: &str, fonts: &[&str], more: &[&str]) -> Vec<u8> {
    let mut names = String::new();
    for index in 0..fonts.len() {
        write!(names, "/F{} {} 0 R", index + 1, index + 5).unwrap();
    }
    let resources = format!("<</Font<<{names}>>/XObject<</X 6 0 R/Y 7 0 R>>/Properties<</P 6 0 R>>>>");
    let content = stream("", content);
    let first = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        &format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources {resources}>>"),
        &content,
    ];
    pdf(&[&first, fonts, more].concat(), "")
}

fn found_with(bytes: &[u8], limits: &Limits) -> Found {
    let budget = Budget::new(limits, Instant::now());
    let mut found = Found::for_tests();
    if let Err(stop) = examine(&mut Source::of_memory(bytes, &budget), &Hint::default(), &mut found) {
        found.stopped(&stop);
    }
    found
}

fn found(bytes: &[u8]) -> Found {
    found_with(bytes, &Limits::default())
}

/// The text of a whole file that is not damaged.
fn text(bytes: &[u8]) -> String {
    let found = found(bytes);
    assert_eq!(found.stopped, None, "{}", found.text.captured);
    found.text.captured.trim().to_owned()
}

/// The text of a page with one font.
fn shown(content: &str) -> String {
    text(&page(content, &[HELVETICA], &[]))
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn strings_side_by_side_are_one_text() {
    for (content, expected) in [
        ("(138) Tj (1234) Tj (5678) Tj", "13812345678"),
        ("[(13) -20 (812) 15 (345678)] TJ", "13812345678"),
        ("[(two) -300 (words)] TJ", "two words"),
        ("[(squeezed) -140 (words)] TJ", "squeezed words"),
        ("[(ker) -60 (ned)] TJ", "kerned"),
        ("[(138) -140 (12345678)] TJ", "13812345678"),
        ("[(one ) -300 (blank)] TJ", "one blank"),
        ("(a) Tj 40 0 Td (cell) Tj", "a\tcell"),
        ("(13812345) Tj 44.48 0 Td (678) Tj", "13812345678"),
        ("(a) Tj 0 -12 Td (line) Tj", "a\nline"),
        ("(confi-) Tj 0 -12 Td (dential) Tj", "confidential"),
        ("[(confi) -10 (-)] TJ 0 -12 Td (dential) Tj", "confidential"),
        (
            "(A-) Tj 0 -12 Td (b 1-) Tj 0 -12 Td (b c-) Tj 0 -12 Td (D) Tj",
            "A-\nb 1-\nb c-\nD",
        ),
        ("(self-) Tj (made-) Tj 80 0 Td (cell-) Tj", "self-made-\tcell-"),
        ("12 TL (a) Tj (b) ' 0 0 (c) \"", "a\nb\nc"),
        ("0 -12 TD (a) Tj T* (b) Tj", "a\nb"),
        ("2 Ts (2) Tj 0 Ts (nd) Tj", "2nd"),
        ("3 Tc 5 Tw (wi de) Tj", "wi de"),
        ("(bold) Tj 0.4 0 Td (bold) Tj", "bold"),
        ("(again) Tj 0 -12 Td (again) Tj", "again\nagain"),
        ("(a) Tj 30 0 Td ( stretched) Tj", "a stretched"),
        ("1 0 0 1 50 700 Tm (a) Tj 1 0 0 1 55.56 700 Tm (b) Tj", "ab"),
        ("0 1 -1 0 0 0 Tm (up) Tj 0 1 -1 0 0 11.12 Tm (wards) Tj", "upwards"),
        ("(\\101\\n\\(b\\)) Tj <4142 4> Tj", "A(b)AB@"),
    ] {
        assert_eq!(shown(&format!("BT /F1 10 Tf {content} ET")), expected, "{content}");
    }
}

#[test]
fn sizes_count_as_they_appear_on_the_page() {
    let scaled = "q 0.1 0 0 0.1 0 0 cm BT /F1 1 Tf 100 0 0 100 0 0 Tm (big) Tj 1.4 0 Td (ger) Tj ET Q";
    assert_eq!(shown(scaled), "bigger");
    let narrow = "BT /F1 10 Tf 50 Tz (nar) Tj 7.2 0 Td (row) Tj ET";
    assert_eq!(shown(narrow), "narrow");
}

#[test]
fn images_within_contents_are_passed_over() {
    let content =
        "BT /F1 10 Tf (a) Tj ET BI /W 4 /H 1 /CS /G /BPC 8 ID \u{1}EI\u{2} EI Q\u{3}\nEI BT 0 -12 Td (b) Tj ET";
    assert_eq!(shown(content), "a\nb");
}

#[test]
fn marked_content_says_what_is_text_and_what_repeats() {
    let content = "/P <</MCID 0>> BDC BT /F1 10 Tf (body) Tj ET EMC \
        /Artifact <</Type/Pagination>> BDC BT 9 0 0 9 0 90 Tm /F1 1 Tf (header) Tj ET EMC \
        /Span <</ActualText <FEFF673A5BC6>>> BDC BT 1 0 0 1 0 50 Tm /F1 10 Tf (#) Tj (##) Tj ET EMC \
        /Span /P BDC BT 1 0 0 1 0 20 Tm (%) Tj ET EMC";
    let bytes = page(content, &[HELVETICA], &["<</ActualText(given)>>"]);
    let text = text(&bytes);
    let words: Vec<&str> = text.split(['\n', '\u{C}']).filter(|word| !word.is_empty()).collect();
    assert_eq!(words, ["body", "header", "机密", "given"]);
    assert!(
        text.contains("\u{C}header\n\u{C}"),
        "a margin is a part of its own: {text:?}"
    );
}

#[test]
fn forms_are_shown_where_they_are_used_and_never_in_circles() {
    let inner = stream("/Subtype/Form/Matrix[1 0 0 1 5.56 0]", "BT /F1 10 Tf (b) Tj ET /X Do");
    let outer = stream(
        "/Subtype/Form/Resources<</Font<</G 5 0 R/F1 5 0 R>>/XObject<</Y 6 0 R>>>>",
        "BT /G 10 Tf 0 -50 Td (c) Tj ET /Y Do",
    );
    let content = "BT /F1 10 Tf (a) Tj ET /X Do /Y Do";
    assert_eq!(text(&page(content, &[HELVETICA], &[&inner, &outer])), "ab\nc\nb");
}

#[test]
fn pages_come_in_order_with_what_they_inherit() {
    let bytes = pdf(
        &[
            "<</Pages 2 0 R>>",
            "<</Kids[3 0 R 6 0 R 2 0 R 3 0 R]/Resources<</Font<</F 8 0 R>>>>>>",
            "<</Kids[4 0 R 5 0 R 3 0 R]>>",
            "<</Type/Page/Contents[7 0 R 9 0 R]>>",
            "<</Type/Page/Contents 9 0 R>>",
            "<</Type/Page/Resources<</Font 10 0 R>>/Contents 11 0 R>>",
            &stream("", "BT /F 10"),
            HELVETICA,
            &stream("", "BT /F 10 Tf (one) Tj ET"),
            "<</F 8 0 R>>",
            "[7 0 R 9 0 R]",
        ],
        "",
    );
    assert_eq!(text(&bytes), "one\n\u{C}one\n\u{C}one");
}

#[test]
fn single_byte_fonts_are_read_by_encoding_names_and_maps() {
    let map = stream("", "1 beginbfchar <41> <673A5BC6> endbfchar");
    let fonts = [
        "<</Subtype/Type1/BaseFont/X/Encoding<</Differences[65/uni4E00/eacute 67/one.sc/g9]>>>>",
        "<</Subtype/TrueType/BaseFont/X/Encoding/MacRomanEncoding>>",
        "<</Subtype/Type1/BaseFont/X/ToUnicode 9 0 R>>",
        "<</Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/Encoding<</Differences[65/a65/a66]>>/Widths[50 50]/FirstChar 65>>",
        &map,
    ];
    let content = "BT 10 0 0 10 0 90 Tm /F1 1 Tf (ABCDE) Tj 1 0 0 1 0 70 Tm /F2 10 Tf (\\216\\245) Tj \
        1 0 0 1 0 50 Tm /F3 10 Tf (AB') Tj 1 0 0 1 0 30 Tm /F4 10 Tf (AB) Tj ET";
    assert_eq!(text(&page(content, &fonts, &[])), "一é1E\né•\n机密B’\nAB");
}

/// A composite font and its descendant.
fn composite(encoding: &str, descendant: &str) -> (String, String) {
    let font = format!("<</Subtype/Type0/Encoding{encoding}/DescendantFonts[6 0 R]>>");
    (font, format!("<</Subtype/CIDFontType0{descendant}>>"))
}

#[test]
fn composite_fonts_are_read_by_map_encoding_and_collection() {
    const GB1: &str = "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/W[1 95 500]";
    for (encoding, descendant, string, expected) in [
        ("/UniGB-UCS2-H", "", "673A 5BC6 0031", "机密1"),
        ("/GBK-EUC-H", GB1, "BBFA C3DC 31 32", "机密12"),
        ("/GBK2K-V", "", "BBFA C3DC 9532 8236", "机密𠀀"),
        ("/ETen-B5-H", "", "BEF7 B14B", "機密"),
        ("/90ms-RKSJ-H", "", "8B40 96A7", "機密"),
        ("/Identity-H", GB1, "0012 0011 03AC", "10啊"),
        (
            "/Identity-H",
            "/CIDSystemInfo<</Ordering(Japan1)>>",
            "0012 0011 03AC",
            "10",
        ),
        ("/Identity-H/ToUnicode 7 0 R", "", "0001 0002 0009", "机密"),
        ("/Identity-H/ToUnicode/Identity-H", "", "673A 5BC6", "机密"),
        ("/Identity-H", "", "0001 0002", ""),
        ("/Identity-H/ToUnicode 99 0 R", "", "0001 0002", ""),
    ] {
        let (font, descendant) = composite(encoding, descendant);
        let map = stream(
            "",
            "2 beginbfrange <0001> <0001> <673A> <0002> <0002> [<5BC6>] endbfrange",
        );
        let bytes = page(
            &format!("BT /F1 10 Tf <{string}> Tj ET"),
            &[&font],
            &[&descendant, &map],
        );
        assert_eq!(text(&bytes), expected, "{encoding} {string}");
    }
}

#[test]
fn lines_that_run_downwards_are_one_text() {
    let (font, descendant) = composite("/UniGB-UCS2-V", "");
    let content = "BT /F1 10 Tf 0 0 Td <673A> Tj 0 -10 Td <5BC6> Tj -15 10 Td <5185 90E8> Tj ET";
    assert_eq!(text(&page(content, &[&font], &[&descendant])), "机密\n内部");
}

#[test]
fn what_is_put_on_pages_and_into_forms_is_text_too() {
    let stamp = stream(
        "/Subtype/Form/Resources<</Font<</F 3 0 R>>>>",
        "BT /F 9 Tf (SEAL) Tj ET",
    );
    let seal = stamp.replace("SEAL", "SIGN");
    let data = stream("", "<x:xdp xmlns:x='x'><x:data><n>13800001111</n></x:data></x:xdp>");
    let inner = page("BT /F1 9 Tf (attached) Tj ET", &[HELVETICA], &[]);
    let attached = stream("/Type/EmbeddedFile", &String::from_utf8(inner).unwrap());
    let bytes = pdf(
        &[
            "<</Pages 2 0 R/Outlines<</First 9 0 R>>/Names<</EmbeddedFiles<</Names[(a)11 0 R(b)11 0 R]>>>>\
             /AcroForm<</Fields[8 0 R]/XFA[(datasets)10 0 R]>>>>",
            "<</Kids[4 0 R]>>",
            HELVETICA,
            "<</Type/Page/Annots[5 0 R 6 0 R 5 0 R 13 0 R 14 0 R]>>",
            "<</Subtype/Text/Contents<FEFF62796CE8>>>",
            "<</Subtype/Stamp/AP<</N 7 0 R>>>>",
            &stamp,
            "<</T(name)/Kids[<</V(field)>><</V[(many)(values)]>>]>>",
            "<</Title(Chapter)/Next 9 0 R>>",
            &data,
            "<</F(a.pdf)/EF<</F 12 0 R>>>>",
            &attached,
            "<</Subtype/Widget/Parent<</FT/Sig>>/AP<</N 15 0 R>>>>",
            "<</Subtype/Widget/FT/Tx/AP<</N 15 0 R>>>>",
            &seal,
        ],
        "",
    );
    let text = text(&bytes);
    let lines: Vec<&str> = text.split(['\n', '\u{C}']).filter(|line| !line.is_empty()).collect();
    let expected = [
        "批注",
        "SEAL",
        "SIGN",
        "field",
        "many",
        "values",
        "13800001111",
        "Chapter",
        "a.pdf",
        "attached",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn files_of_real_programs_are_read() {
    for (name, expected) in [
        ("writer.pdf", "示例"),
        ("streams.pdf", "示例"),
        ("r2-openable.pdf", "示例"),
        ("r3-openable-streams.pdf", "示例"),
        ("r4-openable.pdf", "示例"),
        ("r6-openable.pdf", "示例"),
    ] {
        let text = text(&fixture(name));
        assert!(text.contains(expected), "{name}: {text}");
    }
}

#[test]
fn files_of_other_programs_are_read_to_the_last_character() {
    for (name, expected) in [
        (
            "cid.pdf",
            "示例科技有限公司　报价单\n联系电话：13800001111，合计 12,800.00 元（含税）\nExample Technology, quotation No. 2024-001\n\
             \u{C}银行卡号6222021234567890128",
        ),
        ("subset.pdf", "机密：示例项目 13800001111\n\u{C}内部资料"),
        (
            "annotated.pdf",
            "A page with notes, phone 13800001111\n\u{C}批注：内部资料\n\u{C}EXPERIMENTAL\n\u{C}Experimental\n",
        ),
        ("annotated.pdf", "field 13900002222\n\u{C}第一章 概述"),
        ("annotated.pdf", "attached to a page 13700003333"),
        ("annotated.pdf", "attached to the whole 13700004444"),
    ] {
        let text = found(&fixture(name)).text.captured;
        assert!(text.contains(expected), "{name}: {text:?}");
    }
}

#[test]
fn a_length_that_is_wrong_takes_no_text() {
    let content = "BT /F1 10 Tf (whole) Tj ET";
    for length in ["0", "9", "9999999", "-1", "99 0 R", "(x)"] {
        let right = String::from_utf8(page(content, &[HELVETICA], &[])).unwrap();
        let wrong = right.replace(&format!("/Length {}", content.len()), &format!("/Length {length}"));
        assert!(found(wrong.as_bytes()).text.captured.contains("whole"), "{length}");
    }
}

#[test]
fn objects_are_found_again_where_the_table_is_wrong() {
    let right = String::from_utf8(page("BT /F1 10 Tf (whole) Tj ET", &[HELVETICA], &[])).unwrap();
    for wrong in [
        right.replace("%PDF-1.7\n", "%PDF-1.7\n% moved by a few bytes\n"),
        right.replace("startxref", "startxxxx"),
        right.replace("Pages/Kids", "Pages/Xids"),
        right.split("xref").next().unwrap().to_owned(),
    ] {
        let found = found(wrong.as_bytes());
        assert!(found.text.captured.contains("whole"), "{wrong}");
        assert_eq!(found.stopped, Some(TextState::Malformed), "{wrong}");
    }
}

#[test]
fn what_an_older_reader_does_not_see_is_found_through_the_second_table() {
    // The row of object 2 is free in the table of old, and in the object stream by the other one.
    let packed = stream("/Type/ObjStm/N 1/First 4", "2 0 <</Kids[3 0 R]>>");
    let rows = stream("/Type/XRef/W[1 2 1]/Index[2 1]/Filter/ASCIIHexDecode", "02 0006 00>");
    let objects = [
        "<</Pages 2 0 R>>",
        "null",
        "<</Type/Page/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        &stream("", "BT /F 10 Tf (hybrid) Tj ET"),
        HELVETICA,
        &packed,
        &rows,
    ];
    let file = String::from_utf8(pdf(&objects, "")).unwrap();
    let place = |number: u32| file.find(&format!("\n{number} 0 obj")).unwrap() + 1;
    let file = file.replace(&format!("{:010} 00000 n", place(2)), "0000000000 65535 f");
    let more = format!("/Size 8/XRefStm {}", place(7));
    assert_eq!(text(file.replace("/Size 8", &more).as_bytes()), "hybrid");
}

#[test]
fn object_streams_are_found_again_too() {
    let mut bytes = fixture("streams.pdf");
    let at = memchr::memmem::rfind(&bytes, b"startxref").unwrap();
    bytes.truncate(at);
    assert!(found(&bytes).text.captured.contains("示例"));
}

#[test]
fn a_bomb_is_read_as_far_as_allowed_and_no_further() {
    let bomb = stream("", &"BT /F1 10 Tf (x) Tj ET ".repeat(1000));
    let kids = "3 0 R ".repeat(3);
    let bytes = pdf(
        &[
            "<</Pages 2 0 R>>",
            &format!("<</Kids[{kids}]/Resources<</Font<</F1 5 0 R>>>>>>"),
            "<</Type/Page/Contents 4 0 R>>",
            &bomb,
            HELVETICA,
        ],
        "",
    );
    let limits = Limits {
        unpacked: 10_000,
        ..Limits::default()
    };
    assert_eq!(found_with(&bytes, &limits).stopped, Some(TextState::TooLarge));
}

#[test]
fn forms_that_multiply_end() {
    let bomb = stream("/Subtype/Form", &"/Y Do ".repeat(100));
    let again = stream("/Subtype/Form", &"/X Do ".repeat(100));
    let content = "/X Do ".repeat(100);
    text(&page(&content, &[HELVETICA], &[&bomb, &again]));
}

#[test]
fn attachments_can_be_all_that_is_locked() {
    let locked = "/Encrypt<</Filter/Standard/V 4/R 4/Length 128/P -4/O(x)/U(x)/StmF/Identity/StrF/Identity/EFF/StdCF\
        /CF<</StdCF<</CFM/AESV2/AuthEvent/EFOpen>>>>>>";
    let content = stream("", "BT /F 10 Tf (open) Tj ET");
    let objects = [
        "<</Pages 2 0 R>>",
        "<</Kids[3 0 R]>>",
        "<</Type/Page/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        &content,
        HELVETICA,
    ];
    let found_attachments = found(&pdf(&objects, locked));
    assert_eq!(found_attachments.encryption.state, EncryptionState::Partly);
    assert!(found_attachments.text.captured.contains("open"));

    let public_key = "/Encrypt<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4>>";
    let found_public_key = found(&pdf(&objects, public_key));
    assert_eq!(found_public_key.encryption.state, EncryptionState::Encrypted);
    assert_eq!(found_public_key.text.captured, "");
}

//! XLSB of hand-made records.

use super::{examined, package, text_of};

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let low = kind.to_le_bytes()[0];
    let mut bytes = if kind < 0x80 {
        vec![low]
    } else {
        vec![low | 0x80, (kind >> 7).to_le_bytes()[0]]
    };
    let mut size = data.len();
    while size >= 0x80 {
        bytes.push((size & 0x7F | 0x80).to_le_bytes()[0]);
        size >>= 7;
    }
    bytes.push(size.to_le_bytes()[0]);
    bytes.extend(data);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let len = u32::try_from(units.len()).unwrap();
    [
        &len.to_le_bytes()[..],
        &units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>(),
    ]
    .concat()
}

fn cell(kind: u16, column: u32, value: &[u8]) -> Vec<u8> {
    record(kind, &[&column.to_le_bytes()[..], &[0; 4], value].concat())
}

fn workbook(sheet: &[Vec<u8>]) -> Vec<u8> {
    let name = |hidden: u32, id: &str, name: &str| {
        record(
            156,
            &[&hidden.to_le_bytes()[..], &1_u32.to_le_bytes(), &wide(id), &wide(name)].concat(),
        )
    };
    package(&[
        ("xl/workbook.bin", [name(0, "rId1", "表一"), name(1, "rId2", "藏")].concat()),
        ("xl/_rels/workbook.bin.rels", br#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet2.bin"/><Relationship Id="rId2" Target="worksheets/sheet1.bin"/></Relationships>"#.to_vec()),
        ("xl/sharedStrings.bin", [record(159, &[0; 8]), record(19, &[&[0][..], &wide("姓名")].concat()), record(19, &[&[1][..], &wide("电话"), &[0; 12]].concat())].concat()),
        ("xl/worksheets/sheet1.bin", [record(0, &[0; 17]), cell(6, 0, &wide("底价"))].concat()),
        ("xl/worksheets/sheet2.bin", sheet.concat()),
        ("xl/comments1.bin", record(637, &[&[0][..], &wide("批注")].concat())),
    ])
}

/// A workbook with every kind of cell.
pub(super) fn sample() -> Vec<u8> {
    let margin = [&[0, 0][..], &wide("&L机密&R&P"), &[0xFF; 4]].concat();
    let rk_integer = (138_001_u32 << 2) | 2;
    let rk_hundredth = (12_345_u32 << 2) | 3;
    workbook(&[
        record(0, &[0; 17]),
        cell(7, 0, &0_u32.to_le_bytes()),
        cell(7, 2, &1_u32.to_le_bytes()),
        record(0, &[0; 17]),
        cell(1, 0, &[]),
        cell(62, 1, &[&[0][..], &wide("富文本")].concat()),
        cell(5, 2, &13_800_138_000_f64.to_le_bytes()),
        cell(9, 3, &[&0.5_f64.to_le_bytes()[..], &[0; 10]].concat()),
        cell(2, 4, &rk_integer.to_le_bytes()),
        cell(2, 5, &rk_hundredth.to_le_bytes()),
        cell(8, 6, &wide("公式")),
        cell(7, 7, &99_u32.to_le_bytes()),
        record(479, &margin),
    ])
}

#[test]
fn records_are_cells_in_rows() {
    let bytes = sample();
    assert_eq!(examined(&bytes).kind.word().as_str(), "xlsb");
    assert_eq!(
        text_of(&bytes),
        "表一\n姓名\t\t电话\n\t富文本\t13800138000\t0.5\t138001\t123.45\t公式\t\u{C}机密\u{C}藏\n底价\u{C}批注"
    );
}

#[test]
fn a_record_that_lies_of_its_size_ends_the_sheet_only() {
    let mut lie = record(0, &[0; 17]);
    lie.extend([7, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3]);
    let found = examined(&workbook(&[record(0, &[0; 17]), cell(6, 0, &wide("before")), lie]));
    assert!(found.text.captured.contains("before") && found.text.captured.contains("底价"));
}

#[test]
fn remarks_are_records_whatever_their_type_says() {
    // As SheetJS lists them.
    let types = r#"<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Override PartName="/xl/comments1.bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/></Types>"#;
    let remark = record(637, &[&[0][..], &wide("批注")].concat());
    let bytes = package(&[("[Content_Types].xml", types.as_bytes()), ("xl/comments1.bin", &remark)]);
    assert_eq!(text_of(&bytes), "批注");
}

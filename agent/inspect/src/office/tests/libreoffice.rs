//! Documents that LibreOffice writes, where it is installed: the same text in all its formats.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{examined, text_of};
use crate::text::Part;

/// Text with everything that stands somewhere else than in the body.
const TEXT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles><style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style><style:page-layout style:name="pm1"><style:header-style/><style:footer-style/></style:page-layout></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm1"><style:header><text:p>机密★长期</text:p></style:header><style:footer><text:p>内部资料</text:p></style:footer></style:master-page></office:master-styles>
<office:body><office:text><text:h text:outline-level="1">报价单</text:h><text:p>电话：138<text:span text:style-name="B">0013</text:span>8000</text:p>
<text:p>正文<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>脚注文字</text:p></text:note-body></text:note>之后<office:annotation><dc:creator>x</dc:creator><text:p>批注文字</text:p></office:annotation></text:p>
<table:table><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>姓名</text:p></table:table-cell><table:table-cell><text:p>卡号</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell><table:table-cell><text:p>6222020000000000</text:p></table:table-cell></table:table-row></table:table>
<text:p>末段</text:p></office:text></office:body></office:document>"#;

const SHEETS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles><style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="名单" table:style-name="ta1"><table:table-column table:number-columns-repeated="3"/>
<table:table-row><table:table-cell office:value-type="string"><text:p>姓名</text:p></table:table-cell><table:table-cell/><table:table-cell office:value-type="string"><text:p>电话</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell><table:table-cell/><table:table-cell office:value-type="float" office:value="13800138000"><text:p>13800138000</text:p></table:table-cell></table:table-row></table:table>
<table:table table:name="底价" table:style-name="ta2"><table:table-column/><table:table-row><table:table-cell office:value-type="string"><text:p>藏起来的</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document>"#;

/// Writes `document` in the other formats; `None`, and says so, when LibreOffice is not there.
fn converted(document: &str, name: &str, kinds: &[&str]) -> Option<Vec<(String, Vec<u8>)>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), document).unwrap();
    let mut files = Vec::new();
    for kind in kinds {
        if !convert(folder.path(), name, kind) {
            return None;
        }
        let file = Path::new(name).with_extension(kind.split(':').next().unwrap());
        files.push(((*kind).to_owned(), fs::read(folder.path().join(file)).unwrap()));
    }
    Some(files)
}

fn convert(folder: &Path, name: &str, kind: &str) -> bool {
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let output = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", kind, "--outdir", ".", name])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        eprintln!("soffice is not installed: nothing was tested with it");
        return false;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

#[test]
fn text_documents_have_the_same_text_in_every_format() {
    let Some(files) = converted(TEXT, "text.fodt", &["odt", "docx", "dotx", "ott", "html"]) else {
        return;
    };
    for (kind, bytes) in &files {
        let text = text_of(bytes);
        let rows = [
            "报价单",
            "电话：13800138000",
            "正文",
            "姓名\t卡号",
            "甲\t6222020000000000",
            "末段",
        ];
        for row in rows {
            assert!(text.contains(row), "{kind}: {row} in {text}");
        }
        let asides = [
            (Part::Aside, "脚注文字"),
            (Part::Aside, "批注文字"),
            (Part::Margin, "机密★长期"),
            (Part::Margin, "内部资料"),
        ];
        for (part, aside) in asides.iter().filter(|_| kind != "html") {
            let parts = examined(bytes).text.parts();
            assert!(
                parts.iter().any(|(own, text)| own == part && text.contains(aside)),
                "{kind}: {aside} in {parts:?}"
            );
        }
    }
}

#[test]
fn spreadsheets_have_the_same_text_in_every_format() {
    let Some(files) = converted(SHEETS, "sheets.fods", &["ods", "xlsx", "xltx", "ots", "xlsm"]) else {
        return;
    };
    for (kind, bytes) in &files {
        let text = text_of(bytes);
        assert!(
            text.contains("名单\n姓名\t\t电话\n甲\t\t13800138000\u{C}"),
            "{kind}: {text}"
        );
        let parts = examined(bytes).text.parts();
        assert!(parts.contains(&(Part::Aside, "藏起来的".into())), "{kind}: {parts:?}");
    }
}

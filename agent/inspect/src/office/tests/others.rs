//! OFD, OpenDocument by hand, EPUB, `XMind`, Sketch.

use super::{examined, package, text_of};
use crate::text::Part;
use fileward_protocol::vocabulary::EncryptionState;

/// A document with everything that one can have.
pub(super) fn ofd() -> Vec<u8> {
    let page = |text: &str| {
        format!(
            r#"<ofd:Page><ofd:Content><ofd:Layer><ofd:TextObject Boundary="1 1 9 4" Size="4"><ofd:TextCode X="0" Y="4">{text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"#
        )
    };
    package(&[
        (
            "OFD.xml",
            r#"<ofd:OFD><ofd:DocBody><ofd:DocInfo><ofd:Title>通知</ofd:Title><ofd:Author>示例作者</ofd:Author><ofd:CustomDatas><ofd:CustomData Name="密级">机密</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#,
        ),
        (
            "Doc_0/Document.xml",
            r#"<ofd:Document><ofd:CommonData><ofd:TemplatePage ID="2" BaseLoc="Tpls/T0.xml"/></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/P0.xml"/></ofd:Pages>
            <ofd:Annotations>/Doc_0/Annots/A.xml</ofd:Annotations><ofd:Attachments>Attachs/A.xml</ofd:Attachments><ofd:CustomTags>Tags/T.xml</ofd:CustomTags></ofd:Document>"#,
        ),
        ("Doc_0/Pages/P0.xml", &page("正文")),
        ("Doc_0/Tpls/T0.xml", &page("机密★长期")),
        (
            "Doc_0/Annots/A.xml",
            "<ofd:Annotations><ofd:Page PageID=\"1\"><ofd:FileLoc>P0/N.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>",
        ),
        (
            "Doc_0/Annots/P0/N.xml",
            "<ofd:PageAnnot><ofd:Annot><ofd:Remark>批示</ofd:Remark></ofd:Annot></ofd:PageAnnot>",
        ),
        (
            "Doc_0/Attachs/A.xml",
            "<ofd:Attachments><ofd:Attachment><ofd:FileLoc>a.html</ofd:FileLoc></ofd:Attachment></ofd:Attachments>",
        ),
        ("Doc_0/Attachs/a.html", "<html><p>附件</html>"),
        (
            "Doc_0/Tags/T.xml",
            "<ofd:CustomTags><ofd:CustomTag><ofd:FileLoc>E.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>",
        ),
        ("Doc_0/Tags/E.xml", "<e><n>INV-1</n></e>"),
        ("Doc_0/Signs/Sign_0/Seal.esl", "\u{C}\u{6}公章"),
    ])
}

#[test]
fn ofd_is_read_with_its_templates_notes_and_attachments() {
    let bytes = ofd();
    let found = examined(&bytes);
    assert_eq!(found.kind.word().as_str(), "ofd");
    assert_eq!(
        (found.properties.title.as_deref(), found.label.as_deref()),
        (Some("通知"), Some("机密"))
    );
    assert_eq!(
        text_of(&bytes),
        "机密★长期\u{C}正文\u{C}批示\u{C}附件\u{C}INV-1\u{C}公章"
    );
    assert!(found.text.parts().contains(&(Part::Margin, "公章".into())));
}

const SHEET: &str = r#"<office:document-content><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="表" table:style-name="ta1">
<table:table-row><table:table-cell><text:p>姓名</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="float" office:value="13800138000"><text:p>1.38E+10</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16380"/></table:table-row>
<table:table-row><table:table-cell/><table:table-cell office:value-type="float" office:value="1234567"><text:p>1,234,567</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell><table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell></table:table-row>
</table:table><table:table table:name="藏" table:style-name="ta2"><table:table-row><table:table-cell><text:p>hidden</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;

#[test]
fn what_is_encrypted_within_ofd_is_said() {
    let root = "<ofd:OFD><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
    let document = r#"<ofd:Document><ofd:Pages><ofd:Page BaseLoc="P0.xml"/></ofd:Pages></ofd:Document>"#;
    let page = "<ofd:Page><ofd:TextObject><ofd:TextCode>open</ofd:TextCode></ofd:TextObject></ofd:Page>";
    let mut parts = vec![
        ("OFD.xml", root),
        ("Encryptions.xml", "<x/>"),
        ("Doc_0/Document.xml", document),
    ];
    assert_eq!(examined(&package(&parts)).encryption.state, EncryptionState::Encrypted);
    parts.push(("Doc_0/P0.xml", page));
    assert_eq!(examined(&package(&parts)).encryption.state, EncryptionState::Partly);
}

/// A spreadsheet with a hidden sheet.
pub(super) fn sheet() -> Vec<u8> {
    package(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", SHEET),
    ])
}

#[test]
fn cells_of_opendocument_stand_in_their_columns() {
    let bytes = sheet();
    assert_eq!(
        text_of(&bytes),
        "表\n姓名\t\t\t1.38E+10\n13800138000\n\t1,234,567\tx\t\ta\nb\u{C}藏\nhidden"
    );
    assert!(examined(&bytes).text.parts().contains(&(Part::Aside, "hidden".into())));
}

#[test]
fn text_of_opendocument_has_its_notes_and_deletions_aside() {
    let content = r#"<office:document-content><office:body><office:text><text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>x</dc:creator></office:change-info><text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>
        <text:p>电话 138<office:annotation><dc:creator>x</dc:creator><text:p>remark</text:p></office:annotation><text:span>0013</text:span>8000<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p></text:note-body></text:note><text:s text:c="2"/>a
        b<text:tab/>c<text:line-break/>d</text:p><text:p><draw:frame><draw:text-box><text:p>box</text:p></draw:text-box><svg:title>pic</svg:title></draw:frame></text:p></office:text></office:body></office:document-content>"#;
    let styles = "<office:document-styles><office:master-styles><style:master-page><style:header><text:p>机密</text:p></style:header></style:master-page></office:master-styles></office:document-styles>";
    let chart = "<office:document-content><text:p>chart</text:p></office:document-content>";
    let bytes = package(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", content),
        ("styles.xml", styles),
        ("Object 1/content.xml", chart),
        ("Object 2", "<html><p>object</html>"),
    ]);
    assert_eq!(
        text_of(&bytes),
        "电话 13800138000  a b\tc\nd\nbox\u{C}deleted\nremark\nnote\npic\u{C}机密\u{C}chart\u{C}object"
    );
    assert!(examined(&bytes).text.parts().contains(&(Part::Margin, "机密".into())));
}

#[test]
fn books_come_in_the_order_of_their_spine() {
    let bytes = package(&[
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            r#"<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>"#,
        ),
        (
            "OPS/book.opf",
            r#"<package><metadata><dc:title>手册</dc:title></metadata><manifest><item id="b" href="b.xhtml"/><item id="a" href="t/%E7%AB%A0%202.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>"#,
        ),
        ("OPS/t/章 2.xhtml", "<html><body><p>second</p></body></html>"),
        ("OPS/b.xhtml", "<html><body><p>first&nbsp;page</p></body></html>"),
    ]);
    assert_eq!(text_of(&bytes), "first\u{A0}page\u{C}second");
    assert_eq!(examined(&bytes).properties.title.as_deref(), Some("手册"));
}

#[test]
fn mind_maps_and_sketches_are_read() {
    let new = package(&[
        (
            "content.json",
            r#"[{"rootTopic":{"id":"1","title":"方案","notes":{"plain":{"content":"备注"}},"children":{"attached":[{"title":"报价"}]}}}]"#,
        ),
        ("metadata.json", "{}"),
        ("manifest.json", "{}"),
        ("content.xml", "<xmap-content>newer</xmap-content>"),
    ]);
    let old = package(&[
        (
            "content.xml",
            "<?xml version=\"1.0\"?><xmap-content><sheet><topic><title>方案</title><notes><plain>备注</plain></notes><topic><title>报价</title></topic></topic></sheet></xmap-content>",
        ),
        ("META-INF/manifest.xml", "<m/>"),
    ]);
    for bytes in [new, old] {
        assert_eq!(examined(&bytes).kind.word().as_str(), "xmind");
        assert_eq!(text_of(&bytes), "方案\n备注\n报价");
    }
    let sketch = package(&[
        ("document.json", "{}"),
        ("meta.json", "{}"),
        (
            "pages/1.json",
            r#"{"name":"页","layers":[{"attributedString":{"string":"标题"}}]}"#,
        ),
    ]);
    assert_eq!(text_of(&sketch), "页\n标题");
}

#[test]
fn flat_documents_and_plain_markup_are_read() {
    let flat = r#"<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="x" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text"><office:meta><dc:title>标题</dc:title></office:meta>
        <office:master-styles><style:header><text:p>机密</text:p></style:header></office:master-styles><office:body><office:text><text:p>正文</text:p><office:binary-data>AAAA</office:binary-data></office:text></office:body></office:document>"#;
    let found = examined(flat.as_bytes());
    assert_eq!(
        (found.kind.word().as_str(), found.properties.title.as_deref()),
        ("fodt", Some("标题"))
    );
    assert_eq!(text_of(flat.as_bytes()), "机密\u{C}正文");
    let gb = encoding_rs::GB18030
        .encode(
            "<?xml version=\"1.0\" encoding=\"GB18030\"?><客户 电话='13800138000'><名称>示例&#x79D1;技</名称></客户>",
        )
        .0;
    assert_eq!(text_of(&gb), "13800138000\t示例科技");
    let wide: Vec<u8> = "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>机密</a>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(text_of(&wide), "机密");
    assert_eq!(
        text_of("<svg><style>x</style><path d=\"M 1 2\"/><text>机密</text></svg>".as_bytes()),
        "机密"
    );
}

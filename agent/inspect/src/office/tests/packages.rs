//! Office Open XML of hand-made parts: what programs for tests do not write.

use super::{examined, package, text_of};
use crate::text::Part;

const TYPES: &str = r#"<Types>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/kopf.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>
<Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/>
</Types>"#;

fn docx(body: &str) -> Vec<u8> {
    package(&[
        ("[Content_Types].xml", TYPES),
        (
            "word/document.xml",
            &format!("<w:document><w:body>{body}</w:body></w:document>"),
        ),
    ])
}

#[test]
fn runs_are_one_text_and_tracked_deletions_stand_aside() {
    let body = r#"<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>电话：138</w:t></w:r>
        <w:del><w:r><w:delText xml:space="preserve">139000</w:delText></w:r><w:r><w:delText>01111</w:delText></w:r></w:del>
        <w:r><w:rPr><w:b/></w:rPr><w:t>0013</w:t></w:r><w:proofErr/><w:ins><w:r><w:t xml:space="preserve">8000 </w:t><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r></w:ins></w:p>
        <w:p><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:sym w:font="Wingdings" w:char="F0AB"/><w:t>机密</w:t><w:noBreakHyphen/></w:r></w:p>"#;
    assert_eq!(
        text_of(&docx(body)),
        "电话：13800138000 \tx\ny\n★机密-\u{C}13900001111\nmoved"
    );
}

#[test]
fn one_branch_of_an_alternative_is_read() {
    let body = r#"<w:p><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:docPr id="1" name="框" descr="说明"/><wps:txbx><w:txbxContent>
        <w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice>
        <mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent>
        <mc:AlternateContent><mc:Fallback><w:t>only</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"#;
    assert_eq!(text_of(&docx(body)), "a\nin the box\nonly\u{C}说明");
}

#[test]
fn cells_stand_in_rows() {
    let cell = |text: &str| format!("<w:tc><w:tcPr/><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let row = |cells: [&str; 3]| format!("<w:tr>{}</w:tr>", cells.map(cell).concat());
    let body = format!(
        "<w:tbl>{}{}{}</w:tbl><w:p><w:r><w:t>after</w:t></w:r></w:p>",
        row(["姓名", "电话", "备注"]),
        row(["", "1", ""]),
        row(["甲", "", "2"])
    );
    assert_eq!(text_of(&docx(&body)), "姓名\t电话\t备注\n\t1\t\n甲\t\t2\nafter");
}

#[test]
fn marks_in_headers_are_margin_whatever_their_parts_are_called() {
    let header = r#"<w:hdr><w:p><w:r><w:pict><v:shape><v:textpath style="font-size:1pt" string="机密 ★ 长期"/></v:shape></w:pict></w:r><w:r><w:t>内部资料</w:t></w:r></w:p></w:hdr>"#;
    let comments =
        r#"<w:comments><w:comment w:author="x"><w:p><w:r><w:t>a remark</w:t></w:r></w:p></w:comment></w:comments>"#;
    let bytes = package(&[
        ("[Content_Types].xml", TYPES),
        (
            "word/document.xml",
            "<w:document><w:body><w:p><w:r><w:t>body</w:t></w:r></w:p></w:body></w:document>",
        ),
        ("word/kopf.xml", header),
        ("word/comments.xml", comments),
    ]);
    assert_eq!(text_of(&bytes), "机密 ★ 长期\n内部资料\u{C}body\u{C}a remark");
    assert_eq!(
        examined(&bytes).text.parts(),
        [
            (Part::Margin, "机密 ★ 长期".into()),
            (Part::Margin, "内部资料".into()),
            (Part::Body, "body".into()),
            (Part::Aside, "a remark".into())
        ]
    );
}

#[test]
fn a_package_is_read_without_its_list_of_types() {
    let bytes = package(&[
        (
            "word/document.xml",
            "<w:document><w:body><w:p><w:r><w:t>body</w:t></w:r></w:p></w:body></w:document>",
        ),
        (
            "word/footer1.xml",
            "<w:ftr><w:p><w:r><w:t>foot</w:t></w:r></w:p></w:ftr>",
        ),
        ("customXml/item1.xml", "<data><number>A-2024-001</number></data>"),
        ("customXml/itemProps1.xml", "<ds>nothing</ds>"),
    ]);
    assert_eq!(text_of(&bytes), "foot\u{C}body\u{C}A-2024-001");
}

#[test]
fn a_type_for_a_whole_extension_does_not_outweigh_that_of_the_main_part() {
    // As SheetJS lists them in workbooks of either form.
    let binary = r#"<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>"#;
    let main = r#"<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#;
    let kind_of = |main: &str, part: &str| {
        let types = format!("<Types>{binary}{main}</Types>");
        let found = examined(&package(&[
            ("[Content_Types].xml", types.as_str()),
            (part, "<workbook/>"),
        ]));
        found.kind.name()
    };
    assert_eq!(kind_of(main, "xl/workbook.xml"), "xlsx");
    assert_eq!(kind_of("", "xl/workbook.bin"), "xlsb");
}

#[test]
fn files_within_are_read() {
    let inner = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>");
    let document = docx("<w:p><w:r><w:t>outside</w:t></w:r></w:p>");
    let outer = package(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        (
            "word/document.xml",
            b"<w:document><w:p><w:r><w:t>outside</w:t></w:r></w:p></w:document>",
        ),
        ("word/embeddings/Microsoft_Word_Document.docx", &inner),
        ("word/afchunk1.html", "<p>a <b>chunk</b>".as_bytes()),
        ("word/media/image1.png", &document),
    ]);
    assert_eq!(text_of(&outer), "outside\u{C}inside\u{C}a chunk");
}

#[test]
fn what_a_document_says_of_itself_is_taken_up() {
    let bytes = package(&[
        ("[Content_Types].xml", TYPES),
        ("word/document.xml", "<w:document/>"),
        (
            "word/settings.xml",
            r#"<w:settings><w:docVars><w:docVar w:name="密级" w:val="机密"/></w:docVars></w:settings>"#,
        ),
        (
            "word/_rels/settings.xml.rels",
            r#"<Relationships><Relationship Id="rId1" TargetMode="External" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="file:///C:\Users\x\公司模板.dotx"/></Relationships>"#,
        ),
        (
            "docMetadata/LabelInfo.xml",
            r#"<clbl:labelList><clbl:label id="{3c9a-1}" enabled="1" method="Standard"/></clbl:labelList>"#,
        ),
    ]);
    let found = examined(&bytes);
    assert_eq!(found.label.as_deref(), Some("机密"));
    assert_eq!(found.properties.template.as_deref(), Some("公司模板.dotx"));
    assert!(
        found
            .properties
            .other
            .contains(&("MSIP_Label_3c9a-1_Enabled".into(), "true".into()))
    );
}

const WORKBOOK: &[(&str, &str)] = &[
    (
        "xl/workbook.xml",
        r#"<workbook><sheets><sheet name="乙" sheetId="1" r:id="rId2"/><sheet name="藏" sheetId="2" state="veryHidden" r:id="rId1"/></sheets><definedNames><definedName name="底价">42</definedName></definedNames></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>"#,
    ),
    (
        "xl/sharedStrings.xml",
        "<sst><si><t>客户</t></si><si><r><t>机</t></r><r><t>密</t></r></si></sst>",
    ),
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row><c r="A1" t="s"><v>1</v></c></row></sheetData></worksheet>"#,
    ),
    (
        "xl/worksheets/sheet2.xml",
        r#"<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.3800138E10</v></c></row></sheetData><headerFooter><oddFooter>&amp;C内部 &amp;P</oddFooter></headerFooter></worksheet>"#,
    ),
    (
        "xl/worksheets/sheet3.xml",
        r#"<worksheet><sheetData><row><c t="inlineStr"><is><t>not listed</t></is></c></row></sheetData></worksheet>"#,
    ),
    (
        "xl/comments1.xml",
        "<comments><commentList><comment><text><r><t>批</t></r><r><t>注</t></r></text></comment></commentList></comments>",
    ),
];

/// A workbook with a hidden sheet.
pub(super) fn workbook() -> Vec<u8> {
    package(WORKBOOK)
}

#[test]
fn sheets_come_in_their_order_and_hidden_ones_stand_aside() {
    let bytes = workbook();
    assert_eq!(
        text_of(&bytes),
        "底价\n42\u{C}乙\n客户\t13800138000\u{C}内部 \u{C}藏\n机密\u{C}not listed\u{C}批注"
    );
    let hidden = examined(&bytes)
        .text
        .parts()
        .into_iter()
        .find(|(_, text)| text == "机密");
    assert_eq!(hidden.map(|(part, _)| part), Some(Part::Aside));
}

#[test]
fn slides_come_in_their_order_and_hidden_ones_stand_aside() {
    let slide = |text: &str, show: &str| {
        format!(
            "<p:sld{show}><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r><a:br/><a:fld><a:t>1</a:t></a:fld></a:p></p:txBody></p:sp>\
            <a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>y</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></p:sld>"
        )
    };
    let bytes = package(&[
        (
            "ppt/presentation.xml",
            r#"<p:presentation><p:sldIdLst><p:sldId id="256" r:id="rId9"/><p:sldId id="257" r:id="rId8"/></p:sldIdLst></p:presentation>"#,
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            r#"<Relationships><Relationship Id="rId8" Target="slides/slide1.xml"/><Relationship Id="rId9" Target="slides/slide2.xml"/></Relationships>"#,
        ),
        ("ppt/slides/slide1.xml", &slide("second", r#" show="0""#)),
        ("ppt/slides/slide2.xml", &slide("first", "")),
        (
            "ppt/notesSlides/notesSlide1.xml",
            "<p:notes><a:p><a:r><a:t>note</a:t></a:r></a:p></p:notes>",
        ),
        (
            "ppt/slideMasters/slideMaster1.xml",
            "<p:sldMaster><p:sp><p:nvPr><p:ph type='title'/></p:nvPr><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:sp><p:sp><p:nvPr><p:ph type='ftr'/></p:nvPr><a:p><a:r><a:t>机密</a:t></a:r></a:p></p:sp></p:sldMaster>",
        ),
    ]);
    assert_eq!(text_of(&bytes), "机密\u{C}first\n1\nx\ty\u{C}second\n1\nx\ty\u{C}note");
    let parts = examined(&bytes).text.parts();
    assert!(parts.contains(&(Part::Aside, "second".into())) && parts.contains(&(Part::Body, "first".into())));
}

#[test]
fn charts_and_diagrams_are_read() {
    let chart = "<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>销售</a:t></a:r></a:p></c:rich></c:tx></c:title><c:ser><c:cat><c:strRef><c:f>Sheet1!A1</c:f>\
        <c:strCache><c:pt idx=\"0\"><c:v>甲</c:v></c:pt><c:pt idx=\"1\"><c:v>乙</c:v></c:pt></c:strCache></c:strRef></c:cat></c:ser></c:chart>";
    let types = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
        <Override PartName="/word/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>
        <Override PartName="/word/diagrams/data1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"/></Types>"#;
    let bytes = package(&[
        ("[Content_Types].xml", types),
        ("word/document.xml", "<w:document/>"),
        ("word/charts/chart1.xml", chart),
        (
            "word/diagrams/data1.xml",
            "<dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>节点</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst>",
        ),
    ]);
    assert_eq!(text_of(&bytes), "销售\n甲\t乙\u{C}节点");
}

#[test]
fn drawings_of_visio_and_pages_of_xps_are_read() {
    let visio = package(&[
        ("visio/document.xml", "<VisioDocument/>"),
        (
            "visio/pages/page1.xml",
            r#"<PageContents><Shapes><Shape><Section N="Property"><Row N="x"><Cell N="Value" V="负责人"/></Row></Section><Text><cp IX="0"/>服务<cp IX="1"/>器
第二行</Text></Shape></Shapes></PageContents>"#,
        ),
    ]);
    assert_eq!(text_of(&visio), "服务器\n第二行\u{C}负责人");
    let types = r#"<Types><Default Extension="fdseq" ContentType="application/vnd.ms-package.xps-fixeddocumentsequence+xml"/><Default Extension="fpage" ContentType="application/vnd.ms-package.xps-fixedpage+xml"/></Types>"#;
    let page = r#"<FixedPage><Glyphs OriginX="10" OriginY="20" FontRenderingEmSize="10" UnicodeString="138"/><Glyphs OriginX="25" OriginY="20" FontRenderingEmSize="10" UnicodeString="00138000"/>
        <Glyphs OriginX="10" OriginY="40" FontRenderingEmSize="10" UnicodeString="{}{a}"/></FixedPage>"#;
    let xps = package(&[
        ("[Content_Types].xml", types),
        ("FixedDocumentSequence.fdseq", "<x/>"),
        ("Documents/1/Pages/1.fpage", page),
    ]);
    assert_eq!(text_of(&xps), "13800138000\n{a}");
}

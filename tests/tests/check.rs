//! What `check` says of a real document: to programs and, in both languages, to the person whose file it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fileward_tests::documents::Documents;
use fileward_tests::process::{command, eventually, output};
use fileward_tests::{Pc, Policy};
use serde_json::Value;

/// A PC whose agent watches, with a list of people on the desktop; the list's path.
fn with_people(documents: &Documents) -> (Pc, String) {
    let mut pc = Pc::new();
    pc.start_alone(&Policy::quick());
    let path = pc.save(&documents.path("people.docx"), "桌面/名单.docx");
    let path = path.to_str().unwrap().to_owned();
    (pc, path)
}

fn check(pc: &Pc, path: &str, language: &str, more: &[&str]) -> String {
    let mut check = command("fileward-agent", &[&["check", path], more].concat());
    check
        .arg("--data-dir")
        .arg(pc.state())
        .env("FILEWARD_LANGUAGE", language);
    output(&mut check)
}

#[test]
fn identity_numbers_in_a_document_are_told_by_kind_and_count() {
    let Some(documents) = Documents::get() else { return };
    let (pc, path) = with_people(documents);
    let said = eventually("a verdict", || {
        let said: Value = serde_json::from_str(&check(&pc, &path, "en", &["--json"])).unwrap();
        (said["place"]["kind"] == "desktop").then_some(said)
    });
    assert_eq!(
        (said["kind"].as_str(), &said["disguised"]),
        (Some("docx"), &Value::Bool(false))
    );
    assert_eq!(said["text"]["state"], "read");
    assert_eq!(said["sensitivity"], "internal");
    let found = said["detections"].as_array().unwrap();
    let ids = found.iter().find(|found| found["detector"] == "cn_resident_id");
    assert_eq!(ids.map(|found| &found["count"]), Some(&Value::from(2)), "{said}");
    let evidence = said["work_file"]["evidence"].as_array().unwrap();
    assert!(evidence.contains(&"detector".into()), "{said}");
    assert!(!said.to_string().contains("11010519491231002"), "{said}");
}

#[test]
fn a_person_reads_what_it_is_where_it_lies_why_it_matters_and_what_to_do() {
    let Some(documents) = Documents::get() else { return };
    let (pc, path) = with_people(documents);
    let store = pc.home().join("工作文件");
    let store = store.to_str().unwrap();
    eventually("a verdict", || {
        check(&pc, &path, "en", &[]).contains("what to do").then_some(())
    });
    for (language, sentences) in [
        (
            "zh-CN",
            [
                "文件：docx（文档）",
                "文字已读完",
                "位置：桌面",
                "结论：不符合规定：工作文件不在规定的存放处（严重程度：中）",
                "文件属性里有公司名称“示例科技有限公司”。",
                "文中有 2 处居民身份证号。",
                "按公司的规定，它的密级是“内部”。",
                "它在桌面上，工作文件应放到规定的存放处。",
                "请把它移到公司规定的存放处：",
            ],
        ),
        (
            "en",
            [
                "file: docx (documents)",
                "its text was read to its end",
                "place: desktop",
                "verdict: against the rules: work file outside the store (severity: medium)",
                "Its properties contain the company's name “示例科技有限公司”.",
                "Its text contains Chinese resident ID numbers: 2.",
                "By the company's rules its grade is: internal.",
                "It lies on the desktop; work files belong in the store.",
                "Move it to the store that the company has named: ",
            ],
        ),
    ] {
        let said = check(&pc, &path, language, &[]);
        for sentence in sentences.into_iter().chain([store]) {
            assert!(said.contains(sentence), "{sentence} is not in\n{said}");
        }
    }
}

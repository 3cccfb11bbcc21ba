//! What `check` says of a real document: to programs and, in both languages, to the person whose file it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fileward_tests::documents::Documents;
use fileward_tests::process::{command, output};
use fileward_tests::{Pc, Policy};
use serde_json::Value;

/// A PC with a list of people on the desktop; the list's path.
fn with_people(documents: &Documents) -> (Pc, String) {
    with(documents, "people.docx", "桌面/名单.docx")
}

fn with(documents: &Documents, name: &str, at: &str) -> (Pc, String) {
    let pc = Pc::new();
    std::fs::write(pc.root().join("policy.toml"), Policy::quick().text()).unwrap();
    let path = pc.save(&documents.path(name), at);
    let path = path.to_str().unwrap().to_owned();
    (pc, path)
}

fn check(pc: &Pc, path: &str, language: &str, more: &[&str]) -> String {
    let mut check = command("fileward-agent", &[&["check", path], more].concat());
    check.arg("--data-dir").arg(pc.state()).arg("--home").arg(pc.home());
    check.arg("--policy").arg(pc.root().join("policy.toml"));
    output(check.env("FILEWARD_LANGUAGE", language))
}

#[test]
fn identity_numbers_in_a_document_are_told_by_kind_and_count() {
    let Some(documents) = Documents::get() else { return };
    let (pc, path) = with_people(documents);
    let said: Value = serde_json::from_str(&check(&pc, &path, "en", &["--json"])).unwrap();
    assert_eq!(said["place"]["kind"], "desktop");
    assert_eq!(
        (said["kind"].as_str(), &said["disguised"]),
        (Some("docx"), &Value::Bool(false))
    );
    assert_eq!(said["text"]["state"], "read");
    assert_eq!(said["sensitivity"], "internal");
    let found = said["detections"].as_array().unwrap();
    let ids = found.iter().find(|found| found["detector"] == "cn_resident_id");
    assert_eq!(ids.map(|found| &found["count"]), Some(&Value::from(3)), "{said}");
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
    for (language, sentences) in [
        (
            "zh-CN",
            [
                "文件：docx（文档）",
                "文字已读完",
                "位置：桌面",
                "结论：不符合规定：工作文件不在规定的存放处（严重程度：中）",
                "文件属性里有公司名称“示例科技有限公司”。",
                "文中有 3 处居民身份证号。",
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
                "Its text contains Chinese resident ID numbers: 3.",
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

#[test]
fn a_payslip_that_names_the_company_is_left_to_its_owner() {
    let Some(documents) = Documents::get() else { return };
    let (pc, path) = with(documents, "payslip.docx", "桌面/工资.docx");
    for (language, sentences) in [
        (
            "zh-CN",
            [
                "文中有公司名称“示例科技有限公司”。",
                "标题里有“工资条”，像是私人文件。",
                "上面这些内容私人文件里也常有，是不是工作文件需要你来确认。",
                "请在 Fileward 里回答“这是工作文件吗？”。",
            ],
        ),
        (
            "en",
            [
                "Its text contains the company's name “示例科技有限公司”.",
                "By its title (“工资条”) it looks like a private paper.",
                "Private papers often have such signs too; only you can tell whether it is a work file.",
                "Answer “Is this a work file?” in Fileward.",
            ],
        ),
    ] {
        let said = check(&pc, &path, language, &[]);
        for sentence in sentences {
            assert!(said.contains(sentence), "{sentence} is not in\n{said}");
        }
    }
    let said: Value = serde_json::from_str(&check(&pc, &path, "en", &["--json"])).unwrap();
    assert_eq!(said["work_file"]["state"], "unsure");
    assert_eq!(said["verdict"]["state"], "ignored");
}

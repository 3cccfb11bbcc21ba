//! Registered documents: a copy and a near copy of one are work files wherever they come by, other files are not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fileward_tests::process::eventually;
use fileward_tests::{Collector, Pc, Policy};
use serde_json::Value;

/// A contract of so many clauses, of which every `changed`th reads otherwise.
fn contract(clauses: usize, changed: Option<usize>) -> String {
    let mut text = String::from("合同\n");
    for clause in 1..=clauses {
        let days = 10 + clause * 7 % 53;
        let percent = 1 + clause * 11 % 29;
        if changed.is_some_and(|every| clause % every == 0) {
            let _ = writeln!(text, "第{clause}条　双方另行商定，并以书面形式作为附件{percent}。");
        } else {
            let _ = writeln!(
                text,
                "第{clause}条　供方应在{days}日内交付第{clause}批货物，逾期每日按货款的{percent}‰支付违约金，并承担需方的第{clause}项损失。"
            );
        }
    }
    text
}

/// Where nobody counts anything but what evidence shows.
fn policy() -> Policy {
    Policy::quick().with("= \"ask\"", "= \"ignore\"")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn evidence(pc: &Pc, path: &str) -> Value {
    let said: Value = serde_json::from_str(&pc.run(&["check", "--json", path])).unwrap();
    said["work_file"]["evidence"].clone()
}

#[test]
fn copies_and_near_copies_of_a_registered_document_are_found() {
    let collector = Collector::start(&policy());
    let office = tempfile::tempdir().unwrap();
    let original = contract(120, None);
    let registered = collector.json(&["document", "add", &write(office.path(), "采购合同.txt", &original)]);
    assert_eq!(registered[0]["name"], "采购合同.txt");
    assert_eq!(registered[0]["near_copies"], true);

    let mut pc = Pc::new();
    let wechat = pc.wechat("wxid_example_1a2b");
    let wechat = pc.home().join(wechat);
    pc.join(&collector);
    let copy = write(&wechat, "给客户.txt", &original);
    let near = write(&wechat, "改过的合同.txt", &contract(120, Some(8)));
    let other = write(
        &wechat,
        "游记.txt",
        &"今天我们去了山上，看见了许多花。天气很好，晚上回家吃饭。\n".repeat(200),
    );

    for name in ["给客户.txt", "改过的合同.txt"] {
        eventually(&format!("a finding of {name}"), || collector.finding(name, "open"));
    }
    pc.wait_until_sent();
    assert_eq!(collector.findings().len(), 2);
    assert_eq!(evidence(&pc, &copy), serde_json::json!(["registered"]));
    assert_eq!(evidence(&pc, &near), serde_json::json!(["near_copy"]));
    assert_eq!(evidence(&pc, &other), serde_json::json!([]));

    // What is not registered any more is not looked for: files that lie there are looked at again.
    collector.run(&["document", "remove", &registered[0]["id"].to_string()]);
    for name in ["给客户.txt", "改过的合同.txt"] {
        eventually(&format!("the end of the finding of {name}"), || {
            collector.finding(name, "resolved")
        });
    }
    assert_eq!(collector.json(&["document", "list"]), serde_json::json!([]));
}

#[test]
fn what_cannot_be_registered_says_why() {
    let collector = Collector::start(&policy());
    let office = tempfile::tempdir().unwrap();
    let empty = write(office.path(), "empty.txt", "");
    for (file, why) in [
        (empty.as_str(), "is empty"),
        (office.path().to_str().unwrap(), "is no file"),
        ("/no/such/file", "Failed to open"),
    ] {
        let said = collector.attempt(&["document", "add", file]);
        assert_eq!(said.status.code(), Some(1), "{file}");
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains(why) && said.contains(file), "{said}");
    }
}

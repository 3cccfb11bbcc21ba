//! The main job, once, with everything real: enrol, approve, save, be told, move, resolved.

use std::process::Command;
use std::time::Duration;

use fileward_tests::documents::Documents;
use fileward_tests::process::{eventually, output};
use fileward_tests::{Collector, Desktop, Pc, Policy};

#[test]
fn a_file_in_the_wrong_place_becomes_a_finding_and_moving_it_resolves_it() {
    let mut pc = Pc::of_ordinary_user();
    let (Some(documents), Some(mut desktop)) = (Documents::get(), Desktop::start(&pc)) else {
        return;
    };
    let collector = Collector::start(&Policy::counting());

    pc.enrol(&collector.token(&[]));
    pc.start();
    desktop.start_tray(&pc);
    let device = eventually("the pending device at the collector", || collector.devices().pop());
    assert_eq!(device["binding"], "pending");
    assert!(
        device["model"].is_string() || device["os"]["name"].is_string(),
        "the fingerprint is there: {device}"
    );

    // While pending the employee is told, and the collector hears nothing.
    let wechat = pc.wechat("zhangwei_1a2b");
    let early = pc.save(&documents.path("table.xlsx"), &format!("{wechat}/报价单.xlsx"));
    eventually("a notification on the screen", || {
        (desktop.count(&pc) > 0).then_some(())
    });
    std::thread::sleep(Duration::from_secs(3));
    assert!(collector.findings().is_empty(), "a pending device reports no finding");

    let id = device["id"].as_str().unwrap();
    collector.run(&["device", "approve", id]);
    let finding = eventually("the finding at the collector", || {
        collector.finding("报价单.xlsx", "open")
    });
    assert_eq!(finding["place"]["kind"], "chat_cache");
    assert_eq!(finding["place"]["app"], "wechat");
    assert_eq!(finding["file"]["kind"], "xlsx");
    assert_eq!(finding["rule"], "outside_store");
    std::fs::remove_file(&early).unwrap();
    eventually("the deleted file is resolved", || {
        collector.finding("报价单.xlsx", "resolved")
    });

    // Two documents on the desktop; the notification's own button moves one to the store.
    desktop.close_all(&pc);
    let report = pc.save(&documents.path("report.docx"), "桌面/季度报告.docx");
    eventually("the notification about the report", || {
        (desktop.count(&pc) > 0).then_some(())
    });
    let picture = desktop.screenshot("notification.png");
    eventually("the finding at the collector", || {
        collector.finding("季度报告.docx", "open")
    });
    desktop.click(&pc, "移到加密文件夹");
    let moved = pc.home().join("工作文件/季度报告.docx");
    eventually("the file in the store", || {
        (moved.exists() && !report.exists()).then_some(())
    });
    assert_eq!(
        std::fs::read(&moved).unwrap(),
        std::fs::read(documents.path("report.docx")).unwrap()
    );
    let finding = eventually("the resolved finding", || {
        collector.finding("季度报告.docx", "resolved")
    });
    assert_eq!(finding["resolution"], "moved_to_store");
    let states: Vec<&str> = finding["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["what"].as_str())
        .collect();
    assert_eq!(states.last(), Some(&"resolved"), "{finding}");

    let told = desktop.shown();
    assert!(
        told.contains("季度报告.docx") && told.contains("报价单.xlsx"),
        "notifications name the files: {told}"
    );
    let size = output(Command::new("identify").arg(&picture));
    assert!(size.contains("1024x700"), "a picture of the screen was taken: {size}");

    // What was sent can be seen on the PC, as sent, and holds no path and no account.
    let journal = pc.run(&["journal", "--json"]);
    assert!(journal.contains("季度报告.docx"));
    assert!(!journal.contains("zhangwei"), "no account leaves the PC");
    assert!(!journal.contains(pc.home().to_str().unwrap()), "no path leaves the PC");
}

#[test]
fn what_is_put_right_in_time_leaves_only_a_count() {
    let Some(documents) = Documents::get() else { return };
    let policy = Policy::counting().with("desktop = { grace = \"1s\" }", "desktop = { grace = \"1h\" }");
    let collector = Collector::start(&policy);
    let mut pc = Pc::new();
    pc.join(&collector);
    let path = pc.save(&documents.path("report.docx"), "桌面/草稿.docx");
    eventually("the noticed finding", || {
        pc.findings().into_iter().find(|finding| finding["state"] == "noticed")
    });
    std::fs::rename(&path, pc.home().join("工作文件/草稿.docx")).unwrap();
    eventually("the resolved finding", || {
        pc.findings().into_iter().find(|finding| finding["state"] == "resolved")
    });
    let journal = eventually("the count in the journal", || {
        Some(pc.run(&["journal", "--json"])).filter(|journal| journal.contains("put_right"))
    });
    assert!(
        !journal.contains("草稿"),
        "the name of a file put right in time is not sent: {journal}"
    );
    assert!(collector.findings().is_empty(), "{:?}", collector.findings());
}

#[test]
fn a_document_with_the_company_in_its_properties_is_a_work_file_even_where_the_employee_is_asked() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::quick());
    let mut pc = Pc::new();
    pc.join(&collector);
    let wechat = pc.wechat("friend_0f0f");
    pc.save(&documents.path("report.docx"), &format!("{wechat}/报告.docx"));
    pc.save(&documents.path("table.xlsx"), &format!("{wechat}/工资条.xlsx"));
    eventually("the finding of the company's document", || {
        collector.finding("报告.docx", "open")
    });
    eventually("the other one is judged", || {
        let place = format!("{wechat}/工资条.xlsx");
        let said = pc.run(&["check", pc.home().join(place).to_str().unwrap(), "--json"]);
        said.contains("\"unsure\"").then_some(())
    });
    assert!(
        collector.finding("工资条.xlsx", "open").is_none(),
        "without evidence the employee is asked first"
    );
}

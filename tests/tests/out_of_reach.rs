//! Folders that the service may not enter: they are told, nothing in them is guessed at, and what happened meanwhile is
//! found once they are open again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use fileward_tests::documents::Documents;
use fileward_tests::process::{eventually, output};
use fileward_tests::{Collector, Mounts, Pc, Policy};
use serde_json::{Value, json};

/// What `status` says of the place of this kind.
fn place(pc: &Pc, kind: &str) -> Value {
    let status = pc.json(&["status"]);
    let places = status["places"].as_array().unwrap();
    let place = places.iter().find(|place| place["kind"] == kind);
    place.unwrap_or_else(|| panic!("no {kind} in {status}")).clone()
}

/// Waits until `status` and the collector say this of the place.
fn told(collector: &Collector, pc: &Pc, kind: &str, state: &str, why: Option<&str>) {
    let here = json!({"state": state, "why": why});
    eventually(&format!("{kind}: {state} {why:?} in the status"), || {
        let place = place(pc, kind);
        (json!({"state": place["state"], "why": place["why"]}) == here).then_some(())
    });
    eventually(&format!("{kind}: {state} {why:?} at the collector"), || {
        let device = collector.devices().pop()?;
        let places = device["places"].as_array()?.clone();
        let of_kind: Vec<_> = places.iter().filter(|place| place["kind"] == kind).collect();
        let [place] = of_kind[..] else { return None };
        (json!({"state": place["state"], "why": place["why"]}) == here).then_some(())
    });
}

fn let_in(folder: &Path, mode: u32) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(folder, mode).unwrap();
}

/// Puts a document of the user's below a mount point: the test stands outside the namespace and sees what lies there.
fn put_beneath(pc: &Pc, document: &Path, at: &Path) {
    std::fs::copy(document, at).unwrap();
    pc.give(at);
}

#[test]
fn a_folder_that_is_closed_for_a_while_is_told_and_looked_through_afterwards() {
    let Some(documents) = Documents::get() else { return };
    let report = documents.path("report.docx");
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::of_ordinary_user();
    pc.enrol(&collector.token(&["--auto-approve"]));
    // A folder that was closed before the service came has never had a watch.
    let closed = pc.folder("桌面/锁住");
    pc.save(&report, "桌面/锁住/里面.docx");
    let_in(&closed, 0o000);
    pc.start_as_user();
    told(&collector, &pc, "desktop", "degraded", Some("partly_unreadable"));
    told(&collector, &pc, "downloads", "ok", None);
    pc.save(&report, "桌面/外面.docx");
    eventually("the rest of the place is watched", || {
        collector.finding("外面.docx", "open")
    });
    assert_eq!(collector.findings().len(), 1, "{:?}", collector.findings());

    let_in(&closed, 0o755);
    eventually("what lay in it is found", || collector.finding("里面.docx", "open"));
    told(&collector, &pc, "desktop", "ok", None);
    // From here on it is watched, not merely swept every hour.
    pc.save(&report, "桌面/锁住/后来.docx");
    eventually("what comes into it is seen", || collector.finding("后来.docx", "open"));
}

#[test]
fn a_place_that_closes_while_it_is_watched_is_told_and_looked_through_when_it_opens() {
    let Some(documents) = Documents::get() else { return };
    let report = documents.path("report.docx");
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::of_ordinary_user();
    pc.enrol(&collector.token(&["--auto-approve"]));
    pc.start_as_user();
    pc.save(&report, "下载/之前.docx");
    eventually("the first finding", || collector.finding("之前.docx", "open"));
    let downloads = pc.home().join("下载");
    let_in(&downloads, 0o000);
    told(&collector, &pc, "downloads", "unavailable", Some("permission_denied"));
    assert_eq!(
        collector.open_findings(),
        1,
        "what cannot be seen is not said to be put right"
    );
    let_in(&downloads, 0o755);
    told(&collector, &pc, "downloads", "ok", None);
    pc.save(&report, "下载/之后.docx");
    eventually("it is watched again", || collector.finding("之后.docx", "open"));
    assert_eq!(collector.open_findings(), 2);
    std::fs::remove_file(downloads.join("之前.docx")).unwrap();
    eventually("the first one ends as any other", || {
        collector.finding("之前.docx", "resolved")
    });
}

#[test]
fn a_volume_that_only_its_user_may_enter_hides_a_folder_or_a_place_until_it_is_unmounted() {
    let Some(mounts) = Mounts::begin() else { return };
    let Some(documents) = Documents::get() else { return };
    let report = documents.path("report.docx");
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::of_ordinary_user();
    pc.enrol(&collector.token(&["--auto-approve"]));
    // The folders are known by their usual names alone.
    std::fs::remove_file(pc.home().join(".config/user-dirs.dirs")).unwrap();
    pc.start_with(&mut mounts.enter(fileward_tests::program("fileward-agent")));
    let wechat = pc.wechat("friend_0f0f");
    pc.save(&report, &format!("{wechat}/之前.docx"));
    eventually("the first finding", || collector.finding("之前.docx", "open"));
    let inner = pc.folder("桌面/保险箱");
    let downloads = pc.home().join("下载");
    let chat = pc.home().join("文档/xwechat_files/friend_0f0f/msg/file");
    let over_chat = mounts.vault(&pc, &chat);
    let (below_desktop, over_downloads) = (mounts.vault(&pc, &inner), mounts.vault(&pc, &downloads));
    told(&collector, &pc, "downloads", "unavailable", Some("permission_denied"));
    // A mount is no event in the desktop: a sweep finds it.
    pc.run(&["scan"]);
    told(&collector, &pc, "desktop", "degraded", Some("partly_unreadable"));
    put_beneath(&pc, &report, &inner.join("桌面下面.docx"));
    put_beneath(&pc, &report, &downloads.join("下载下面.docx"));
    pc.save(&report, "桌面/旁边.docx");
    eventually("what lies beside it", || collector.finding("旁边.docx", "open"));
    assert_eq!(collector.findings().len(), 2, "{:?}", collector.findings());

    mounts.lock(&pc, &below_desktop);
    mounts.lock(&pc, &over_downloads);
    mounts.lock(&pc, &over_chat);
    for name in ["桌面下面.docx", "下载下面.docx"] {
        eventually("what lay beneath is found", || collector.finding(name, "open"));
    }
    for kind in ["desktop", "downloads", "chat_cache"] {
        told(&collector, &pc, kind, "ok", None);
    }
    pc.wait_until_sent();
    let first = collector.finding("之前.docx", "open");
    let first = first.unwrap_or_else(|| panic!("out of sight is not put right: {:?}", collector.findings()));
    assert_eq!(first["history"].as_array().unwrap().len(), 1, "{first}");
    pc.stop();
}

#[test]
fn a_store_that_only_its_user_may_enter_is_known_to_be_encrypted_and_left_alone() {
    let Some(mounts) = Mounts::begin() else { return };
    let Some(documents) = Documents::get() else { return };
    let policy = Policy::counting().with("require_encryption = false", "require_encryption = true");
    let collector = Collector::start(&policy);
    let mut pc = Pc::of_ordinary_user();
    pc.enrol(&collector.token(&["--auto-approve"]));
    pc.start_with(&mut mounts.enter(fileward_tests::program("fileward-agent")));
    let of_store = |state: &str| {
        let findings = collector.findings().into_iter();
        findings
            .filter(|finding| finding["state"] == state)
            .find(|finding| finding["rule"] == "store_unprotected")
    };
    eventually("the plain store is a finding", || of_store("open"));

    let store = pc.home().join("工作文件");
    let vault = mounts.vault(&pc, &store);
    let resolved = eventually("the store is protected", || of_store("resolved"));
    assert_eq!(resolved["resolution"], "store_protected");
    told(&collector, &pc, "store", "unavailable", Some("permission_denied"));
    assert_eq!(place(&pc, "store")["protection"], "gocryptfs");
    let said = pc.run(&["status"]);
    let line = said.lines().find(|line| line.contains("工作文件"));
    let line = line.unwrap_or_else(|| panic!("no store in {said}"));
    assert!(line.contains("gocryptfs"), "the status tells it plainly: {line}");

    // What the user moves there is out of sight: its finding ends, and nothing in the store is looked at.
    let desktop = pc.save(&documents.path("report.docx"), "桌面/入库.docx");
    eventually("the finding", || collector.finding("入库.docx", "open"));
    output(mounts.enter_as(&pc, "mv").arg(&desktop).arg(&store));
    eventually("the finding ends", || collector.finding("入库.docx", "resolved"));
    let other = pc.put(&documents.path("report.pdf"));
    output(mounts.enter_as(&pc, "cp").arg(&other).arg(store.join("别的.pdf")));
    pc.run(&["scan"]);
    let listed = output(mounts.enter_as(&pc, "ls").arg(&store));
    assert!(listed.contains("入库.docx") && listed.contains("别的.pdf"), "{listed}");
    pc.wait_until_sent();
    assert_eq!(collector.open_findings(), 0, "{:?}", collector.findings());
    assert_eq!(collector.findings().len(), 2, "{:?}", collector.findings());
    assert_eq!(pc.findings().len(), 2);
    mounts.lock(&pc, &vault);
    eventually("without the volume the store is plain again", || of_store("open"));
    pc.stop();
}

//! When an employee is told: what comes together is one notification, and after it there is quiet for a while.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::time::Duration;

use fileward_tests::clock::Clock;
use fileward_tests::documents::Documents;
use fileward_tests::process::{eventually, output, program};
use fileward_tests::{Desktop, Pc, Policy};

/// The names of a finding's file, by notification.
fn told<'a>(shown: &str, names: &[&'a str]) -> Vec<Vec<&'a str>> {
    let notifications = shown.split("\n\n").map(|text| {
        let files = names.iter().copied().filter(|name| text.contains(name));
        files.collect::<Vec<_>>()
    });
    notifications.filter(|files| !files.is_empty()).collect()
}

/// Saves the document whose kind the name tells, and waits until the PC has the finding.
fn save(pc: &Pc, documents: &Documents, name: &str) {
    let kind = name.rsplit_once('.').unwrap().1;
    let sheet = ["xlsx", "xls", "ods"].contains(&kind);
    let document = format!("{}.{kind}", if sheet { "table" } else { "report" });
    pc.save(&documents.path(&document), &format!("下载/{name}"));
    eventually("the finding on the PC", || {
        let mut findings = pc.findings().into_iter();
        findings.find(|finding| finding["file"]["name"] == name)
    });
}

#[test]
fn what_comes_within_the_policys_time_is_told_in_one_notification_and_nothing_is_swallowed() {
    let Some(clock) = Clock::shifted("+0") else { return };
    let mut pc = Pc::of_ordinary_user();
    let (Some(documents), Some(mut desktop)) = (Documents::get(), Desktop::start(&pc)) else {
        return;
    };
    // As installed: `at_most_every` is an hour, and a day of grace in downloads leaves time to wait for it.
    let mut agent = Command::new(program("fileward-agent"));
    pc.start_alone_with(clock.of(&mut agent), &Policy::usual());
    let names = ["甲.docx", "乙.pdf", "丙.xlsx", "丁.odt", "戊.doc", "己.rtf", "庚.ods"];
    names[..3].iter().for_each(|name| save(&pc, documents, name));
    desktop.start_tray(&pc);
    let shown = |count: usize| {
        eventually("a notification", || {
            let told = told(&desktop.shown(), &names);
            (told.len() >= count).then_some(told)
        })
    };
    assert_eq!(shown(1), [names[..3].to_vec()], "all that waits is one notification");

    // Within the hour two more come, with time to tell of each. Once it is over, whatever happens next tells of both.
    for name in &names[3..5] {
        save(&pc, documents, name);
        std::thread::sleep(Duration::from_secs(3));
    }
    clock.shift("+61m");
    save(&pc, documents, names[5]);
    let second = shown(2);
    assert!(
        second[1].starts_with(&names[3..5]),
        "they waited for one another: {second:?}"
    );

    // The next hour, and what was found in the last one.
    clock.shift("+123m");
    save(&pc, documents, names[6]);
    let all = eventually("the last notification", || {
        let told = told(&desktop.shown(), &names);
        told.concat().contains(&names[5]).then_some(told)
    });
    let in_order = all.concat();
    assert!(
        names.starts_with(&in_order) && in_order.len() >= 6,
        "each is told once: {all:?}"
    );

    // The lists have them all, whether their notification has come or not.
    let findings = pc.findings();
    let in_tray = pc.put(&program("fileward-tray"));
    let mut list = Command::new(in_tray);
    list.args(["list", "--json"]).env("FILEWARD_SOCKET", pc.socket());
    let in_tray = output(pc.as_user(&mut list));
    for name in names {
        assert!(in_tray.contains(name), "{name} is in the tray's list: {in_tray}");
        assert!(findings.iter().any(|finding| finding["file"]["name"] == name), "{name}");
    }
    assert_eq!(findings.len(), names.len(), "{findings:?}");
}

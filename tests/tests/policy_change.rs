//! A new policy in the middle of a burst: each file ends up as the new policy wants it, once, whatever the old one said.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use fileward_tests::documents::csv;
use fileward_tests::process::{eventually, within};
use fileward_tests::{Collector, Pc, Policy};
use serde_json::Value;

const LONG: Duration = Duration::from_mins(5);
/// Files in each folder. Half of them come before the new policy is published, half while it is.
const FILES: usize = 1500;

const OUTSIDE_STORE: &str = "[rules.outside_store]           # severity by sensitivity; false turns a rule off\n\
                             severity = { general = \"low\", internal = \"medium\", core_secret = \"high\" }\n";

fn write(folders: &[PathBuf], numbers: std::ops::Range<usize>) {
    for number in numbers {
        for folder in folders {
            std::fs::write(folder.join(format!("{number}.csv")), csv(number)).unwrap();
        }
    }
}

/// Lets a burst arrive in `folders` and publishes `next` in the middle of it.
fn publish_in_a_burst(collector: &Collector, folders: &[PathBuf], next: &Policy) {
    write(folders, 0..FILES / 2);
    within(LONG, "the old policy at work", || {
        (collector.open_findings() >= FILES / 20).then_some(())
    });
    std::thread::scope(|scope| {
        scope.spawn(|| write(folders, FILES / 2..FILES));
        collector.publish(next);
    });
}

/// Waits until the policy that was published last is in force, and the collector knows.
fn acknowledged(collector: &Collector, pc: &Pc, before: u64) -> u64 {
    let version = within(LONG, "the new policy at the collector", || {
        let version = collector.devices().first()?["policy_version"].as_u64()?;
        (version > before).then_some(version)
    });
    assert_eq!(version, before + 1, "no version is passed over");
    assert_eq!(pc.json(&["status"])["policy_version"], version);
    version
}

fn version(pc: &Pc) -> u64 {
    pc.json(&["status"])["policy_version"].as_u64().unwrap()
}

fn in_place<'a>(findings: &'a [Value], place: &str) -> Vec<&'a Value> {
    findings
        .iter()
        .filter(|finding| finding["place"]["kind"] == place)
        .collect()
}

/// The findings by their file's name.
///
/// # Panics
/// When a file has two.
fn by_name<'a>(findings: &[&'a Value]) -> BTreeMap<&'a str, &'a Value> {
    let mut names = BTreeMap::new();
    for finding in findings {
        let name = finding["file"]["name"].as_str().unwrap();
        assert!(names.insert(name, *finding).is_none(), "{name} has two findings");
    }
    names
}

fn words(finding: &Value) -> Vec<&str> {
    let history = finding["history"].as_array().unwrap();
    history.iter().filter_map(|step| step["what"].as_str()).collect()
}

/// The ids of the findings that the company was told of.
fn told<'a>(findings: &[&'a Value]) -> BTreeSet<&'a str> {
    let told = findings.iter().filter(|finding| words(finding).contains(&"open"));
    told.map(|finding| finding["id"].as_str().unwrap()).collect()
}

#[test]
fn a_place_left_and_a_longer_grace_in_the_middle_of_a_burst() {
    let quick = Policy::counting();
    let next = quick
        .clone()
        .with("desktop = { grace = \"1s\" }", "desktop = false")
        .with("downloads = { grace = \"1s\" }", "downloads = { grace = \"1h\" }");
    let collector = Collector::start(&quick);
    let mut pc = Pc::new();
    pc.join(&collector);
    let before = version(&pc);
    publish_in_a_burst(&collector, &[pc.folder("桌面/突发"), pc.folder("下载/突发")], &next);
    let second = acknowledged(&collector, &pc, before);

    // Nothing of the desktop is left, and each file in downloads is either reported or has its longer grace.
    let here = within(LONG, "each file as the new policy wants it", || {
        let findings = pc.findings();
        let left = in_place(&findings, "desktop")
            .iter()
            .all(|finding| finding["state"] == "resolved");
        let downloads = in_place(&findings, "downloads");
        let judged = downloads.iter().all(|finding| match finding["state"].as_str() {
            Some("open") => true,
            Some("noticed") => {
                let time = |key: &str| -> jiff::Timestamp { finding[key].as_str().unwrap().parse().unwrap() };
                time("due").duration_since(time("first_seen")) == jiff::SignedDuration::from_hours(1)
            }
            _ => false,
        });
        (left && judged && downloads.len() == FILES).then_some(findings)
    });
    pc.wait_until_sent();
    let (desktop, downloads) = (in_place(&here, "desktop"), in_place(&here, "downloads"));
    by_name(&desktop);
    assert_eq!(by_name(&downloads).len(), FILES);
    let there = collector.findings();
    for finding in in_place(&there, "desktop") {
        assert_eq!(words(finding), ["open", "resolved"], "{finding}");
        assert_eq!(finding["resolution"], "no_longer_applies");
    }
    assert!(
        in_place(&there, "downloads")
            .iter()
            .all(|finding| finding["state"] == "open")
    );
    assert_eq!(
        told(&there.iter().collect::<Vec<_>>()),
        told(&here.iter().collect::<Vec<_>>()),
        "the collector knows what was reported, no more and no less"
    );

    // With the short grace again, all that is in downloads becomes due, each once.
    collector.publish(&quick.with("desktop = { grace = \"1s\" }", "desktop = false"));
    acknowledged(&collector, &pc, second);
    within(LONG, "all of downloads open", || {
        (collector.open_findings() >= FILES).then_some(())
    });
    pc.wait_until_sent();
    let there = collector.findings();
    let downloads = in_place(&there, "downloads");
    assert_eq!(by_name(&downloads).len(), FILES);
    assert!(
        downloads.iter().all(|finding| words(finding) == ["open"]),
        "each was opened once"
    );
    assert_eq!(collector.open_findings(), FILES, "nothing of the desktop came back");
}

#[test]
fn a_rule_turned_off_in_the_middle_of_a_burst_and_on_again() {
    let on = Policy::counting();
    let off = on.clone().with(OUTSIDE_STORE, "[rules]\noutside_store = false\n");
    let collector = Collector::start(&on);
    let mut pc = Pc::new();
    pc.join(&collector);
    let before = version(&pc);
    publish_in_a_burst(&collector, &[pc.folder("桌面/突发")], &off);
    let second = acknowledged(&collector, &pc, before);
    within(LONG, "nothing of the old policy is left on the PC", || {
        let findings = pc.findings();
        let all = findings.iter().all(|finding| finding["state"] == "resolved");
        all.then_some(())
    });
    pc.wait_until_sent();
    assert_eq!(collector.open_findings(), 0, "nor at the collector");
    let former = collector.findings();
    let former = by_name(&in_place(&former, "desktop"))
        .into_iter()
        .map(|(name, finding)| (name.to_owned(), finding["id"].clone()))
        .collect::<BTreeMap<_, _>>();
    assert!(!former.is_empty());

    collector.publish(&on);
    acknowledged(&collector, &pc, second);
    within(LONG, "every file open", || {
        (collector.open_findings() >= FILES).then_some(())
    });
    pc.wait_until_sent();
    let there = collector.findings();
    let there = in_place(&there, "desktop");
    let names = by_name(&there);
    assert_eq!(names.len(), FILES);
    for (name, finding) in names {
        let again = former.get(name);
        let expected: &[&str] = if again.is_some() {
            &["open", "resolved", "open"]
        } else {
            &["open"]
        };
        assert_eq!(words(finding), expected, "{finding}");
        assert!(
            again.is_none_or(|id| *id == finding["id"]),
            "the same file has the same finding"
        );
    }
    eventually("the same on the PC", || {
        let findings = pc.findings();
        (findings.len() == FILES && findings.iter().all(|finding| finding["state"] == "open")).then_some(())
    });
}

#[test]
fn a_policy_arrives_long_before_the_heartbeat() {
    let daily = Policy::counting().with("heartbeat = \"5s\"", "heartbeat = \"1d\"");
    let collector = Collector::start(&daily);
    let mut pc = Pc::new();
    pc.join(&collector);
    // What the first sweep brings is told before: then only the question can bring the policy.
    within(LONG, "a quiet PC", || {
        let status = pc.json(&["status"]);
        std::thread::sleep(Duration::from_secs(3));
        let quiet = status["swept"] == true && pc.json(&["status"])["last_contact"] == status["last_contact"];
        quiet.then_some(())
    });
    let before = version(&pc);
    collector.publish(&daily.with("limit = \"50MB\"", "limit = \"20MB\""));
    acknowledged(&collector, &pc, before);
}

#[test]
fn a_keyword_of_a_new_policy_finds_a_file_that_nobody_has_touched() {
    let former = Policy::quick().with("downloads = \"ask\"", "downloads = \"ignore\"");
    let next = former
        .clone()
        .with("keywords = [\"未公开\"", "keywords = [\"客户149\", \"未公开\"");
    let collector = Collector::start(&former);
    let mut pc = Pc::new();
    write(&[pc.folder("下载/旧")], 0..3);
    pc.join(&collector);
    let before = version(&pc);
    within(LONG, "the first sweep", || {
        (pc.json(&["status"])["swept"] == true).then_some(())
    });
    assert_eq!(
        pc.findings(),
        [Value::Null; 0],
        "nothing shows that they are work files"
    );

    collector.publish(&next);
    acknowledged(&collector, &pc, before);
    let there = within(LONG, "the three files at the collector", || {
        let findings = collector.findings();
        let open = findings.iter().filter(|finding| finding["state"] == "open").count();
        (open == 3).then_some(findings)
    });
    for finding in there {
        assert_eq!(finding["file"]["sensitivity"], "core_secret", "{finding}");
        let found = &finding["file"]["detections"];
        assert_eq!(found[0]["detector"], "keyword:core_secret", "{finding}");
        assert_eq!(found[0]["count"], 1, "{finding}");
    }

    // Without the keyword the same files are nobody's business again.
    collector.publish(&former);
    within(LONG, "no finding is left", || {
        (collector.open_findings() == 0).then_some(())
    });
}

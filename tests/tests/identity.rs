//! Who a device is: tokens, certificates, clocks, clones.

use std::process::Command;

use fileward_tests::clock::Clock;
use fileward_tests::documents::Documents;
use fileward_tests::process::{eventually, program};
use fileward_tests::{Collector, Pc, Policy};

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_token_is_used_once() {
    let collector = Collector::start(&Policy::quick());
    let token = collector.token(&["--auto-approve"]);
    let first = Pc::new();
    first.enrol(&token);
    let second = Pc::new();
    let said = second.attempt(&["enrol", "--token", &token]);
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr(&said).contains("token"), "{}", stderr(&said));
    assert_eq!(collector.devices().len(), 1);
}

#[test]
fn a_token_of_another_collector_is_refused_before_anything_is_sent() {
    let ours = Collector::start(&Policy::quick());
    let other = Collector::start(&Policy::quick());
    // The other collector's address with our CA: what somebody in the middle would look like.
    let mut token = fileward_protocol::enrol::Token::decode(&ours.token(&[])).unwrap();
    token.url.clone_from(&other.agent_url);
    let said = Pc::new().attempt(&["enrol", "--token", &token.encode()]);
    assert_eq!(said.status.code(), Some(1));
    assert!(other.devices().is_empty());
}

#[test]
fn a_wrong_clock_is_corrected_and_never_leads_to_enrolling_again() {
    let Some(documents) = Documents::get() else { return };
    for shift in ["-400d", "+3d"] {
        let Some(clock) = Clock::shifted(shift) else { return };
        let collector = Collector::start(&Policy::counting());
        let mut pc = Pc::new();
        pc.enrol(&collector.token(&["--auto-approve"]));
        let mut agent = Command::new(program("fileward-agent"));
        pc.start_with(clock.of(&mut agent));
        pc.save(&documents.path("report.docx"), "桌面/时钟.docx");
        let finding = eventually("the finding in spite of the clock", || {
            collector.finding("时钟.docx", "open")
        });
        let seen: jiff::Timestamp = finding["first_seen"].as_str().unwrap().parse().unwrap();
        let off = (seen - jiff::Timestamp::now()).total(jiff::Unit::Second).unwrap().abs();
        assert!(
            off < 600.0,
            "times are the collector's, not the PC's: off by {off} s with a clock of {shift}"
        );
        assert_eq!(collector.devices().len(), 1, "the same device as before");
    }
}

#[test]
fn a_retired_device_stops_sending_and_goes_on_watching() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let device = eventually("the device", || collector.devices().pop());
    collector.run(&["device", "retire", device["id"].as_str().unwrap()]);
    pc.save(&documents.path("report.docx"), "桌面/之后.docx");
    eventually("the finding on the PC", || pc.findings().pop());
    let status = eventually("the status says so", || {
        Some(pc.json(&["status"])).filter(|status| status["binding"] == "retired")
    });
    assert!(collector.findings().is_empty(), "{status}");
    assert_eq!(collector.devices().len(), 1, "it did not enrol again");
}

#[test]
fn a_suspended_device_keeps_its_queue() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let device = eventually("the device", || collector.devices().pop());
    let id = device["id"].as_str().unwrap();
    collector.run(&["device", "suspend", id]);
    pc.save(&documents.path("report.docx"), "桌面/等待.docx");
    eventually("the report waits", || {
        (pc.json(&["status"])["queue_waiting"].as_u64()? > 0).then_some(())
    });
    assert!(collector.findings().is_empty());
    collector.run(&["device", "approve", id]);
    eventually("it is sent after all", || collector.finding("等待.docx", "open"));
}

#[test]
fn a_copied_disk_shows_itself() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut first = Pc::new();
    first.join(&collector);
    first.save(&documents.path("report.docx"), "桌面/原件.docx");
    eventually("the finding", || collector.finding("原件.docx", "open"));
    first.wait_until_sent();
    first.stop();
    let mut copy = Pc::new();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(first.state())
        .arg(copy.state())
        .status()
        .unwrap();
    assert!(copied.success());
    first.start();
    copy.start();
    first.save(&documents.path("report.pdf"), "桌面/甲.pdf");
    eventually("the first goes on", || collector.finding("甲.pdf", "open"));
    copy.save(&documents.path("report.rtf"), "桌面/乙.rtf");
    eventually("the copy is told", || {
        let status = copy.json(&["status"]).to_string();
        status.contains("clone").then_some(())
    });
    assert!(
        collector.finding("乙.rtf", "open").is_none(),
        "what the copy says is not mixed into the other's record"
    );
    assert_eq!(collector.devices().len(), 1);
}

#[test]
fn a_new_policy_takes_effect_by_itself() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting().with("desktop = { grace = \"1s\" }", "desktop = false"));
    let mut pc = Pc::new();
    pc.join(&collector);
    pc.save(&documents.path("report.docx"), "桌面/政策.docx");
    pc.save(&documents.path("report.pdf"), "下载/下载.pdf");
    eventually("the finding in downloads", || collector.finding("下载.pdf", "open"));
    assert!(
        collector.finding("政策.docx", "open").is_none(),
        "the desktop is not watched"
    );
    collector.publish(&Policy::counting());
    eventually("the desktop's finding under the new policy", || {
        collector.finding("政策.docx", "open")
    });
}

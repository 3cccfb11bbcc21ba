//! What is kept of a person, given out, corrected and deleted for good by the real commands while the collector runs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use fileward_protocol::fingerprint::Fingerprint;
use fileward_tests::{Collector, Device, Policy, company};
use serde_json::Value;

/// A device with findings, used by these.
async fn device(collector: &Collector, number: usize, users: &[&str]) -> String {
    let token = collector.token(&["--auto-approve"]);
    let fingerprint = Fingerprint {
        users: users.iter().map(|user| (*user).to_owned()).collect(),
        ..company::fingerprint(number)
    };
    let mut device = Device::enrol(&token, fingerprint).await;
    let from = number as u64 * 10;
    let request = device.prepare((from..from + 10).map(company::finding), Some(company::health(number)));
    device.send(request).await;
    device.id.to_string()
}

fn record(collector: &Collector, more: &[&str]) -> Vec<Value> {
    let text = collector.run(&[&["person", "record", "staff.a", "员工甲"], more].concat());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[tokio::test]
async fn a_person_sees_all_that_is_kept_has_it_corrected_and_what_is_retired_goes_for_good() {
    let collector = Collector::start(&Policy::counting());
    let own = device(&collector, 1, &[r"EXAMPLE\staff.a"]).await;
    let shared = device(&collector, 2, &["staff.a", "han.meimei"]).await;
    let strange = device(&collector, 3, &["han.meimei"]).await;
    let table = collector.folder().join("account.csv");
    fs::write(
        &table,
        "app,account,owner,note\nwechat,wxid_a,员工甲,\nqq,12345,员工甲雷,\nqq,777,员工乙,\n",
    )
    .unwrap();
    collector.run(&["register", "import", "--kind", "account", table.to_str().unwrap()]);

    let found = collector.run(&["person", "find", "staff.a", "员工甲"]);
    assert!(
        found.contains("also used by 1 others") && found.contains("contains the name"),
        "{found}"
    );
    assert!(!found.contains(&strange), "{found}");
    let lines = record(&collector, &[]);
    let devices = of(&lines, "device");
    let ids: Vec<_> = devices.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [own.as_str(), shared.as_str()]);
    assert_eq!(devices[1]["others"], 1);
    assert_eq!(of(&lines, "finding").len(), 20);
    assert_eq!(of(&lines, "report").len(), 20);
    let filings: Vec<_> = of(&lines, "filing").iter().map(|line| line["name"].clone()).collect();
    assert_eq!(filings, ["wxid_a"], "who is called otherwise is somebody else");
    let text = serde_json::to_string(&lines).unwrap();
    assert!(
        !text.contains("han.meimei") && !text.contains("员工乙"),
        "names of others"
    );
    let with = record(
        &collector,
        &["--with", "filing:2", "--without", &format!("device:{shared}")],
    );
    assert_eq!((of(&with, "filing").len(), of(&with, "device").len()), (2, 1));

    let about = format!("device:{shared}");
    let words = [
        "--wrong",
        "not mine",
        "--wanted",
        "take it out",
        "--reason",
        "handed over",
    ];
    let said = [
        &[
            "correction",
            "ask",
            &about,
            "--person",
            "员工甲",
            "--not-theirs",
            "staff.a",
        ],
        &words[..],
    ]
    .concat();
    assert_eq!(collector.run(&said).trim(), "correction 1");
    collector.run(&["correction", "accept", "1", "--answer", "checked with IT"]);
    let lines = record(&collector, &[]);
    assert_eq!(of(&lines, "device").len(), 1, "it is not theirs any more");
    let correction = of(&lines, "correction")[0];
    assert_eq!(correction["answer"], "checked with IT");

    let delete = ["device", "delete", &own, "--reason", "sold"];
    assert!(!collector.attempt(&delete).status.success(), "it is in use");
    collector.run(&["device", "retire", &own]);
    collector.run(&["hold", "begin", "case 7"]);
    assert!(!collector.attempt(&delete).status.success(), "it is held");
    collector.run(&["hold", "end", "1"]);
    let told = collector.run(&delete);
    assert!(told.contains("10 findings, 1 deliveries"), "{told}");
    assert_eq!(of(&record(&collector, &[]), "device").len(), 0);
    assert_eq!(collector.devices().len(), 2);
    let kept = fs::read(collector.folder().join("collector.db")).unwrap();
    let id = uuid_bytes(&own);
    assert!(
        !kept.windows(id.len()).any(|bytes| bytes == id),
        "what was deleted is overwritten"
    );
    collector.run(&["verify"]);
}

/// An id as the database keeps it.
fn uuid_bytes(id: &str) -> Vec<u8> {
    let digits: Vec<u8> = id.bytes().filter(|byte| *byte != b'-').collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

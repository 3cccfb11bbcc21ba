//! What a real PC reported, written out for other systems by the real command.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::process::Command;

use fileward_tests::process::{eventually, output};
use fileward_tests::{Collector, Pc, Policy, python};
use serde_json::Value;

/// A formula, a field of its own, a mark that turns text round.
const NAME: &str = "=1+1,\"报价\" cs3=resolved\u{202e}txt.csv";

fn exported(collector: &Collector, more: &[&str]) -> String {
    collector.run(&[&["export", "--format"], more].concat())
}

fn of_class(events: &[Value], class: u64) -> Vec<&Value> {
    events.iter().filter(|event| event["class_uid"] == class).collect()
}

/// Asks the published schema, where the checker can be had.
fn fits_the_schema(collector: &Collector, events: &str) {
    let Some(python) = python::environment("schema") else {
        return;
    };
    let file = collector.folder().join("events.ndjson");
    fs::write(&file, events).unwrap();
    output(
        Command::new(python)
            .arg("-B")
            .arg(python::scripts("schema").join("ocsf.py"))
            .stdin(File::open(&file).unwrap()),
    );
}

#[test]
fn what_a_pc_reported_reaches_other_systems_and_the_audit_trail() {
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    fs::write(pc.home().join("桌面").join(NAME), "品名,数量\n采购合同,2\n".repeat(100)).unwrap();
    let finding = eventually("the finding", || collector.finding(NAME, "open"));
    pc.wait_until_sent();
    let id = finding["id"].as_str().unwrap();
    let device = finding["device"].as_str().unwrap();

    let table = exported(&collector, &["csv"]);
    let rows: Vec<_> = table.strip_prefix('\u{feff}').unwrap().split("\r\n").collect();
    assert_eq!(rows.len(), 3, "a head, a row, an end: {table}");
    assert!(rows[1].starts_with(&format!("{id},{device},")), "{table}");
    let shown = ",\"'=1+1,\"\"报价\"\" cs3=resolved\u{fffd}txt.csv\",";
    assert!(rows[1].contains(shown), "{table}");

    let cef = exported(&collector, &["cef"]);
    let event = cef.lines().find(|line| line.contains(" cs3=open ")).unwrap();
    assert!(event.starts_with("CEF:0|Fileward|Fileward|"), "{event}");
    assert!(
        event.contains(" fname=\\=1+1,\"报价\" cs3\\=resolved\u{fffd}txt.csv "),
        "{event}"
    );

    let ocsf = exported(&collector, &["ocsf"]);
    assert!(!ocsf.contains('\u{202e}'));
    let events: Vec<Value> = ocsf.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let findings = of_class(&events, 2006);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["file"]["name"], NAME);
    assert_eq!(findings[0]["finding_info"]["uid"], format!("{device}/{id}"));
    assert_eq!(of_class(&events, 5001)[0]["device"]["uid"], device);
    let looks = of_class(&events, 6003);
    assert_eq!(
        looks.last().unwrap()["api"]["operation"],
        "exported",
        "this export is in itself"
    );
    fits_the_schema(&collector, &ocsf);

    let home = pc.home().display().to_string();
    for text in [&table, &cef, &ocsf] {
        assert!(
            !text.contains(&home) && !text.contains("采购合同"),
            "neither paths nor content: {text}"
        );
    }

    let later = exported(&collector, &["csv", "--since", "2100-01-01"]);
    assert_eq!(later.lines().count(), 1, "{later}");

    let trail = collector.database();
    let mut lines = trail
        .prepare("SELECT subject || ' ' || detail FROM audit WHERE action = 'exported' ORDER BY id")
        .unwrap();
    let lines: Vec<String> = lines
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(lines.len(), 8, "{lines:?}");
    assert_eq!(
        lines[..2],
        [
            "csv begun: everything",
            "csv done: 1 findings, 0 devices, 0 lines of the audit trail"
        ]
    );
    assert_eq!(
        lines[5],
        format!(
            "ocsf done: 1 findings, 1 devices, {} lines of the audit trail",
            looks.len()
        )
    );
    assert_eq!(lines[6], "csv begun: since 2100-01-01T00:00:00Z");
    collector.run(&["verify"]);

    let record = collector.run(&["device", "record", device]);
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    assert_eq!((of("device").len(), of("fingerprint").len()), (1, 1));
    assert_eq!(of("finding")[0]["file"]["name"], NAME);
    let sent = of("report");
    assert!(sent.iter().any(|line| line["report"]["id"] == id), "{record}");
    assert!(!of("place").is_empty());
}

#[test]
fn a_list_on_the_command_line_is_in_the_audit_trail_and_told_to_the_pc() {
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    fs::write(pc.home().join("桌面").join(NAME), "品名,数量\n采购合同,2\n".repeat(100)).unwrap();
    let finding = eventually("the finding", || collector.finding(NAME, "open"));
    let device = finding["device"].as_str().unwrap();
    let counted = || -> i64 {
        let sql = "SELECT count FROM disclosure_count WHERE what = 'exported' AND role = 'command_line'";
        collector.database().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let before = counted();
    collector.json(&["finding", "list", "--device", device]);
    collector.json(&["finding", "list", "--state", "resolved"]);
    assert_eq!(counted(), before + 1, "the second list was empty");
    let sql = "SELECT detail FROM audit WHERE action = 'findings_listed' AND actor = 'command line' AND subject = ?";
    let noted: String = collector.database().query_row(sql, [device], |row| row.get(0)).unwrap();
    assert_eq!(noted, "1 told on the command line");
}

#[test]
fn an_export_that_cannot_be_meant_is_refused() {
    let collector = Collector::start(&Policy::quick());
    for arguments in [
        &["export", "--format", "xml"][..],
        &["export", "--format", "csv", "--since", "soon"],
    ] {
        let said = collector.attempt(arguments);
        assert_eq!(said.status.code(), Some(2), "{arguments:?}");
        assert!(said.stdout.is_empty());
    }
}

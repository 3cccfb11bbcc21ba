//! What all forms have in common, and OCSF events held against the published schema.

use std::fs::File;
use std::process::Command;

use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::ids::{DeviceId, FileName, KeyedHash};
use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::{
    App, Binding, EncryptionMethod, EncryptionState, Evidence, FindingState, PlaceKind, Resolution, Rule, Sensitivity,
    Severity,
};
use fileward_tests::python;
use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::store::Actor;
use crate::store::audit::{Action, AuditEntry, AuditRow};
use crate::store::devices::DeviceRow;
use crate::store::findings::FindingRow;
use crate::store::sqlite::Sqlite;
use crate::store::work::Judged;
use crate::store::{AuditTrail, By};
use crate::testing::{at, audit_row, device_row, finding_row, named};

fn store() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("collector.db")).unwrap();
    (folder, store)
}

async fn written(store: &dyn Store, format: Format, since: Option<Timestamp>) -> (String, Counts) {
    let (mut out, mut counts) = (Vec::new(), Counts::default());
    write(store, format, since, &mut out, &mut counts, &mut BTreeSet::new())
        .await
        .unwrap();
    (String::from_utf8(out).unwrap(), counts)
}

#[tokio::test]
async fn an_empty_store_is_exported_in_every_form() {
    let (_folder, store) = store();
    for (format, lines) in [(Format::Ocsf, 0), (Format::Cef, 0), (Format::Csv, 1)] {
        let (text, counts) = written(&store, format, None).await;
        assert_eq!((text.lines().count(), counts), (lines, Counts::default()), "{format}");
    }
}

#[tokio::test]
async fn what_was_written_before_it_stopped_is_counted() {
    /// Takes one line and no more.
    #[derive(Default)]
    struct Full {
        holds_a_line: bool,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.holds_a_line {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.holds_a_line = bytes.contains(&b'\n');
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let (_folder, store) = store();
    for _ in 0..3 {
        let entry = AuditEntry {
            by: By::command_line(),
            action: Action::Exported,
            subject: String::new(),
            detail: String::new(),
        };
        store.append_audit(entry).await.unwrap();
    }
    let mut counts = Counts::default();
    let stopped = write(
        &store,
        Format::Ocsf,
        None,
        &mut Full::default(),
        &mut counts,
        &mut BTreeSet::new(),
    )
    .await;
    assert!(matches!(stopped, Err(Stopped::Write(_))));
    assert_eq!(counts.audit_lines, 1);
}

/// Findings in which every word of the protocol stands at least once, and names that bite.
fn findings() -> Vec<FindingRow> {
    let words = FindingState::ALL.len() * EncryptionMethod::ALL.len() * Resolution::ALL.len();
    let of = |number: usize| {
        let mut row = finding_row(number as u128, *pick(FindingState::ALL, number));
        let finding = &mut row.finding;
        finding.rule = *pick(Rule::ALL, number);
        finding.severity = *pick(Severity::ALL, number);
        finding.place.kind = *pick(PlaceKind::ALL, number);
        finding.place.app = (!number.is_multiple_of(3)).then(|| *pick(App::ALL, number));
        finding.resolution = finding.ended.map(|_| *pick(Resolution::ALL, number));
        finding.evidence = vec![*pick(Evidence::ALL, number)];
        let file = finding.file.as_mut().unwrap();
        file.sensitivity = *pick(Sensitivity::ALL, number);
        file.encryption = Encryption {
            state: *pick(EncryptionState::ALL, number),
            method: (!number.is_multiple_of(2)).then(|| *pick(EncryptionMethod::ALL, number)),
        };
        file.content = (!number.is_multiple_of(2)).then_some(KeyedHash([7; 32]));
        row.handling.acknowledged_at = number.is_multiple_of(5).then(|| at(90));
        row.handling.judged = number.is_multiple_of(7).then_some(Judged::Accepted);
        row.group = (!number.is_multiple_of(4)).then(|| "sales".to_owned());
        row
    };
    let mut rows: Vec<_> = (0..words).map(of).collect();
    rows.extend(["", "\u{202e}<script>&\u{2028}\u{e0041}\"", "=1+1", "a\\b"].map(named));
    let mut hashed = named("");
    hashed.finding.file.as_mut().unwrap().name = None;
    rows.push(hashed.clone());
    hashed.finding.file.as_mut().unwrap().name_hash = Some(KeyedHash([7; 32]));
    rows.push(hashed.clone());
    hashed.finding.file = None;
    hashed.device_name = String::new();
    rows.push(hashed);
    rows
}

fn devices() -> Vec<DeviceRow> {
    let mut bare = device_row();
    bare.binding = Binding::Pending;
    bare.name = String::new();
    bare.group = None;
    bare.fingerprint = Fingerprint::default();
    bare.health = None;
    let mut odd = device_row();
    odd.fingerprint.os.arch = "loongarch64".to_owned();
    odd.clone_suspected_at = Some(at(1));
    vec![device_row(), bare, odd]
}

fn audit_lines() -> Vec<AuditRow> {
    let actors = [
        Actor::CommandLine,
        Actor::Collector,
        Actor::Device(DeviceId::new()),
        Actor::User("员工甲".to_owned()),
        Actor::User(String::new()),
    ];
    let of = |number: usize| {
        let mut row = audit_row(number as u64 + 1, *pick(Action::ALL, number));
        row.actor = pick(&actors, number).to_string();
        row.subject = "x".repeat(number % 2);
        row.detail = "y\n".repeat(number % 3);
        row
    };
    (0..Action::ALL.len() * actors.len()).map(of).collect()
}

fn pick<T>(list: &[T], number: usize) -> &T {
    &list[number % list.len()]
}

/// What the checker says of these events; `None`, with a printed reason, where it cannot be had.
fn checked(events: &[Value]) -> Option<(bool, String)> {
    let python = python::environment("schema")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let mut file = File::create(&path).unwrap();
    for event in events {
        ocsf::line(&mut file, event).unwrap();
    }
    let output = Command::new(python)
        .arg("-B")
        .arg(python::scripts("schema").join("ocsf.py"))
        .stdin(File::open(&path).unwrap())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8(said).unwrap()))
}

#[test]
fn every_event_fits_the_published_schema() {
    let (findings, devices, audit) = (findings(), devices(), audit_lines());
    let events: Vec<Value> = findings
        .iter()
        .map(ocsf::finding)
        .chain(devices.iter().map(|row| ocsf::device(row, at(0))))
        .chain(audit.iter().map(ocsf::audit))
        .collect();
    let Some((fits, said)) = checked(&events) else { return };
    assert!(fits, "{said}");
    let counted = format!(
        "2006 {}\n5001 {}\n6003 {}\n",
        findings.len(),
        devices.len(),
        audit.len()
    );
    assert_eq!(said, counted);
}

#[test]
fn the_checker_sees_what_does_not_fit() {
    let good = ocsf::finding(&finding_row(1, FindingState::Open));
    let break_it: [fn(&mut Value); 5] = [
        |event| event["severity_id"] = 77.into(),
        |event| event["severity"] = "Low".into(),
        |event| event["surprise"] = true.into(),
        |event| drop(event["finding_info"].as_object_mut().unwrap().remove("uid")),
        |event| event["device"]["imei"] = "1".into(),
    ];
    for (number, break_it) in break_it.iter().enumerate() {
        let mut bad = good.clone();
        break_it(&mut bad);
        let Some((fits, said)) = checked(&[bad]) else { return };
        assert!(!fits && said.contains("line 1, OCSF "), "{number}: {said}");
    }
}

#[test]
fn a_hash_stands_for_a_name_that_was_not_sent() {
    let mut row = named("报价单.docx");
    let file = row.finding.file.as_mut().unwrap();
    file.name_hash = Some(KeyedHash([0xab; 32]));
    assert_eq!(file_name(file).unwrap(), "报价单.docx");
    file.name = None::<FileName>;
    let hash = "ab".repeat(32);
    assert!(cef::finding(&row).contains(&hash));
    assert_eq!(ocsf::finding(&row)["file"]["name"], hash);
}

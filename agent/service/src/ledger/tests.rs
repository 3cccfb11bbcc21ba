//! The ledger as a whole: what is written together, what survives a crash, and what a full queue gives up.

use std::fs;
use std::path::PathBuf;

use fileward_protocol::chain::Head;
use fileward_protocol::health::{Degraded, PlaceState};
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::{Body, Report};
use fileward_protocol::vocabulary::{FindingState, Resolution, Severity};
use proptest::prelude::*;
use rusqlite::Connection;

use super::testing::{DESKTOP, at, begun, enter, file_id, offence, open, owner, reports};
use super::*;

fn finding(report: &Report) -> &fileward_protocol::report::Finding {
    match &report.body {
        Body::Finding(finding) => finding,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_finding_is_reported_when_it_opens_and_not_while_grace_runs() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 60)).unwrap());
    assert!(reports(&ledger).is_empty());
    assert_eq!(ledger.read(|reader| reader.noticed()).unwrap(), 1);

    enter(&ledger, 61, |entry| {
        for record in entry.reader().due(entry.now(), None, 100).unwrap() {
            entry.clock(&record).unwrap();
        }
    });
    let sent = reports(&ledger);
    assert_eq!(sent.len(), 1);
    assert_eq!(finding(&sent[0]).state, FindingState::Open);
    assert_eq!(finding(&sent[0]).first_seen, at(1));
}

#[test]
fn findings_put_right_in_time_add_up_to_one_count() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    for inode in 1..=3 {
        enter(&ledger, 1, |entry| entry.offends(&offence(inode, 60)).unwrap());
        enter(&ledger, 2, |entry| {
            let record = entry.reader().finding_of(file_id(inode)).unwrap().unwrap();
            entry.fits(&record, Resolution::MovedToStore).unwrap();
        });
    }
    let sent = reports(&ledger);
    assert_eq!(sent.len(), 1);
    assert!(
        matches!(sent[0].body, Body::PutRight(right) if right.count == 3),
        "{sent:?}"
    );
}

#[test]
fn a_file_called_private_in_time_leaves_nothing_but_a_count() {
    for (answer, during_grace) in [
        (Answer::PrivateFile, DuringGrace::Count),
        (Answer::FalseAlarm, DuringGrace::Count),
        (Answer::Justify, DuringGrace::Count),
        (Answer::PrivateFile, DuringGrace::Full),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        ledger.set_reporting(Reporting {
            during_grace,
            ..Reporting::default()
        });
        enter(&ledger, 1, |entry| entry.offends(&offence(1, 60)).unwrap());
        enter(&ledger, 2, |entry| {
            let record = entry.reader().finding_of(file_id(1)).unwrap().unwrap();
            assert!(entry.answered(record.finding.id, answer, None).unwrap());
        });
        // Seen again, and the time that was left for it over: it stays as it was answered.
        enter(&ledger, 70, |entry| entry.offends(&offence(1, 60)).unwrap());
        let sent = reports(&ledger);
        assert_eq!(sent.len(), 1, "{sent:?}");
        if answer == Answer::Justify || during_grace == DuringGrace::Full {
            assert!(!finding(&sent[0]).state.is_active());
        } else {
            assert!(matches!(sent[0].body, Body::PutRight(right) if right.count == 1));
        }
    }
}

#[test]
fn what_has_not_been_sent_merges_into_the_latest_and_keeps_the_steps() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
    let id = ledger
        .read(|reader| reader.finding_of(file_id(1)))
        .unwrap()
        .unwrap()
        .finding
        .id;
    enter(&ledger, 5, |entry| {
        assert!(entry.answered(id, Answer::PrivateFile, None).unwrap());
        assert!(!entry.answered(id, Answer::FalseAlarm, None).unwrap());
    });
    let sent = reports(&ledger);
    assert_eq!(sent.len(), 1);
    let finding = finding(&sent[0]);
    assert_eq!(finding.state, FindingState::Dismissed);
    assert_eq!(finding.before.len(), 1);
    assert_eq!(
        (finding.before[0].at, finding.before[0].state),
        (at(1), FindingState::Open)
    );
}

#[test]
fn asking_again_gives_the_same_bytes_until_they_are_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    for inode in 1..=5 {
        enter(&ledger, 1, |entry| entry.offends(&offence(inode, 0)).unwrap());
    }
    let next = |reports| enter(&ledger, 2, |entry| entry.next(reports, 1 << 20).unwrap());
    let text = |raw: &[Box<serde_json::value::RawValue>]| raw.iter().map(|r| r.get().to_owned()).collect::<Vec<_>>();
    let first = text(&next(2));
    assert_eq!(text(&next(2)), first);
    let all = text(&next(10));
    assert_eq!(all.len(), 5);
    assert_eq!(all[..2], first);

    let head = first
        .iter()
        .fold(Head::START, |head, report| head.after(report.as_bytes()));
    enter(&ledger, 3, |entry| entry.acked(head).unwrap());
    assert_eq!(text(&next(10)), all[2..]);
    assert_eq!(ledger.read(|reader| reader.queue()).unwrap().waiting, 3);

    // A collector restored from a backup lacks what it had acknowledged.
    assert!(enter(&ledger, 4, |entry| entry.rewind(Head::START).unwrap()));
    assert_eq!(text(&next(10)), all);
    assert!(!enter(&ledger, 4, |entry| entry
        .rewind(Head { seq: 1, ..Head::START })
        .unwrap()));
}

#[test]
fn an_acknowledgement_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
    assert_eq!(reports(&ledger).len(), 1);
    let other = Head::START.after(b"something else");
    assert!(ledger.enter(at(2), |entry| entry.acked(other)).is_err());
    assert_eq!(ledger.read(|reader| reader.head()).unwrap(), Some(Head::START));
}

#[test]
fn when_the_chains_have_parted_what_the_collector_lacks_is_numbered_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
    enter(&ledger, 1, |entry| entry.offends(&offence(2, 0)).unwrap());
    assert_eq!(reports(&ledger).len(), 2);
    enter(&ledger, 2, |entry| {
        let record = entry.reader().finding_of(file_id(1)).unwrap().unwrap();
        entry.fits(&record, Resolution::Deleted).unwrap();
    });
    let ahead = Head {
        seq: 70,
        ..Head::START.after(b"of a ledger that was replaced by a backup")
    };
    enter(&ledger, 3, |entry| entry.adopt(ahead).unwrap());
    let sent = reports(&ledger);
    assert_eq!(sent.iter().map(|report| report.seq).collect::<Vec<_>>(), [71, 72]);
    assert_eq!(finding(&sent[0]).state, FindingState::Resolved);
    assert_eq!(finding(&sent[0]).before.len(), 1);
    assert_eq!(finding(&sent[1]).state, FindingState::Open);
    let queue = ledger.read(|reader| reader.queue()).unwrap();
    assert_eq!(queue.waiting, 2);
}

#[test]
fn an_entry_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    let failed = ledger.enter(at(1), |entry| -> Result<()> {
        entry.offends(&offence(1, 0))?;
        baseline_row(entry);
        anyhow::bail!("the power went")
    });
    assert!(failed.is_err());
    assert!(ledger.read(|reader| reader.finding_of(file_id(1))).unwrap().is_none());
    assert!(reports(&ledger).is_empty());
    assert_eq!(baseline_rows(&ledger), 0);
}

fn baseline_row(entry: &Entry<'_>) {
    let stat = crate::watch::Stat {
        id: file_id(1),
        size: 5000,
        modified: 7,
    };
    entry.judged(&offence(1, 0).path, &stat, 1).unwrap();
}

fn baseline_rows(ledger: &Ledger) -> u32 {
    let sql = "SELECT count(*) FROM baseline";
    ledger
        .read(|reader| Ok(reader.database.query_row(sql, [], |row| row.get(0))?))
        .unwrap()
}

/// Copies the database files while a transaction is open: what a power cut would leave.
fn crash(folder: &std::path::Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

#[test]
fn after_a_crash_between_any_two_steps_nothing_is_missing_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    let mut copies = Vec::new();
    for inode in 1..=4 {
        ledger
            .enter(at(1), |entry| {
                entry.offends(&offence(inode, 0))?;
                copies.push((inode - 1, crash(folder.path())));
                baseline_row(entry);
                Ok(())
            })
            .unwrap();
        copies.push((inode, crash(folder.path())));
    }
    for (written, copy) in copies {
        let ledger = open(copy.path());
        assert_eq!(reports(&ledger).len() as u64, written);
        // What was not written is sighted again, and so is, to be sure, everything else.
        for inode in 1..=4 {
            enter(&ledger, 2, |entry| entry.offends(&offence(inode, 0)).unwrap());
        }
        let sent = reports(&ledger);
        assert_eq!(sent.len(), 4, "{sent:?}");
        assert!((1..).zip(&sent).all(|(seq, report)| report.seq == seq));
    }
}

#[test]
fn a_full_queue_gives_up_what_matters_least_and_says_exactly_how_much() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    ledger.set_reporting(Reporting {
        queue_limit: 20_000,
        ..Reporting::default()
    });
    enter(&ledger, 1, |entry| {
        let root = PathBuf::from("/home/u/桌面");
        let degraded = PlaceState::Degraded(Degraded::WatchLimit);
        entry.place_state(&root, DESKTOP, degraded, at(0)).unwrap();
        entry.place_state(&root, DESKTOP, PlaceState::Ok, at(1)).unwrap();
        entry.swept(&root, true).unwrap();
    });
    for inode in 1..=100 {
        let mut offence = offence(inode, 0);
        if inode % 4 == 0 {
            offence.violations[0].severity = Severity::High;
        }
        enter(&ledger, i64::try_from(inode).unwrap(), |entry| {
            entry.offends(&offence).unwrap();
        });
    }
    let queue = ledger.read(|reader| reader.queue()).unwrap();
    assert!(queue.bytes <= 20_000 + 500, "{queue:?}");
    let sent = reports(&ledger);
    let mut lost = None;
    let mut kept = 0;
    for report in &sent {
        match &report.body {
            Body::GivenUp(given_up) => assert!(lost.replace(*given_up).is_none(), "one report of what was lost"),
            Body::Finding(finding) => kept += u64::from(finding.severity == Severity::High) * 1000 + 1,
            other => panic!("{other:?}"),
        }
    }
    let lost = lost.unwrap();
    assert_eq!(lost.coverage, 1);
    assert_eq!(lost.findings + kept % 1000, 100);
    assert_eq!(kept / 1000, 25, "the severe ones are kept");
    assert_eq!(lost.from, at(1));
}

#[test]
fn without_enrolment_nothing_is_queued() {
    let folder = tempfile::tempdir().unwrap();
    let owner = Owner {
        device: None,
        ..owner()
    };
    let ledger = Ledger::open(folder.path(), owner, at(0)).unwrap();
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
    assert_eq!(ledger.read(|reader| reader.queue()).unwrap(), Queue::default());
    assert_eq!(ledger.read(|reader| reader.active()).unwrap().len(), 1);
}

#[test]
fn a_corrupt_database_is_set_aside_and_the_collector_is_told_which_was_lost() {
    for damage in ["not a database", "cut", "foreign"] {
        let folder = tempfile::tempdir().unwrap();
        let former = {
            let ledger = begun(folder.path());
            enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
            (
                ledger.id(),
                ledger
                    .read(|reader| reader.finding_of(file_id(1)))
                    .unwrap()
                    .unwrap()
                    .finding
                    .id,
            )
        };
        let file = folder.path().join(DATABASE);
        match damage {
            "not a database" => fs::write(&file, "x".repeat(9000)).unwrap(),
            "cut" => {
                let length = fs::metadata(&file).unwrap().len();
                fs::OpenOptions::new()
                    .write(true)
                    .open(&file)
                    .unwrap()
                    .set_len(length / 2)
                    .unwrap();
            }
            _ => {
                let database = Connection::open(&file).unwrap();
                database.pragma_update(None, "application_id", 12).unwrap();
            }
        }
        let ledger = open(folder.path());
        assert_ne!(ledger.id(), former.0);
        assert_eq!(ledger.read(|reader| reader.head()).unwrap(), None);
        assert!(reports(&ledger).is_empty(), "it does not know where to go on");
        enter(&ledger, 2, |entry| {
            entry.adopt(Head { seq: 41, ..Head::START }).unwrap();
        });
        enter(&ledger, 2, |entry| entry.offends(&offence(1, 0)).unwrap());
        let sent = reports(&ledger);
        assert_eq!(sent[0].seq, 42);
        assert_eq!(sent[0].body, Body::LedgerRebuilt { former: Some(former.0) });
        assert_eq!(finding(&sent[1]).id, former.1, "the same file has the same id");
        let aside = fs::read_dir(folder.path()).unwrap();
        let aside = aside.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("agent.db.corrupt-") && !name.to_string_lossy().contains("-wal")
        });
        assert_eq!(aside.count(), 1, "{damage}");
    }
}

#[test]
fn a_lost_database_is_a_rebuilt_one_and_a_first_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let former = begun(folder.path()).id();
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.path().join(format!("{DATABASE}{suffix}")));
    }
    let ledger = begun(folder.path());
    let sent = reports(&ledger);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body, Body::LedgerRebuilt { former: Some(former) });
}

#[test]
fn a_statement_that_is_used_again_is_not_planned_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    let use_it = |reader: &Reader<'_>| {
        let mut statement = reader
            .database
            .prepare_cached("SELECT since FROM findings WHERE path = ?1 ORDER BY since")?;
        assert!(!statement.exists([b"/a".as_slice()])?);
        Ok(statement.get_status(rusqlite::StatementStatus::RePrepare))
    };
    for _ in 0..3 {
        assert_eq!(ledger.read(use_it).unwrap(), 0);
        assert_eq!(enter(&ledger, 1, |entry| use_it(&entry.reader()).unwrap()), 0);
    }
}

#[test]
fn a_newer_database_is_refused_by_name_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let file = folder.path().join(DATABASE);
    let newer = Connection::open(&file).unwrap();
    newer
        .execute_batch("PRAGMA journal_mode = delete; PRAGMA user_version = 99")
        .unwrap();
    drop(newer);
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (before, files) = (fs::read(&file).unwrap(), names());
    let opened = Ledger::open(folder.path(), owner(), at(1)).err().unwrap();
    let read = super::read_only(folder.path(), |reader| reader.queue()).err().unwrap();
    for error in [opened, read] {
        let error = format!("{error:#}");
        assert!(error.contains("agent.db") && error.contains("version 99"), "{error}");
    }
    assert_eq!((fs::read(&file).unwrap(), names()), (before, files));
}

#[test]
fn another_enrolment_begins_another_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let first = {
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
        ledger.id()
    };
    let other = Owner {
        device: Some(DeviceId::new()),
        ..owner()
    };
    let ledger = Ledger::open(folder.path(), other, at(2)).unwrap();
    assert_ne!(ledger.id(), first);
    enter(&ledger, 2, |entry| entry.adopt(Head::START).unwrap());
    assert!(reports(&ledger).is_empty());
    assert!(ledger.read(|reader| reader.active()).unwrap().is_empty());
}

#[test]
fn a_finding_goes_on_through_save_by_replace_and_leaves_its_id_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = begun(folder.path());
    enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
    let id = ledger
        .read(|reader| reader.finding_of(file_id(1)))
        .unwrap()
        .unwrap()
        .finding
        .id;
    let mut replaced = offence(1, 0);
    replaced.id = Some(file_id(2));
    enter(&ledger, 2, |entry| entry.offends(&replaced).unwrap());
    let record = ledger.read(|reader| reader.finding_of(file_id(2))).unwrap().unwrap();
    assert_eq!(record.finding.id, id);
    let mut first = offence(1, 0);
    first.path = "/home/u/桌面/elsewhere.docx".into();
    enter(&ledger, 3, |entry| entry.offends(&first).unwrap());
    let other = ledger.read(|reader| reader.finding_of(file_id(1))).unwrap().unwrap();
    assert_ne!(other.finding.id, id);
    assert_eq!(ledger.read(|reader| reader.active()).unwrap().len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However requests, acknowledgements and crashes fall, the collector's chain fits, and its picture of every
    /// finding is in the end the ledger's.
    #[test]
    fn what_the_collector_stores_is_what_the_ledger_holds(
        story in prop::collection::vec((1..4_u64, 0..6_u8, 0..3_usize), 1..30),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = begun(folder.path());
        let mut stored: Vec<String> = Vec::new();
        let mut head = Head::START;
        for (second, (inode, action, batch)) in (1..).zip(story) {
            match action {
                0 | 1 => enter(&ledger, second, |entry| entry.offends(&offence(inode, 0)).unwrap()),
                2 => enter(&ledger, second, |entry| {
                    if let Some(record) = entry.reader().finding_of(file_id(inode)).unwrap() {
                        entry.fits(&record, Resolution::Deleted).unwrap();
                    }
                }),
                3 | 4 => {
                    let next = enter(&ledger, second, |entry| entry.next(batch + 1, 1 << 20).unwrap());
                    for report in &next {
                        head = head.after(report.get().as_bytes());
                        stored.push(report.get().to_owned());
                    }
                    if action == 3 {
                        enter(&ledger, second, |entry| entry.acked(head).unwrap());
                    } else {
                        // The answer was lost: the collector knows them already, and they come again.
                        stored.truncate(stored.len() - next.len());
                        head = stored.iter().fold(Head::START, |head, report| head.after(report.as_bytes()));
                    }
                }
                _ => {
                    drop(ledger);
                    ledger = open(folder.path());
                }
            }
        }
        for report in enter(&ledger, 99, |entry| entry.next(500, 4 << 20).unwrap()) {
            stored.push(report.get().to_owned());
        }
        let mut known = std::collections::BTreeMap::new();
        for (seq, text) in (1..).zip(&stored) {
            let report: Report = serde_json::from_str(text).unwrap();
            prop_assert_eq!(report.seq, seq);
            known.insert(finding(&report).id, finding(&report).state);
        }
        for inode in 1..4 {
            if let Some(record) = ledger.read(|reader| reader.finding_of(file_id(inode))).unwrap() {
                prop_assert_eq!(known.get(&record.finding.id), Some(&record.finding.state));
            }
        }
    }
}

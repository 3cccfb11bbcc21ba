//! What the tests of ledger and pipeline share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fileward_policy::verdict::Violation;
use fileward_protocol::chain::Head;
use fileward_protocol::ids::{CompanyKey, DeviceId, FileName, KeyedHash};
use fileward_protocol::report::{self, Encryption, Place, Report};
use fileward_protocol::vocabulary::{Evidence, Family, PlaceKind, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::{Entry, Ledger, Offence, Owner, schema};
use crate::watch::FileId;

pub(crate) const DESKTOP: Place = Place {
    kind: PlaceKind::Desktop,
    app: None,
};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(crate) fn owner() -> Owner {
    Owner {
        device: Some(DeviceId(Uuid::from_u128(1))),
        key: CompanyKey::new([7; 32]),
    }
}

/// A ledger's database as the watch sees it: the tables, and nothing in them.
pub(crate) fn database(path: &Path) -> Connection {
    let mut database = Connection::open(path).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    schema::migrate(&mut database).unwrap();
    database
}

pub(crate) fn open(folder: &Path) -> Ledger {
    Ledger::open(folder, owner(), at(0)).unwrap()
}

/// A ledger that knows where its numbering stands.
pub(crate) fn begun(folder: &Path) -> Ledger {
    let ledger = open(folder);
    enter(&ledger, 0, |entry| entry.adopt(Head::START).unwrap());
    ledger
}

pub(crate) fn enter<T>(ledger: &Ledger, second: i64, work: impl FnOnce(&mut Entry<'_>) -> T) -> T {
    ledger.enter(at(second), |entry| Ok(work(entry))).unwrap().0
}

pub(crate) fn file_id(inode: u64) -> FileId {
    FileId {
        device: 1,
        inode,
        born: 5,
    }
}

/// A file on the desktop that breaks `outside_store`.
pub(crate) fn offence(inode: u64, grace: u64) -> Offence {
    Offence {
        path: PathBuf::from(format!("/home/u/桌面/{inode}.docx")),
        root: "/home/u/桌面".into(),
        owner: Some(1000.into()),
        id: Some(file_id(inode)),
        place: DESKTOP,
        violations: vec![Violation {
            rule: Rule::OutsideStore,
            severity: Severity::Low,
            grace: Duration::from_secs(grace),
        }],
        file: Some(report::File {
            name: Some(FileName::new(&format!("{inode}.docx"))),
            name_hash: None,
            kind: report::Word::new("docx").unwrap(),
            family: Family::Document,
            size: 5000,
            encryption: Encryption::NONE,
            sensitivity: Sensitivity::General,
            detections: Vec::new(),
            content: Some(KeyedHash([u8::try_from(inode % 256).unwrap(); 32])),
        }),
        evidence: vec![Evidence::StoreCopy],
        policy_version: 3,
    }
}

/// Numbers what waits and gives back the reports that are not acknowledged.
pub(crate) fn reports(ledger: &Ledger) -> Vec<Report> {
    let raw = enter(ledger, 9999, |entry| entry.next(500, 4 << 20).unwrap());
    raw.iter()
        .map(|report| serde_json::from_str(report.get()).unwrap())
        .collect()
}

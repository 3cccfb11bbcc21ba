//! What only a file can suffer.

use std::fs;

use fileward_protocol::vocabulary::FindingState;
use rusqlite::Connection;

use super::Sqlite;
use crate::store::audit::{Action, AuditEntry};
use crate::store::findings::FindingFilter;
use crate::store::tests::device;
use crate::store::work::Handling;
use crate::store::{AuditTrail, By, Devices, Findings, Ladder, Paging, Registers, Upkeep};
use crate::testing::finding;

fn refused(content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    fs::write(&path, content).unwrap();
    let error = Sqlite::open(&path).err().unwrap();
    assert_eq!(fs::read(&path).unwrap(), content, "what is there stays there");
    let text = format!("{error:#}");
    assert!(text.contains("collector.db"), "{text}");
    text
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    assert!(refused(&[b'x'; 4096]).contains("backup"));
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    other.close().unwrap();
    assert!(refused(&fs::read(&path).unwrap()).contains("another program"));
}

#[test]
fn a_newer_versions_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    drop(Sqlite::open(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer
        .execute_batch("PRAGMA journal_mode = delete; PRAGMA user_version = 999")
        .unwrap();
    newer.close().unwrap();
    let text = refused(&fs::read(&path).unwrap());
    assert!(text.contains("newer version"), "{text}");
}

#[tokio::test]
async fn findings_of_an_earlier_form_are_there_and_nobody_has_worked_on_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    let earlier = Connection::open(&path).unwrap();
    earlier.execute_batch(include_str!("migrations/0001.sql")).unwrap();
    earlier.execute_batch(include_str!("migrations/0002.sql")).unwrap();
    earlier
        .execute_batch(
            "PRAGMA application_id = 0x46777264; PRAGMA user_version = 2; \
             INSERT INTO device VALUES (1, randomblob(16), 'bound', 'PC', NULL, 1, x'', '{}', '', NULL, NULL, NULL, 0, \
             zeroblob(32), 0, 0, 0, 0, NULL); \
             INSERT INTO finding VALUES (1, 1, randomblob(16), 'open', 'outside_store', 'low', 'desktop', NULL, '', 0, 0, \
             NULL, NULL);",
        )
        .unwrap();
    let body = serde_json::to_string(&finding(1, FindingState::Open)).unwrap();
    earlier
        .execute("INSERT INTO finding_body VALUES (1, ?)", [body])
        .unwrap();
    earlier.close().unwrap();
    let store = Sqlite::open(&path).unwrap();
    let found = store
        .findings(FindingFilter::within(crate::store::Scope::Everything), Paging::first(9))
        .await
        .unwrap();
    assert_eq!(found.rows[0].finding.state, FindingState::Open);
    assert_eq!(found.rows[0].handling, Handling::default());
    assert_eq!(store.ladder().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_filed_in_an_earlier_form_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    let earlier = Connection::open(&path).unwrap();
    for migration in [
        include_str!("migrations/0001.sql"),
        include_str!("migrations/0002.sql"),
        include_str!("migrations/0003.sql"),
        include_str!("migrations/0004.sql"),
        include_str!("migrations/0005.sql"),
        include_str!("migrations/0006.sql"),
        "PRAGMA application_id = 0x46777264; PRAGMA user_version = 6; \
         INSERT INTO account VALUES ('wechat', 'wxid_a', zeroblob(32), 'a note', 1, 'command line'); \
         INSERT INTO file_limit VALUES ('qq', '12345', zeroblob(32), 7, 9, 1, 'command line');",
    ] {
        earlier.execute_batch(migration).unwrap();
    }
    earlier.close().unwrap();
    let filed = Sqlite::open(&path).unwrap().filed().await.unwrap();
    assert_eq!(
        (filed.accounts[0].account.as_str(), filed.accounts[0].note.as_str()),
        ("wxid_a", "a note")
    );
    let until = filed.limits[0].until.map(jiff::Timestamp::as_microsecond);
    assert_eq!((filed.limits[0].bytes, until), (7, Some(9)));
}

#[tokio::test]
async fn the_audit_trail_cannot_be_changed_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    let store = Sqlite::open(&path).unwrap();
    for subject in ["a", "b", "c"] {
        let entry = AuditEntry {
            by: By::command_line(),
            action: Action::FindingViewed,
            subject: subject.to_owned(),
            detail: String::new(),
        };
        store.append_audit(entry).await.unwrap();
    }
    let intruder = Connection::open(&path).unwrap();
    intruder.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    assert!(
        intruder
            .execute("UPDATE audit SET subject = 'x' WHERE id = 2", [])
            .is_err()
    );
    intruder
        .execute_batch("DROP TRIGGER audit_is_append_only_update")
        .unwrap();
    intruder
        .execute("UPDATE audit SET subject = 'x' WHERE id = 2", [])
        .unwrap();
    let faults = store.verify().await.unwrap().faults;
    assert!(faults[0].contains("line 2"), "{faults:?}");
}

#[tokio::test]
async fn a_backup_is_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("collector.db")).unwrap();
    let id = device(&store).await;
    let file = folder.path().join("backup.db");
    store.backup(file.clone(), By::command_line()).await.unwrap();
    let copy = Sqlite::open(&file).unwrap();
    assert_eq!(copy.device(id).await.unwrap(), store.device(id).await.unwrap());
    assert_eq!(copy.verify().await.unwrap(), store.verify().await.unwrap());
}

#[tokio::test]
async fn a_failed_change_undoes_itself_and_not_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("collector.db")).unwrap();
    let insert = |id: i64, fail: bool| {
        store.write(move |connection| {
            connection.execute("INSERT INTO root VALUES (?, 'standby', '', 0, NULL)", [id])?;
            assert!(id != 3, "a fault of one job's own");
            if fail {
                Err(crate::store::StoreError::not_found("x", "y"))
            } else {
                Ok(())
            }
        })
    };
    let (one, two, three, four) = tokio::join!(insert(1, false), insert(2, true), insert(3, false), insert(4, false));
    assert!(one.is_ok() && two.is_err() && three.is_err() && four.is_ok());
    let kept: Vec<i64> = store
        .read(|connection| {
            let mut statement = connection.prepare("SELECT id FROM root ORDER BY id")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    assert_eq!(kept, [1, 4]);
}

#[tokio::test]
async fn what_a_database_of_a_former_form_holds_is_told_to_targets_that_want_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.db");
    let former = Connection::open(&path).unwrap();
    for migration in [include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")] {
        former.execute_batch(migration).unwrap();
    }
    former
        .execute_batch(
            "INSERT INTO device (key, id, binding, name, token, key_hash, fingerprint, search, head_hash, roots_serial, \
             last_seen, enrolled_at) VALUES (7, zeroblob(16), 'bound', 'PC', 1, x'00', '{}', '', x'00', 0, 0, 0); \
             INSERT INTO finding (key, device, id, state, rule, severity, kind, search, first_seen, changed_at) \
             VALUES (8, 7, zeroblob(16), 'open', 'outside_store', 'low', 'desktop', '', 0, 1), \
             (9, 7, x'00000000000000000000000000000001', 'open', 'outside_store', 'low', 'desktop', '', 0, 0); \
             PRAGMA application_id = 0x46777264; PRAGMA user_version = 2;",
        )
        .unwrap();
    former.close().unwrap();
    drop(Sqlite::open(&path).unwrap());
    let brought = Connection::open(&path).unwrap();
    let mut changes = brought
        .prepare("SELECT subject || row FROM change ORDER BY number")
        .unwrap();
    let changes: Vec<String> = changes
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(changes, ["device7", "finding9", "finding8"]);
}

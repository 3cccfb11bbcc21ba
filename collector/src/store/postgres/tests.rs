//! What only a server can suffer.

use std::sync::Arc;
use std::time::Duration;

use fileward_protocol::chain::Head;
use fileward_protocol::vocabulary::FindingState;
use fileward_tests::postgres::Server;

use super::session::NUMBERS;
use super::{Address, Postgres, erasures};
use crate::store::audit::{Action, AuditEntry};
use crate::store::erasures::{OF_DEVICE, OF_FINDING};
use crate::store::tests::{Sender, device};
use crate::store::walk::Milestone;
use crate::store::{AuditTrail, By, Devices, StoreError, Upkeep, Walk};
use crate::testing::{found, head_after, number};

/// An empty database's address, and its name for those who may do everything.
async fn database() -> (Address, String) {
    let text = tokio::task::spawn_blocking(|| Server::shared().database())
        .await
        .unwrap();
    let name = text.rsplit('/').next().unwrap().to_owned();
    (text.parse().unwrap(), name)
}

async fn ask(name: &str, sql: &str) -> String {
    let (name, sql) = (name.to_owned(), sql.to_owned());
    tokio::task::spawn_blocking(move || Server::shared().ask(&name, &sql))
        .await
        .unwrap()
}

async fn refused(address: Address) -> String {
    format!("{:#}", Postgres::open(address).await.err().unwrap())
}

fn looked(subject: &str) -> AuditEntry {
    AuditEntry {
        by: By::command_line(),
        action: Action::FindingViewed,
        subject: subject.to_owned(),
        detail: String::new(),
    }
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let (address, name) = database().await;
    ask(&name, "CREATE TABLE theirs (x int)").await;
    let text = refused(address).await;
    assert!(text.contains("another program") && text.contains(&name), "{text}");
    let tables = "SELECT string_agg(relname, ',') FROM pg_class WHERE relkind = 'r' \
        AND relnamespace = 'public'::regnamespace";
    assert_eq!(ask(&name, tables).await, "theirs");
}

#[tokio::test]
async fn a_newer_versions_database_is_left_alone() {
    let (address, name) = database().await;
    drop(Postgres::open(address.clone()).await.unwrap());
    ask(&name, "UPDATE fileward_form SET number = 999").await;
    let text = refused(address).await;
    assert!(text.contains("newer version"), "{text}");
}

#[tokio::test]
async fn several_collectors_that_start_together_make_the_tables_once() {
    let (address, _) = database().await;
    let open = || Postgres::open(address.clone());
    let (one, two, three) = tokio::join!(open(), open(), open());
    for store in [one, two, three] {
        store.unwrap().append_audit(looked("a")).await.unwrap();
    }
    let store = open().await.unwrap();
    assert_eq!(store.verify().await.unwrap().audit_lines, 3);
}

#[tokio::test]
async fn the_audit_trail_cannot_be_changed_unseen() {
    let (address, name) = database().await;
    let store = Postgres::open(address).await.unwrap();
    for subject in ["a", "b", "c"] {
        store.append_audit(looked(subject)).await.unwrap();
    }
    for change in ["UPDATE audit SET subject = 'x'", "DELETE FROM audit", "TRUNCATE audit"] {
        let refused = format!(
            "DO $$ BEGIN {change}; RAISE EXCEPTION 'changed'; EXCEPTION WHEN raise_exception THEN \
             ASSERT SQLERRM LIKE '%append-only', SQLERRM; END $$"
        );
        ask(&name, &refused).await;
    }
    ask(
        &name,
        "ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET subject = 'x' WHERE id = 2",
    )
    .await;
    let faults = store.verify().await.unwrap().faults;
    assert!(faults[0].contains("line 2"), "{faults:?}");
}

#[tokio::test]
async fn a_failed_change_undoes_itself_and_not_its_neighbours() {
    let (address, _) = database().await;
    let store = Postgres::open(address).await.unwrap();
    let insert = |id: i64, fail: bool| {
        store.write(move |session| {
            session.execute("INSERT INTO root VALUES ($1, 'standby', '', 0, NULL)", &[&id])?;
            assert!(id != 3, "a fault of one change's own");
            if fail {
                Err(StoreError::not_found("x", "y"))
            } else {
                Ok(())
            }
        })
    };
    let (one, two, three, four) = tokio::join!(insert(1, false), insert(2, true), insert(3, false), insert(4, false));
    assert!(one.is_ok() && two.is_err() && three.is_err() && four.is_ok());
    let kept: Vec<i64> = store
        .read(|session| session.query("SELECT id FROM root ORDER BY id", &[], |row| row.get(0)))
        .await
        .unwrap();
    assert_eq!(kept, [1, 4]);
}

#[tokio::test]
async fn connections_that_are_lost_are_made_again() {
    let (address, name) = database().await;
    let store = Postgres::open(address).await.unwrap();
    let id = device(&store).await;
    let lose = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
    for _ in 0..3 {
        assert_ne!(ask("postgres", &lose).await, "0");
        assert!(store.device(id).await.unwrap().is_some());
        store.append_audit(looked("a")).await.unwrap();
    }
}

#[tokio::test]
async fn who_reads_in_order_waits_for_what_was_numbered_before() {
    let (address, _) = database().await;
    let store = Arc::new(Postgres::open(address).await.unwrap());
    // Somebody was given a number and has not committed yet.
    let (begun, is_begun) = tokio::sync::oneshot::channel::<()>();
    let (end, may_end) = std::sync::mpsc::channel::<()>();
    let (begun, may_end) = (std::sync::Mutex::new(Some(begun)), std::sync::Mutex::new(may_end));
    let numbered = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let work = store.write(move |session| {
                session.execute(
                    "INSERT INTO root (state, certificate, created_at) VALUES ('standby', '', 0)",
                    &[],
                )?;
                if let Some(begun) = begun.lock().unwrap().take() {
                    begun.send(()).unwrap();
                }
                may_end.lock().unwrap().recv().unwrap();
                Ok(())
            });
            work.await
        })
    };
    is_begun.await.unwrap();
    let roots = store.read_settled(|session| session.query("SELECT id FROM root", &[], |row| row.get::<i64>(0)));
    let mut roots = tokio::spawn(roots);
    let waits = tokio::time::timeout(Duration::from_millis(200), &mut roots).await;
    assert!(waits.is_err(), "it must not pass what is yet to come");
    end.send(()).unwrap();
    numbered.await.unwrap().unwrap();
    assert_eq!(roots.await.unwrap().unwrap(), [1]);
    let held = format!(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
         WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = {}",
        NUMBERS & 0xffff_ffff
    );
    let held: i64 = store
        .read(move |session| session.query_one(&held, &[], |row| row.get(0)))
        .await
        .unwrap();
    assert_eq!(held, 0, "others are kept waiting for no longer than that");
    store.walk_devices(Milestone(0), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_sends_many_times_at_once_is_taken_once() {
    let (address, _) = database().await;
    let store = Postgres::open(address).await.unwrap();
    let sender = Sender::new(&store).await;
    let reports = number(Head::START, (1..200).map(|n| found(n, FindingState::Open)));
    let send = || sender.reports(Head::START, &reports);
    let (one, two, three, four) = tokio::join!(send(), send(), send(), send());
    for taken in [one, two, three, four] {
        assert_eq!(taken.unwrap().ack, head_after(Head::START, &reports));
    }
    assert_eq!(store.verify().await.unwrap().reports, 199);
}

#[tokio::test]
async fn a_backup_is_put_back_into_an_empty_database_alone() {
    let (address, _) = database().await;
    let store = Postgres::open(address.clone()).await.unwrap();
    let id = device(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    store.backup(file.clone(), By::command_line()).await.unwrap();
    let again = Postgres::restore(address, file.clone()).await;
    assert!(format!("{:#}", again.unwrap_err()).contains("empty"));
    let (other, _) = database().await;
    Postgres::restore(other.clone(), file).await.unwrap();
    let copy = Postgres::open(other).await.unwrap();
    assert_eq!(copy.device(id).await.unwrap(), store.device(id).await.unwrap());
    assert_eq!(copy.verify().await.unwrap(), store.verify().await.unwrap());
    device(&copy).await;
}

#[tokio::test]
async fn every_table_with_something_of_a_device_or_a_user_is_known_to_who_deletes_them() {
    let (address, name) = database().await;
    drop(Postgres::open(address).await.unwrap());
    let naming = async |column: &str| {
        let tables = format!(
            "SELECT table_name FROM information_schema.columns WHERE column_name = '{column}' \
            AND table_schema = 'public' AND data_type = 'bigint' ORDER BY table_name"
        );
        ask(&name, &tables).await
    };
    let counted = [
        "finding",
        "delivery",
        "event",
        "fingerprint",
        "disclosure",
        "correction",
    ];
    // A device that is held is not deleted.
    let of_device = [&counted[..], &OF_DEVICE, &OF_FINDING, &["hold"]].concat();
    for table in naming("device").await.lines() {
        assert!(of_device.contains(&table), "what of a deleted device stays in {table}?");
    }
    for table in naming("finding").await.lines() {
        let known = OF_FINDING.contains(&table) || table == "correction";
        assert!(known, "what of a deleted finding stays in {table}?");
    }
    for table in naming("person").await.lines() {
        assert!(
            erasures::OWNED.contains(&table),
            "what of a deleted user stays in {table}?"
        );
    }
}

use fileward_protocol::vocabulary::FindingState;

use super::*;
use crate::store::audit::{Action, AuditFilter};
use crate::store::findings::FindingFilter;
use crate::store::holds::Held;
use crate::store::upkeep::Cutoffs;
use crate::store::{Paging, Scope, StoreError};
use crate::testing::{found, number, put_right};

pub(super) async fn a_purge_takes_what_ended_and_leaves_what_is_open(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    let bodies = [
        found(1, FindingState::Open),
        found(2, FindingState::Resolved),
        put_right(3),
    ];
    let ack = sender
        .reports(Head::START, &number(Head::START, bodies))
        .await
        .unwrap()
        .ack;
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let purged = store.purge(later.into(), By::command_line()).await.unwrap();
    assert_eq!((purged.findings, purged.deliveries, purged.events), (1, 1, 1));
    let left = store
        .findings(FindingFilter::within(Scope::Everything), Paging::first(9))
        .await
        .unwrap();
    assert_eq!(left.rows[0].finding.state, FindingState::Open);
    // What was deleted is still acknowledged, and the chain goes on.
    let more = number(ack, [found(1, FindingState::Resolved)]);
    sender.reports(ack, &more).await.unwrap();
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());
}

pub(super) async fn each_group_is_kept_for_its_own_time(store: Arc<dyn Store>) {
    let groups = [None, Some("sales"), Some("finance")];
    let mut senders = Vec::new();
    for group in groups {
        let sender = Sender::new(&*store).await;
        let group = group.map(str::to_owned);
        store.set_group(sender.device, group, By::command_line()).await.unwrap();
        let reports = number(Head::START, [found(1, FindingState::Resolved), put_right(3)]);
        sender.reports(Head::START, &reports).await.unwrap();
        senders.push(sender);
    }
    store
        .set_binding(senders[2].device, Binding::Retired, By::command_line())
        .await
        .unwrap();
    assert_eq!(
        store.kept_groups().await.unwrap(),
        ["finance", "sales"],
        "also of a retired device"
    );
    let hour = SignedDuration::from_hours(1);
    let now = Timestamp::now();
    let mut before = Cutoffs::from(now + hour);
    before.groups.insert("sales".to_owned(), Timestamp::UNIX_EPOCH);
    let purged = store.purge(before.clone(), By::command_line()).await.unwrap();
    assert_eq!((purged.findings, purged.deliveries, purged.events), (2, 2, 2));
    let all = FindingFilter::within(Scope::Everything);
    let left = store.findings(all, Paging::first(9)).await.unwrap();
    assert_eq!((left.total, left.rows[0].device), (1, senders[1].device));
    before.groups.insert("sales".to_owned(), now + hour);
    let purged = store.purge(before, By::command_line()).await.unwrap();
    assert_eq!((purged.findings, purged.deliveries, purged.events), (1, 1, 1));
}

pub(super) async fn what_a_case_needs_is_kept_until_it_ends(store: Arc<dyn Store>) {
    let (held, other) = (Sender::new(&*store).await, Sender::new(&*store).await);
    for sender in [&held, &other] {
        let reports = number(Head::START, [found(1, FindingState::Resolved), put_right(3)]);
        sender.reports(Head::START, &reports).await.unwrap();
    }
    let by = By::command_line;
    let one = store
        .hold("case 7".to_owned(), Held::Device(held.device), by())
        .await
        .unwrap();
    let nobody = store
        .hold("case 8".to_owned(), Held::Group("sales".to_owned()), by())
        .await
        .unwrap();
    assert_eq!(store.holds().await.unwrap().len(), 2);
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let purged = store.purge(later.into(), by()).await.unwrap();
    assert_eq!((purged.findings, purged.deliveries, purged.events), (1, 1, 1));
    let left = store
        .findings(FindingFilter::within(Scope::Everything), Paging::first(9))
        .await
        .unwrap();
    assert_eq!((left.total, left.rows[0].device), (1, held.device));
    assert_eq!(left.rows[0].history.len(), 1, "with its history");
    let all = store.hold("case 9".to_owned(), Held::Everything, by()).await.unwrap();
    store.end_hold(one, by()).await.unwrap();
    assert_eq!(store.purge(later.into(), by()).await.unwrap().findings, 0);
    store.end_hold(all, by()).await.unwrap();
    assert_eq!(store.purge(later.into(), by()).await.unwrap().findings, 1);
    store.end_hold(nobody, by()).await.unwrap();
    let again = store.end_hold(nobody, by()).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
}

pub(super) async fn a_backup_overwrites_nothing(store: Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    store.backup(file.clone(), By::command_line()).await.unwrap();
    let written = std::fs::read(&file).unwrap();
    let again = store.backup(file.clone(), By::command_line()).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    assert_eq!(std::fs::read(&file).unwrap(), written);
}

pub(super) async fn changes_are_in_the_audit_trail(store: Arc<dyn Store>) {
    let id = device(&*store).await;
    store
        .set_binding(id, Binding::Suspended, By::user("员工甲"))
        .await
        .unwrap();
    let of_device = AuditFilter {
        subject: Some(id.to_string()),
        ..AuditFilter::default()
    };
    let page = store.audit(of_device, Paging::first(10)).await.unwrap();
    let actions: Vec<_> = page.rows.iter().map(|row| row.action).collect();
    assert_eq!(
        actions,
        [Action::DeviceSuspended, Action::DeviceApproved, Action::DeviceEnrolled]
    );
    assert_eq!(page.rows[0].actor, "user 员工甲");
    assert_eq!(store.verify().await.unwrap().audit_lines, 4);
}

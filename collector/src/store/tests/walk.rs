use fileward_protocol::vocabulary::FindingState;

use super::*;
use crate::store::Reply;
use crate::store::audit::Action;
use crate::store::walk::{Milestone, Stretch};
use crate::store::work::{Act, Which};
use crate::testing::{at, finding, found, number};

/// All rows of a walk, and in how many steps they came.
async fn all<T>(walk: impl Fn(Milestone) -> Reply<Stretch<T>>) -> (Vec<T>, usize) {
    let (mut rows, mut steps, mut next) = (Vec::new(), 0, Some(Milestone::default()));
    while let Some(from) = next {
        let stretch = walk(from).await.unwrap();
        steps += 1;
        next = stretch.on;
        rows.extend(stretch.rows);
    }
    (rows, steps)
}

async fn findings(store: &dyn Store, since: Option<Timestamp>) -> Vec<u128> {
    let (rows, _) = all(|from| store.walk_findings(from, since)).await;
    rows.iter().map(|row| row.finding.id.0.as_u128()).collect()
}

pub(super) async fn a_walk_meets_every_finding_once(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let mut ack = Head::START;
    for start in [1, 501] {
        let bodies = (start..start + 500).map(|number| found(number, FindingState::Open));
        ack = sender.reports(ack, &number(ack, bodies)).await.unwrap().ack;
    }
    let first = store.walk_findings(Milestone::default(), None).await.unwrap();
    // What changes meanwhile moves in a list by last change; here it does not.
    let more = number(ack, [found(1, FindingState::Resolved), found(1001, FindingState::Open)]);
    sender.reports(ack, &more).await.unwrap();
    let mut met: Vec<_> = first.rows.iter().map(|row| row.finding.id.0.as_u128()).collect();
    let mut next = first.on;
    while let Some(from) = next {
        let stretch = store.walk_findings(from, None).await.unwrap();
        met.extend(stretch.rows.iter().map(|row| row.finding.id.0.as_u128()));
        next = stretch.on;
    }
    assert_eq!(met, (1..=1001).collect::<Vec<_>>());
    let (rows, steps) = all(|from| store.walk_findings(from, None)).await;
    assert!(steps > 1, "it comes in steps");
    assert_eq!(rows[0].history.len(), 2, "with what it went through");
}

pub(super) async fn a_walk_since_then_meets_what_changed_or_was_told_late(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let long_ago = [found(1, FindingState::Open), found(2, FindingState::Open)];
    let ack = sender
        .reports(Head::START, &number(Head::START, long_ago))
        .await
        .unwrap()
        .ack;
    assert_eq!(findings(store, Some(at(2))).await, [1, 2], "received after that");
    let between = Timestamp::now();
    assert_eq!(findings(store, Some(between)).await, []);
    // Recorded long before, as on a PC that was out of reach.
    let late = number(ack, [found(3, FindingState::Open)]);
    sender.reports(ack, &late).await.unwrap();
    assert_eq!(findings(store, Some(between)).await, [3]);
    let which = |number| Which {
        device: sender.device,
        finding: finding(number, FindingState::Open).id,
    };
    let comment = Act::Comment("why".to_owned());
    store.work(vec![which(1)], comment, By::user("li")).await.unwrap();
    assert_eq!(findings(store, Some(between)).await, [1, 3]);
    assert_eq!(findings(store, None).await, [1, 2, 3]);
}

pub(super) async fn a_walk_since_then_meets_devices_that_somebody_decided_about(store: Arc<dyn Store>) {
    let store = &*store;
    let (quiet, decided) = (device(store).await, device(store).await);
    let sender = Sender::new(store).await;
    let between = Timestamp::now();
    let met = async |since| {
        let (rows, _) = all(|from| store.walk_devices(from, since)).await;
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(met(Some(between)).await, []);
    store
        .set_binding(decided, Binding::Retired, By::user("li"))
        .await
        .unwrap();
    assert_eq!(met(Some(between)).await, [decided]);
    sender.reports(Head::START, &[]).await.unwrap();
    assert_eq!(met(Some(between)).await, [decided, sender.device]);
    assert_eq!(met(None).await, [quiet, decided, sender.device]);
}

pub(super) async fn a_walk_through_the_audit_trail_goes_from_the_oldest_line(store: Arc<dyn Store>) {
    let store = &*store;
    let id = device(store).await;
    let between = Timestamp::now();
    store.set_binding(id, Binding::Suspended, By::user("li")).await.unwrap();
    let met = async |since| {
        let (rows, _) = all(|from| store.walk_audit(from, since)).await;
        rows.iter().map(|row| row.action).collect::<Vec<_>>()
    };
    let suspended = [Action::DeviceSuspended];
    assert_eq!(met(Some(between)).await, suspended);
    let before = [Action::TokenCreated, Action::DeviceEnrolled, Action::DeviceApproved];
    assert_eq!(met(None).await, [&before[..], &suspended].concat());
}

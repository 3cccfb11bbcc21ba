use fileward_protocol::report::{Body, Finding, Step};
use fileward_protocol::vocabulary::{FindingState, Severity};

use super::*;
use crate::store::findings::{FindingFilter, FindingRow, FindingSort};
use crate::store::{Order, Page, Paging, Scope};
use crate::testing::{at, finding, found, number};

async fn list(store: &dyn Store, filter: FindingFilter) -> Page<FindingRow> {
    store.findings(filter, Paging::first(100)).await.unwrap()
}

fn ids(page: &Page<FindingRow>) -> Vec<u128> {
    page.rows.iter().map(|row| row.finding.id.0.as_u128()).collect()
}

pub(super) async fn a_list_is_filtered_sorted_and_paged(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let severities = [Severity::Low, Severity::Critical, Severity::Medium, Severity::High];
    let bodies = (1..).zip(severities).map(|(number, severity)| {
        let state = if number == 3 {
            FindingState::Resolved
        } else {
            FindingState::Open
        };
        Body::Finding(Box::new(Finding {
            severity,
            ..finding(number, state)
        }))
    });
    sender.reports(Head::START, &number(Head::START, bodies)).await.unwrap();
    let any = FindingFilter::within(Scope::Everything);
    assert_eq!(ids(&list(store, any.clone()).await), [4, 3, 2, 1], "newest first");
    let worst = FindingFilter {
        order: Order::usual(FindingSort::Severity),
        ..any.clone()
    };
    assert_eq!(ids(&list(store, worst.clone()).await), [2, 4, 3, 1]);
    let mildest = FindingFilter {
        order: worst.order.turned(),
        ..worst
    };
    assert_eq!(ids(&list(store, mildest).await), [1, 3, 4, 2]);
    let open = FindingFilter {
        state: Some(FindingState::Open),
        ..any.clone()
    };
    assert_eq!(ids(&list(store, open).await), [4, 2, 1]);
    let text = |text: &str| FindingFilter {
        text: Some(text.to_owned()),
        ..any.clone()
    };
    assert_eq!(list(store, text("报价单 q4")).await.total, 4);
    assert_eq!(list(store, text("%")).await.total, 0);
    let page = store
        .findings(any.clone(), Paging { offset: 1, limit: 2 })
        .await
        .unwrap();
    assert_eq!((ids(&page), page.total), (vec![3, 2], 4));
    let counts = store.finding_counts(Scope::Everything).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 4);
}

pub(super) async fn merged_steps_are_all_told(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    let merged = Finding {
        before: vec![Step {
            at: at(-60),
            state: FindingState::Open,
        }],
        ..finding(1, FindingState::Resolved)
    };
    let reports = number(Head::START, [Body::Finding(Box::new(merged))]);
    sender.reports(Head::START, &reports).await.unwrap();
    let row = &list(&*store, FindingFilter::within(Scope::Everything)).await.rows[0];
    let history: Vec<_> = row.history.iter().map(|row| (row.at, row.what.word())).collect();
    assert_eq!(history, [(at(-60), "open"), (at(1), "resolved")]);
    assert_eq!(row.finding.before, [], "steps are history, not part of what is");
}

pub(super) async fn a_report_of_an_unchanged_state_is_no_step(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    let mut renamed = finding(1, FindingState::Open);
    renamed.file.as_mut().unwrap().size = 99;
    let bodies = [found(1, FindingState::Open), Body::Finding(Box::new(renamed.clone()))];
    sender.reports(Head::START, &number(Head::START, bodies)).await.unwrap();
    let row = &list(&*store, FindingFilter::within(Scope::Everything)).await.rows[0];
    assert_eq!(row.finding, renamed);
    assert_eq!((row.history.len(), row.changed_at), (1, at(1)));
}

pub(super) async fn equal_ids_of_two_devices_are_two_findings(store: Arc<dyn Store>) {
    let (one, other) = (Sender::new(&*store).await, Sender::new(&*store).await);
    let reports = number(Head::START, [found(1, FindingState::Open)]);
    one.reports(Head::START, &reports).await.unwrap();
    other.reports(Head::START, &reports).await.unwrap();
    let mut devices = store
        .devices_of_finding(finding(1, FindingState::Open).id)
        .await
        .unwrap();
    devices.sort();
    let mut expected = [one.device, other.device];
    expected.sort();
    assert_eq!(devices, expected);
    let of_one = FindingFilter {
        device: Some(one.device),
        ..FindingFilter::within(Scope::Everything)
    };
    assert_eq!(list(&*store, of_one).await.total, 1);
}

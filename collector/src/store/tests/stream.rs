use fileward_protocol::report::{Body, Finding, GivenUp, Step};
use fileward_protocol::vocabulary::FindingState;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::store::findings::{EventRow, FindingFilter, FindingRow};
use crate::store::{Paging, Scope};
use crate::testing::{at, finding, head_after, number, put_right};

fn state() -> impl Strategy<Value = FindingState> {
    proptest::sample::select(FindingState::ALL)
}

fn body() -> impl Strategy<Value = Body> {
    let found = (0..5_u128, state(), proptest::collection::vec(state(), 0..3));
    prop_oneof![
        8 => found.prop_map(|(number, state, before)| {
            let steps = (0..).zip(before).map(|(n, state)| Step { at: at(n), state });
            Body::Finding(Box::new(Finding { before: steps.collect(), ..finding(number, state) }))
        }),
        2 => (1..9_u64).prop_map(put_right),
        1 => Just(Body::LedgerRebuilt { former: None }),
        1 => Just(Body::GivenUp(GivenUp { findings: 1, put_right: 0, coverage: 2, from: at(0), until: at(9) })),
    ]
}

/// How a delivery lies around the last ack: how many reports are repeated, how many are new, how many are left out.
fn deliveries() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    let skipped = prop_oneof![6 => Just(0), 1 => 1..3_usize];
    proptest::collection::vec((0..6_usize, 0..6_usize, skipped), 1..30)
}

/// All that is stored of a device, but for the device's own name.
async fn stored(sender: &Sender<'_>) -> (Head, Vec<FindingRow>, Vec<EventRow>) {
    let filter = FindingFilter {
        device: Some(sender.device),
        ..FindingFilter::within(Scope::Everything)
    };
    let mut findings = sender.store.findings(filter, Paging::first(100)).await.unwrap().rows;
    let mut events = sender
        .store
        .events(sender.device, Paging::first(100))
        .await
        .unwrap()
        .rows;
    let nobody = DeviceId(Uuid::nil());
    for row in &mut findings {
        row.device = nobody;
    }
    findings.sort_by_key(|row| row.finding.id);
    for row in &mut events {
        row.device = nobody;
    }
    let head = sender.store.device(sender.device).await.unwrap().unwrap().head;
    (head, findings, events)
}

pub(super) async fn any_split_and_repetition_gives_the_same_state(store: Arc<dyn Store>) {
    let mut runner = TestRunner::new(Config::default());
    let cases = (proptest::collection::vec(body(), 0..40), deliveries());
    for _ in 0..48 {
        let (bodies, deliveries) = cases.new_tree(&mut runner).unwrap().current();
        let reports = number(Head::START, bodies);
        let head = |seq: usize| head_after(Head::START, &reports[..seq]);

        let whole = Sender::new(&*store).await;
        let ack = whole.reports(Head::START, &reports).await.unwrap().ack;
        assert_eq!(ack, head(reports.len()));

        let parts = Sender::new(&*store).await;
        let mut done = 0;
        for (repeated, new, skipped) in deliveries {
            let from = if skipped > 0 {
                done + skipped
            } else {
                done - repeated.min(done)
            };
            let from = from.min(reports.len());
            let until = (done.max(from) + new).min(reports.len());
            let result = parts.reports(head(from), &reports[from..until]).await;
            if from > done {
                assert_eq!(result, Err(Refusal::Gap(head(done))));
            } else {
                done = done.max(until);
                assert_eq!(result.unwrap().ack, head(done));
            }
        }
        parts.reports(head(done), &reports[done..]).await.unwrap();
        assert_eq!(stored(&parts).await, stored(&whole).await);
    }
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());
}

//! One database writes reports row by row, the other many at a time: both must keep the same of whatever devices send.

use fileward_protocol::report::{Body, Finding, Step};
use fileward_protocol::vocabulary::{FindingState, Severity};
use proptest::prelude::*;

use super::*;
use crate::store::findings::{EventRow, FindingFilter, FindingRow};
use crate::store::work::{Act, Hindrance, Which};
use crate::store::{Paging, Scope};
use crate::testing::{at, finding, head_after, number, put_right};

/// What happens, one after the other.
#[derive(Clone, Debug)]
enum Turn {
    /// The device delivers.
    Reports(Vec<Body>),
    /// Somebody does something with a finding.
    Work(u128, Act),
}

/// The numbers of findings: few, so that they meet again.
const NUMBERS: std::ops::Range<u128> = 1..3;

/// Answers often: most of what is kept depends on how they were judged.
fn state() -> impl Strategy<Value = FindingState> {
    prop_oneof![
        Just(FindingState::Justified),
        Just(FindingState::Open),
        prop::sample::select(FindingState::ALL),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let steps = prop::collection::vec((0..100_i64, state()), 0..3);
    let severity = prop::sample::select(Severity::ALL);
    let found = (NUMBERS, state(), severity, steps).prop_map(|(number, state, severity, steps)| {
        let before = steps
            .into_iter()
            .map(|(seconds, state)| Step { at: at(seconds), state });
        Body::Finding(Box::new(Finding {
            severity,
            before: before.collect(),
            ..finding(number, state)
        }))
    });
    prop_oneof![
        12 => found,
        1 => Just(Body::LedgerRebuilt { former: None }),
        1 => (1..9_u64).prop_map(put_right),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let reason = || "why".to_owned();
    prop::sample::select(vec![
        Act::Acknowledge,
        Act::Comment(reason()),
        Act::Exempt {
            reason: reason(),
            until: None,
        },
        Act::Reopen { reason: reason() },
        Act::Escalate {
            step: 1,
            note: reason(),
        },
        Act::Accept { note: reason() },
        Act::Refuse { reason: reason() },
    ])
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let reports = prop::collection::vec(body(), 1..6).prop_map(Turn::Reports);
    let work = (NUMBERS, act()).prop_map(|(number, act)| Turn::Work(number, act));
    prop::collection::vec(prop_oneof![reports, work], 1..20)
}

/// What a store then tells.
#[derive(Debug, PartialEq)]
struct Told {
    findings: Vec<FindingRow>,
    events: Vec<EventRow>,
    worked: Vec<Result<(), Hindrance>>,
    answer: Taken,
}

async fn told(store: &dyn Store, turns: &[Turn]) -> Told {
    let sender = Sender::new(store).await;
    let mut head = Head::START;
    let mut worked = Vec::new();
    for turn in turns {
        match turn {
            Turn::Reports(bodies) => {
                let reports = number(head, bodies.clone());
                sender.reports(head, &reports).await.unwrap();
                head = head_after(head, &reports);
            }
            Turn::Work(number, act) => {
                let which = Which {
                    device: sender.device,
                    finding: fileward_protocol::ids::FindingId(Uuid::from_u128(*number)),
                };
                let by = By {
                    at: at(500),
                    ..By::command_line()
                };
                worked.extend(store.work(vec![which], act.clone(), by).await.unwrap());
            }
        }
    }
    let mut answer = sender.send(sender.request()).await.unwrap();
    answer.bundle_serial = 0;
    let filter = FindingFilter::within(Scope::Everything);
    let mut findings = store.findings(filter, Paging::first(9)).await.unwrap().rows;
    let mut events = store.events(sender.device, Paging::first(99)).await.unwrap().rows;
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());
    for device in findings
        .iter_mut()
        .map(|row| &mut row.device)
        .chain(events.iter_mut().map(|row| &mut row.device))
    {
        *device = DeviceId(Uuid::nil());
    }
    Told {
        findings,
        events,
        worked,
        answer,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn both_databases_keep_the_same_of_the_same_reports(turns in turns()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = runtime.block_on(async {
            (told(&*sqlite(&folder), &turns).await, told(&*postgres().await, &turns).await)
        });
        prop_assert_eq!(one, other);
    }
}

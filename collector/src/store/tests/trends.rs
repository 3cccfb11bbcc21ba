use fileward_protocol::report::{Body, Finding};
use fileward_protocol::vocabulary::{App, FindingState, Resolution, Sensitivity};

use super::*;
use crate::store::trends::{Flow, RESOLVED_WITHIN, SEEN_WITHIN, Steps};
use crate::testing::{at, finding, number};

const DAY: i64 = 24 * 3600;

/// Finding `number`, first seen and ended so many days after a fixed moment.
fn lasted(number: u128, from: i64, until: Option<i64>) -> Finding {
    let state = until.map_or(FindingState::Open, |_| FindingState::Resolved);
    Finding {
        first_seen: at(from * DAY),
        ended: until.map(|day| at(day * DAY)),
        ..finding(number, state)
    }
}

async fn sent(store: &dyn Store, findings: Vec<Finding>) {
    let bodies = findings.into_iter().map(|finding| Body::Finding(Box::new(finding)));
    let sender = Sender::new(store).await;
    sender.reports(Head::START, &number(Head::START, bodies)).await.unwrap();
}

pub(super) async fn findings_are_counted_as_they_come_and_go(store: Arc<dyn Store>) {
    let findings = vec![
        lasted(1, -9, Some(-8)),
        lasted(2, -9, None),
        lasted(3, -1, Some(1)),
        lasted(4, 0, Some(0)),
        lasted(5, 1, None),
        lasted(6, 2, None),
    ];
    sent(&*store, findings).await;
    let steps = Steps {
        since: at(0),
        step: SignedDuration::from_hours(24),
        count: 2,
    };
    let flow = |came, went, open| Flow { came, went, open };
    let expected = vec![flow(1, 1, 2), flow(1, 1, 2)];
    assert_eq!(store.flow(None, steps).await.unwrap(), expected);
    let nobody = Some(vec!["销售部".to_owned()]);
    assert_eq!(store.flow(nobody, steps).await.unwrap(), vec![Flow::default(); 2]);
}

pub(super) async fn open_findings_are_counted_by_what_they_are_about(store: Arc<dyn Store>) {
    let mut findings = vec![
        lasted(1, 0, None),
        lasted(2, 0, None),
        lasted(3, 0, None),
        lasted(4, 0, Some(1)),
    ];
    findings[0].place.app = None;
    findings[1].file.as_mut().unwrap().sensitivity = Sensitivity::CoreSecret;
    findings[2].file = None;
    sent(&*store, findings).await;
    let standing = store.standing(None).await.unwrap();
    assert_eq!(standing.apps, [(Some(App::Wechat), 2), (None, 1)]);
    assert_eq!(standing.groups, [(None, 3)]);
    let mut grades = standing.sensitivities;
    grades.sort();
    let expected = [
        (None, 1),
        (Some(Sensitivity::Internal), 1),
        (Some(Sensitivity::CoreSecret), 1),
    ];
    assert_eq!(grades, expected);
}

pub(super) async fn what_was_put_right_is_counted_by_the_time_it_took(store: Arc<dyn Store>) {
    let took = |number, duration: SignedDuration| Finding {
        ended: Some(at(0) + duration),
        ..lasted(number, 0, Some(0))
    };
    let mut findings: Vec<_> = (1..)
        .zip(RESOLVED_WITHIN)
        .map(|(number, time)| took(number, time))
        .collect();
    findings.push(took(10, SignedDuration::from_hours(900)));
    findings.push(took(11, SignedDuration::from_hours(900)));
    let rebuilt = Finding {
        resolution: Some(Resolution::LedgerRebuilt),
        ..took(12, SignedDuration::from_mins(1))
    };
    findings.push(rebuilt);
    sent(&*store, findings).await;
    assert_eq!(store.times_to_resolve(None, at(0)).await.unwrap(), [1, 1, 1, 1, 1, 2]);
    let late = at(0) + SignedDuration::from_hours(8);
    assert_eq!(store.times_to_resolve(None, late).await.unwrap(), [0, 1, 1, 1, 1, 2]);
}

pub(super) async fn bound_devices_are_counted_by_version_and_silence(store: Arc<dyn Store>) {
    let store = &*store;
    for (version, group) in [("1.2.0", None), ("1.2.0", Some("销售部")), ("1.1.0", None)] {
        let print = Fingerprint {
            agent_version: version.to_owned(),
            ..Fingerprint::default()
        };
        let token = token(store, group).await;
        store.enrol(enrolment(token, print)).await.unwrap();
    }
    let retired = device(store).await;
    store
        .set_binding(retired, Binding::Retired, By::command_line())
        .await
        .unwrap();
    let fleet = store.fleet(None, Timestamp::now()).await.unwrap();
    assert_eq!(fleet.versions, [("1.2.0".to_owned(), 2), ("1.1.0".to_owned(), 1)]);
    assert_eq!(fleet.seen, [3, 0, 0, 0, 0]);
    let later = Timestamp::now() + SEEN_WITHIN[1] + SignedDuration::from_secs(1);
    let group = Some(vec!["销售部".to_owned()]);
    let fleet = store.fleet(group, later).await.unwrap();
    assert_eq!((fleet.versions.len(), fleet.seen), (1, [0, 0, 1, 0, 0]));
}

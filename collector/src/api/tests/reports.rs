use super::*;
use crate::store::findings::FindingFilter;
use crate::store::work::{Act, Which};
use crate::store::{Page, Paging, findings::FindingRow};
use crate::testing::{found, head_after, number, put_right};
use fileward_protocol::report::{Body, Decided};
use fileward_protocol::vocabulary::{Binding, FindingState, Resolution};

async fn findings(fixture: &Fixture) -> Page<FindingRow> {
    let store = &fixture.collector.store;
    store
        .findings(FindingFilter::default(), Paging::first(100))
        .await
        .unwrap()
}

#[tokio::test]
async fn enrolled_approved_reported_resolved() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let answer = device.send(&device.request()).await.unwrap();
    assert_eq!(answer.ack, Head::START);

    let open = number(Head::START, [found(1, FindingState::Open), put_right(3)]);
    let answer = device.send(&device.delivery(Head::START, &open)).await.unwrap();
    assert_eq!(answer.ack, head_after(Head::START, &open));
    let page = findings(&fixture).await;
    assert_eq!(page.rows[0].finding.state, FindingState::Open);
    assert_eq!(page.rows[0].device, device.enrolled.device);

    let resolved = number(answer.ack, [found(1, FindingState::Resolved)]);
    device.send(&device.delivery(answer.ack, &resolved)).await.unwrap();
    let row = &findings(&fixture).await.rows[0];
    assert_eq!(row.finding.resolution, Some(Resolution::MovedToStore));
    let words: Vec<_> = row.history.iter().map(|row| row.what.word()).collect();
    assert_eq!(words, ["open", "resolved"]);
    assert_eq!(
        fixture.collector.store.verify().await.unwrap().faults,
        Vec::<String>::new()
    );
    fixture.stop().await;
}

#[tokio::test]
async fn a_pending_or_suspended_device_is_thanked_and_nothing_is_kept() {
    let fixture = Fixture::start().await;
    let secret = fixture.token(1, false, SignedDuration::from_hours(1)).await;
    let device = fixture.enrol(&secret).await;
    let reports = number(Head::START, [found(1, FindingState::Open)]);
    let delivery = device.delivery(Head::START, &reports);
    let answer = device.send(&delivery).await.unwrap();
    assert_eq!((answer.binding, answer.ack), (Binding::Pending, Head::START));
    assert_eq!(findings(&fixture).await.total, 0);

    let store = &fixture.collector.store;
    store
        .set_binding(device.enrolled.device, Binding::Bound, By::command_line())
        .await
        .unwrap();
    assert_eq!(device.send(&delivery).await.unwrap().ack.seq, 1);
    store
        .set_binding(device.enrolled.device, Binding::Suspended, By::command_line())
        .await
        .unwrap();
    let ack = head_after(Head::START, &reports);
    let more = number(ack, [found(2, FindingState::Open)]);
    let answer = device.send(&device.delivery(ack, &more)).await.unwrap();
    assert_eq!((answer.binding, answer.ack), (Binding::Suspended, ack));
    assert_eq!(findings(&fixture).await.total, 1);
    fixture.stop().await;
}

#[tokio::test]
async fn a_gap_is_answered_with_what_is_known() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let reports = number(Head::START, [put_right(1), put_right(2), put_right(3)]);
    let first = head_after(Head::START, &reports[..1]);
    let second = head_after(Head::START, &reports[..2]);
    device.send(&device.delivery(Head::START, &reports[..1])).await.unwrap();
    let problem = device.send(&device.delivery(second, &reports[2..])).await.unwrap_err();
    assert_eq!((problem.code, problem.ack), (Code::SequenceGap, Some(first)));
    let answer = device.send(&device.delivery(first, &reports[1..])).await.unwrap();
    assert_eq!(answer.ack, head_after(Head::START, &reports));
    fixture.stop().await;
}

#[tokio::test]
async fn the_same_reports_twice_are_stored_once() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let reports = number(Head::START, (1..=4).map(|n| found(n, FindingState::Open)));
    let all = device.delivery(Head::START, &reports);
    let ack = device.send(&all).await.unwrap().ack;
    assert_eq!(device.send(&all).await.unwrap().ack, ack);
    // A prefix alone is known, too.
    assert_eq!(
        device
            .send(&device.delivery(Head::START, &reports[..2]))
            .await
            .unwrap()
            .ack,
        ack
    );
    assert_eq!(findings(&fixture).await.total, 4);
    fixture.stop().await;
}

#[tokio::test]
async fn other_reports_under_the_same_numbers_show_a_clone() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let mine = number(Head::START, [put_right(1), put_right(2)]);
    let others = number(Head::START, [put_right(1), put_right(99), put_right(3)]);
    device.send(&device.delivery(Head::START, &mine)).await.unwrap();
    for count in [2, 3] {
        let delivery = device.delivery(Head::START, &others[..count]);
        assert_eq!(code(device.send(&delivery).await), Code::CloneSuspected);
    }
    let forged = Head { seq: 2, ..Head::START };
    assert_eq!(
        code(device.send(&device.delivery(forged, &[])).await),
        Code::CloneSuspected
    );
    let row = fixture
        .collector
        .store
        .device(device.enrolled.device)
        .await
        .unwrap()
        .unwrap();
    assert!(row.clone_suspected_at.is_some());
    assert_eq!(row.head, head_after(Head::START, &mine));
    fixture.stop().await;
}

#[tokio::test]
async fn a_ledger_or_a_boot_that_was_followed_by_another_shows_a_clone() {
    let fixture = Fixture::start().await;
    let mut device = fixture.device().await;
    let reports = number(Head::START, [found(1, FindingState::Open)]);
    let ack = device.send(&device.delivery(Head::START, &reports)).await.unwrap().ack;

    let former = device.boot;
    device.boot = Uuid::new_v4();
    device.send(&device.request()).await.unwrap();
    let current = std::mem::replace(&mut device.boot, former);
    assert_eq!(code(device.send(&device.request()).await), Code::CloneSuspected);
    device.boot = current;

    let former = std::mem::take(&mut device.ledger);
    let answer = device.send(&device.request()).await.unwrap();
    assert_eq!(answer.ack, ack);
    let body = Body::LedgerRebuilt { former: Some(former) };
    let rebuilt = number(ack, [body, found(2, FindingState::Open)]);
    device.send(&device.delivery(ack, &rebuilt)).await.unwrap();
    let page = findings(&fixture).await;
    let ended = page
        .rows
        .iter()
        .find(|row| row.finding.state == FindingState::Resolved)
        .unwrap();
    assert_eq!(ended.finding.resolution, Some(Resolution::LedgerRebuilt));
    assert_eq!(
        page.rows
            .iter()
            .filter(|row| row.finding.state == FindingState::Open)
            .count(),
        1
    );

    device.ledger = former;
    assert_eq!(code(device.send(&device.request()).await), Code::CloneSuspected);
    fixture.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_the_time() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    for minutes in [-11, 11] {
        let mut request = device.request();
        request.sent_at += SignedDuration::from_mins(minutes);
        let problem = device.send(&request).await.unwrap_err();
        assert_eq!(problem.code, Code::ClockSkew);
        let told = problem.server_time.unwrap();
        assert!(Timestamp::now().duration_since(told).abs() < SignedDuration::from_mins(1));
    }
    fixture.stop().await;
}

#[tokio::test]
async fn a_decision_reaches_the_device_until_it_was_applied() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let reports = number(Head::START, [found(1, FindingState::Open)]);
    let ack = device.send(&device.delivery(Head::START, &reports)).await.unwrap().ack;
    let id = findings(&fixture).await.rows[0].finding.id;
    let reason = "展会资料".to_owned();
    let store = &fixture.collector.store;
    let which = Which {
        device: device.enrolled.device,
        finding: id,
    };
    let exempt = Act::Exempt {
        reason: reason.clone(),
        until: None,
    };
    let done = store.work(vec![which], exempt, By::command_line()).await.unwrap();
    assert_eq!(done, [Ok(())]);
    let decisions = device.send(&device.delivery(ack, &[])).await.unwrap().decisions;
    assert_eq!((decisions[0].finding, decisions[0].what), (id, Decided::Exempted));
    assert_eq!(decisions[0].reason, reason);
    let mut applied = device.delivery(ack, &[]);
    applied.decisions_after = decisions[0].id;
    assert_eq!(device.send(&applied).await.unwrap().decisions, []);
    fixture.stop().await;
}

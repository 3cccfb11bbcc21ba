use fileward_protocol::report::Finding;
use fileward_protocol::vocabulary::{App, FindingState, PlaceKind, Resolution, Rule};

use super::work::{Desk, accept, answered, exempt, refuse};
use super::*;
use crate::store::findings::FindingFilter;
use crate::store::work::{REPEATS_WITHIN, Tally};
use crate::store::{Order, Paging};
use crate::testing::{at, finding};

pub(super) async fn a_repeat_counts_what_stands_and_what_was_put_right(store: Arc<dyn Store>) {
    let long_ago = -REPEATS_WITHIN.as_secs();
    let seen = |number: u128, seconds: i64, state| Finding {
        first_seen: at(seconds),
        ..finding(number, state)
    };
    let mut desk = Desk::new(
        &*store,
        [
            seen(1, long_ago, FindingState::Open),
            seen(2, 1, FindingState::Resolved),
            seen(3, 2, FindingState::Open),
            Finding {
                rule: Rule::PersonalCloud,
                ..seen(4, 3, FindingState::Open)
            },
            Finding {
                resolution: Some(Resolution::NoLongerApplies),
                ..seen(5, 3, FindingState::Resolved)
            },
            answered(6, Resolution::PrivateFile),
            seen(7, 5, FindingState::Open),
            seen(8, 6, FindingState::Open),
        ],
    )
    .await;
    let other = Desk::new(&*store, [seen(7, 5, FindingState::Open)]).await;
    let repeat = async |desk: &Desk<'_>, number| store.repeat(desk.which(number)).await.unwrap();
    assert_eq!(repeat(&desk, 1).await, 1);
    assert_eq!(repeat(&desk, 2).await, 1, "what is older than the window is forgotten");
    assert_eq!(repeat(&desk, 3).await, 2);
    assert_eq!(repeat(&desk, 4).await, 1, "another rule");
    assert_eq!(repeat(&desk, 7).await, 3, "no excuse counts, nor what ended by itself");
    assert_eq!(repeat(&other, 7).await, 1, "another device");
    desk.act(3, exempt(None)).await.unwrap();
    assert_eq!(repeat(&desk, 7).await, 2);
    desk.act(6, refuse()).await.unwrap();
    assert_eq!(repeat(&desk, 7).await, 3, "an answer that was refused counts");
    assert_eq!(repeat(&desk, 9).await, 0, "there is none");
    desk.report([answered(10, Resolution::FalseAlarm)]).await;
    desk.act(10, accept()).await.unwrap();
    let deleted = Finding {
        resolution: Some(Resolution::Deleted),
        ..finding(10, FindingState::Resolved)
    };
    desk.report([deleted]).await;
    assert_eq!(
        repeat(&desk, 7).await,
        3,
        "an accepted false alarm is none, also once the file is gone"
    );
}

pub(super) async fn findings_that_are_alike_are_one_group(store: Arc<dyn Store>) {
    let qq = |number, state| {
        let mut finding = finding(number, state);
        finding.place.app = Some(App::Qq);
        finding
    };
    let desk = Desk::new(
        &*store,
        [
            finding(1, FindingState::Open),
            qq(2, FindingState::Open),
            qq(3, FindingState::Resolved),
            qq(4, FindingState::Open),
        ],
    )
    .await;
    let page = store
        .repeats(
            FindingFilter::within(crate::store::Scope::Everything),
            Order::default(),
            Paging::first(1),
        )
        .await
        .unwrap();
    assert_eq!((page.total, page.rows.len()), (2, 1));
    let group = &page.rows[0];
    assert_eq!((group.device, group.rule), (desk.sender.device, Rule::OutsideStore));
    assert_eq!((group.place, group.app), (PlaceKind::ChatCache, Some(App::Qq)));
    assert_eq!((group.count, group.active, group.last), (3, 2, at(4)));
    let open = FindingFilter {
        state: Some(FindingState::Open),
        app: Some(App::Qq),
        ..FindingFilter::within(crate::store::Scope::Everything)
    };
    let page = store.repeats(open, Order::default(), Paging::first(9)).await.unwrap();
    assert_eq!((page.total, page.rows[0].count), (1, 2));
}

pub(super) async fn precision_counts_each_finding_once(store: Arc<dyn Store>) {
    let ended = |number, resolution| Finding {
        resolution: Some(resolution),
        ..finding(number, FindingState::Resolved)
    };
    let mut desk = Desk::new(
        &*store,
        [
            ended(1, Resolution::Encrypted),
            ended(2, Resolution::NoLongerApplies),
            answered(3, Resolution::Justification),
            answered(4, Resolution::PrivateFile),
            answered(5, Resolution::FalseAlarm),
            answered(6, Resolution::FalseAlarm),
            answered(7, Resolution::PrivateFile),
            answered(8, Resolution::PrivateFile),
            finding(9, FindingState::Open),
        ],
    )
    .await;
    for number in [3, 4, 5] {
        desk.act(number, accept()).await.unwrap();
    }
    for number in [6, 7] {
        desk.act(number, refuse()).await.unwrap();
    }
    // Refused and then put right: one finding. A false alarm that was deleted later: still one.
    desk.report([ended(7, Resolution::MovedToStore), ended(5, Resolution::Deleted)])
        .await;
    let rows = store.precision().await.unwrap();
    let expected = Tally {
        put_right: 2,
        justified: 1,
        refused: 1,
        private: 1,
        false_alarm: 1,
        undecided: 3,
    };
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].rule, rows[0].app), (Rule::OutsideStore, Some(App::Wechat)));
    assert_eq!(rows[0].tally, expected);
    assert_eq!((expected.findings(), expected.precision()), (9, Some(66)));
    assert_eq!(Tally::default().precision(), None, "nobody can say yet");
}

use fileward_protocol::vocabulary::{FindingState, Language, Severity};

use super::*;
use crate::store::audit::Action;
use crate::store::targets::{About, Form, Letter, Mark, Settled, Subject, Target, TargetId, TargetKind, Wanted};
use crate::store::work::{Act, Which};
use crate::store::{Paging, StoreError};
use crate::testing::{at, finding, found, number};

fn target(name: &str) -> Target {
    Target {
        id: TargetId(Uuid::new_v4()),
        name: name.to_owned(),
        kind: TargetKind::Webhook,
        address: "https://siem.example/…".to_owned(),
        wanted: Wanted {
            form: Form::Ocsf,
            from: Severity::Low,
            language: Language::En,
            card: false,
            file_names: false,
            authorities: None,
        },
    }
}

async fn add(store: &dyn Store, name: &str, everything: bool) -> TargetId {
    let target = target(name);
    let id = target.id;
    store.add_target(target, everything, By::command_line()).await.unwrap();
    id
}

fn marks(letters: &[Letter]) -> Vec<Mark> {
    letters.iter().map(|letter| letter.mark).collect()
}

/// What waits, and takes it.
async fn take(store: &dyn Store, id: TargetId) -> Vec<Letter> {
    let letters = store.letters(id, 1000).await.unwrap();
    store.settle(id, marks(&letters), Settled::Taken, at(0)).await.unwrap();
    letters
}

fn told(letters: &[Letter]) -> Vec<(u128, FindingState)> {
    let findings = letters.iter().filter_map(|letter| match &letter.subject {
        Subject::Finding(row) => Some((row.finding.id.0.as_u128(), row.finding.state)),
        Subject::Device(_) | Subject::Audit(_) => None,
    });
    findings.collect()
}

pub(super) async fn a_target_is_told_what_changes_and_again_what_changes_later(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let before = number(Head::START, [found(1, FindingState::Open)]);
    let ack = sender.reports(Head::START, &before).await.unwrap().ack;
    let all = add(store, "all", true).await;
    let new = add(store, "new", false).await;
    assert_eq!(told(&take(store, new).await), [], "it was there before");
    assert_eq!(told(&take(store, all).await), [(1, FindingState::Open)]);

    let more = number(ack, [found(2, FindingState::Open), found(1, FindingState::Resolved)]);
    let ack = sender.reports(ack, &more).await.unwrap().ack;
    let letters = store.letters(new, 1000).await.unwrap();
    let changed = [(2, FindingState::Open), (1, FindingState::Resolved)];
    assert_eq!(told(&letters), changed);
    assert_eq!(
        store.letters(new, 1000).await.unwrap(),
        letters,
        "again, until it is taken"
    );
    store
        .settle(new, marks(&letters[..1]), Settled::Taken, at(0))
        .await
        .unwrap();
    assert_eq!(told(&take(store, new).await), changed[1..], "from where it was taken");

    store
        .settle(new, marks(&letters[..1]), Settled::Passed, at(0))
        .await
        .unwrap();
    assert_eq!(
        store.letters(new, 1000).await.unwrap(),
        [],
        "what was settled late moves nothing back"
    );

    let same = number(ack, [found(2, FindingState::Open)]);
    sender.reports(ack, &same).await.unwrap();
    assert_eq!(told(&take(store, new).await), [], "nothing changed");
    let id = finding(2, FindingState::Open).id;
    let which = Which {
        device: sender.device,
        finding: id,
    };
    let exempt = Act::Exempt {
        reason: "why".to_owned(),
        until: None,
    };
    for outcome in store.work(vec![which], exempt, By::user("li")).await.unwrap() {
        outcome.unwrap();
    }
    let letters = take(store, new).await;
    assert_eq!(told(&letters), [(2, FindingState::Exempted)]);
    let Some(Subject::Audit(line)) = letters.last().map(|letter| &letter.subject) else {
        panic!("the decision is in the audit trail: {letters:?}");
    };
    assert_eq!(line.action, Action::FindingExempted);
    assert_eq!(
        told(&take(store, all).await).len(),
        2,
        "each at its own pace, each row as it stands"
    );
}

pub(super) async fn devices_are_told_when_somebody_decides_about_them(store: Arc<dyn Store>) {
    let store = &*store;
    let target = add(store, "siem", false).await;
    take(store, target).await;
    let id = device(store).await;
    let about = |letters: Vec<Letter>| {
        let devices = letters.into_iter().filter_map(|letter| match letter.subject {
            Subject::Device(row) => Some((row.id, row.binding)),
            Subject::Finding(_) | Subject::Audit(_) => None,
        });
        devices.collect::<Vec<_>>()
    };
    assert_eq!(about(take(store, target).await), [(id, Binding::Bound)]);
    let sender = Sender {
        store,
        device: id,
        ledger: LedgerId::new(),
        boot: Uuid::new_v4(),
    };
    sender.reports(Head::START, &[]).await.unwrap();
    assert_eq!(about(take(store, target).await), [], "contact alone is nothing to tell");
    store.set_binding(id, Binding::Suspended, By::user("li")).await.unwrap();
    assert_eq!(about(take(store, target).await), [(id, Binding::Suspended)]);
}

pub(super) async fn what_was_refused_is_listed_and_sent_again_when_somebody_wants_it(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let id = add(store, "siem", false).await;
    take(store, id).await;
    let reports = number(
        Head::START,
        [found(1, FindingState::Open), found(2, FindingState::Open)],
    );
    sender.reports(Head::START, &reports).await.unwrap();
    let letters = store.letters(id, 1000).await.unwrap();
    let refused = Settled::Refused("it answered with HTTP status 400".to_owned());
    store.settle(id, marks(&letters), refused, at(5)).await.unwrap();
    assert_eq!(store.letters(id, 1000).await.unwrap(), [], "it goes on with the next");
    let failed = store.failed(Some("siem".to_owned()), Paging::first(9)).await.unwrap();
    assert_eq!(failed.total, 2);
    assert_eq!(
        (failed.rows[0].about, failed.rows[0].again, failed.rows[0].at),
        (About::Finding, false, at(5))
    );
    let nudge = store.targets().await.unwrap()[0].nudge;
    assert_eq!(store.retry("siem".to_owned(), By::command_line()).await.unwrap(), 2);
    assert!(store.targets().await.unwrap()[0].nudge > nudge);
    let again = store.letters(id, 1000).await.unwrap();
    assert_eq!(told(&again), told(&letters));
    assert!(again.iter().all(|letter| letter.mark.after.is_none()));
    take(store, id).await;
    assert_eq!(store.failed(None, Paging::first(9)).await.unwrap().total, 0);
    let lines = take(store, id).await;
    assert_eq!(told(&lines), [], "only the line about the retry is left");
}

pub(super) async fn a_removed_target_leaves_nothing_behind(store: Arc<dyn Store>) {
    let store = &*store;
    device(store).await;
    let id = add(store, "siem", true).await;
    let refused = Settled::Refused("no".to_owned());
    let letters = store.letters(id, 1000).await.unwrap();
    store.settle(id, marks(&letters), refused.clone(), at(0)).await.unwrap();
    let twice = store.add_target(target("siem"), false, By::command_line()).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    assert_eq!(
        store
            .remove_target("siem".to_owned(), By::command_line())
            .await
            .unwrap(),
        id
    );
    // What was on its way when it was removed.
    store.settle(id, marks(&letters), refused, at(0)).await.unwrap();
    assert_eq!(store.targets().await.unwrap(), []);
    assert_eq!(store.failed(None, Paging::first(9)).await.unwrap().total, 0);
    let gone = store.retry("siem".to_owned(), By::command_line()).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
}

pub(super) async fn what_was_purged_is_told_to_nobody(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    let id = add(store, "siem", true).await;
    let reports = number(
        Head::START,
        [found(1, FindingState::Resolved), found(2, FindingState::Open)],
    );
    sender.reports(Head::START, &reports).await.unwrap();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    store.purge(later.into(), By::command_line()).await.unwrap();
    assert_eq!(told(&take(store, id).await), [(2, FindingState::Open)]);
}

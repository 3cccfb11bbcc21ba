use fileward_protocol::vocabulary::FindingState;

use super::filings::{self, account};
use super::work::Desk;
use super::*;
use crate::store::audit::AuditFilter;
use crate::store::corrections::{About, Correction, CorrectionFilter, Decision, Stage};
use crate::store::filings::Earnest;
use crate::store::{Paging, StoreError};
use crate::testing::finding;

pub(super) fn correction(about: About) -> Correction {
    Correction {
        about,
        person: "员工甲".to_owned(),
        wrong: "不是我的电脑".to_owned(),
        wanted: "改为员工乙".to_owned(),
        reason: "十月已交还".to_owned(),
        not_theirs: String::new(),
        theirs: String::new(),
    }
}

async fn about(store: &dyn Store, about: Option<About>) -> Vec<u64> {
    let filter = CorrectionFilter {
        about,
        ..CorrectionFilter::default()
    };
    let page = store.corrections(filter, Paging::first(9)).await.unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

pub(super) async fn a_correction_is_decided_once_and_its_words_stay_out_of_the_trail(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    let (device, which) = (desk.sender.device, desk.which(1));
    let first = correction(About::Finding(which));
    let one = store.ask_correction(first.clone(), By::user("li")).await.unwrap();
    let two = store
        .ask_correction(correction(About::Device(device)), By::user("li"))
        .await
        .unwrap();
    assert_eq!(about(&*store, Some(About::Device(device))).await, [one, two]);
    assert_eq!(about(&*store, Some(About::Finding(which))).await, [one]);
    let decide = |answer: &str| store.decide_correction(one, Decision::Accept, answer.to_owned(), By::user("han"));
    assert!(
        matches!(decide(" ").await, Err(StoreError::Conflict(_))),
        "without an answer"
    );
    decide("已注明").await.unwrap();
    assert!(
        matches!(decide("again").await, Err(StoreError::Conflict(_))),
        "decided already"
    );
    let row = store.correction(one).await.unwrap().unwrap();
    let decided = row.decided.unwrap();
    assert_eq!((row.asked, row.stage), (first, Stage::Accepted));
    assert_eq!((decided.by.as_str(), decided.answer.as_str()), ("user han", "已注明"));
    assert_eq!(about(&*store, None).await, [two, one], "what waits comes first");
    let trail = store
        .audit(AuditFilter::default(), Paging::first(3))
        .await
        .unwrap()
        .rows;
    let done: Vec<_> = trail.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(done, ["correction_accepted", "correction_asked", "correction_asked"]);
    assert_eq!(trail[0].detail, About::Finding(which).to_string());
}

pub(super) async fn a_wrong_owner_in_a_register_is_changed_when_it_is_accepted(store: Arc<dyn Store>) {
    let filed = vec![filings::new(account("wxid_a"))];
    store.file(filed, Earnest::Do, By::command_line()).await.unwrap();
    let id = filings::all(&*store).await[0].id;
    let mut wanted = correction(About::Filing(id));
    "员工甲".clone_into(&mut wanted.theirs);
    let one = store.ask_correction(wanted.clone(), By::user("li")).await.unwrap();
    let two = store.ask_correction(wanted.clone(), By::user("li")).await.unwrap();
    let row = store.correction(one).await.unwrap().unwrap();
    assert_eq!(row.asked.not_theirs, "员工乙", "the owner as it stood");
    let decide = |id, decision| store.decide_correction(id, decision, "核对无误".to_owned(), By::user("han"));
    decide(one, Decision::Refuse).await.unwrap();
    assert_eq!(store.filing(id).await.unwrap().unwrap().owner, "员工乙");
    decide(two, Decision::Accept).await.unwrap();
    assert_eq!(store.filing(id).await.unwrap().unwrap().owner, "员工甲");
    let three = store.ask_correction(wanted, By::user("li")).await.unwrap();
    store.end_filing(id, String::new(), By::command_line()).await.unwrap();
    assert!(matches!(
        decide(three, Decision::Accept).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(
        store.correction(three).await.unwrap().unwrap().stage,
        Stage::Asked,
        "nothing was done, nothing is said to be"
    );
}

pub(super) async fn only_what_is_there_can_be_corrected(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, []).await;
    for strange in [
        About::Device(DeviceId::new()),
        About::Finding(desk.which(1)),
        About::Filing(7),
    ] {
        let asked = store.ask_correction(correction(strange), By::command_line()).await;
        assert!(matches!(asked, Err(StoreError::NotFound { .. })), "{strange}");
    }
    let mut empty = correction(About::Device(desk.sender.device));
    empty.reason.clear();
    let asked = store.ask_correction(empty, By::command_line()).await;
    assert!(matches!(asked, Err(StoreError::Conflict(_))));
}

pub(super) async fn a_purge_takes_what_is_decided_and_leaves_what_waits_with_its_finding(store: Arc<dyn Store>) {
    let states = [1, 2].map(|number| finding(number, FindingState::Resolved));
    let desk = Desk::new(&*store, states).await;
    let ask = |about| store.ask_correction(correction(about), By::command_line());
    let waits = ask(About::Finding(desk.which(1))).await.unwrap();
    let decided = ask(About::Device(desk.sender.device)).await.unwrap();
    let answer = "done".to_owned();
    store
        .decide_correction(decided, Decision::Refuse, answer, By::command_line())
        .await
        .unwrap();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let purged = store.purge(later.into(), By::command_line()).await.unwrap();
    assert_eq!((purged.findings, purged.corrections), (1, 1));
    assert_eq!(about(&*store, None).await, [waits]);
    let answer = "done".to_owned();
    store
        .decide_correction(waits, Decision::Accept, answer, By::command_line())
        .await
        .unwrap();
    let purged = store.purge(later.into(), By::command_line()).await.unwrap();
    assert_eq!(purged.findings, 1);
    assert!(about(&*store, None).await.is_empty());
}

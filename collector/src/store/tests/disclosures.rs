use std::collections::BTreeSet;

use fileward_protocol::disclosure::{Disclosed, Disclosure, Office, OpenWord};
use fileward_protocol::vocabulary::{FindingState, Resolution};

use super::work::{Desk, accept, answered, user};
use super::*;
use crate::store::Actor;
use crate::store::Paging;
use crate::store::audit::{Action, AuditEntry, AuditFilter};
use crate::store::disclosures::Viewed;
use crate::store::looks::{LOOK_LASTS, Look, Purpose};
use crate::store::people::Role;
use crate::store::work::Act;
use crate::testing::finding;

fn look(note: &str) -> Look {
    Look {
        purpose: Purpose::Incident,
        note: note.to_owned(),
    }
}

fn by(name: &str, at: Timestamp) -> By {
    let actor = Actor::User(name.to_owned());
    By { actor, at }
}

/// What the device is told after a number, at a time.
async fn told(sender: &Sender<'_>, after: u64, now: Timestamp) -> Vec<Disclosure> {
    let mut request = sender.request();
    request.disclosures_after = Some(after);
    request.sent_at = now;
    let delivery = Delivery::read(request, now).unwrap();
    let taken = sender.store.take(sender.device, delivery, now).await.unwrap().unwrap();
    taken.disclosures
}

fn words(told: &[Disclosure]) -> Vec<String> {
    told.iter().map(|one| one.what.to_string()).collect()
}

pub(super) async fn a_look_is_told_with_its_role_and_purpose_and_without_a_name(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    let sender = &desk.sender;
    user(&*store, "han", Role::SecurityOfficer).await;
    let now = Timestamp::now();
    let which = desk.which(1);
    let views = [
        Viewed::Finding(which, look("票据 17")),
        Viewed::OfDevice(sender.device, look(""), "3 shown".to_owned()),
    ];
    for viewed in views {
        store.looked(viewed, by("han", now)).await.unwrap();
    }
    let told = told(sender, 0, now).await;
    assert_eq!(words(&told), ["looked", "looked"]);
    for one in &told {
        assert_eq!(one.role, Some(OpenWord::Known(Office::SecurityOfficer)));
        assert_eq!(one.purpose, Some(OpenWord::Known(Purpose::Incident)));
        assert_eq!(one.at.as_microsecond(), now.as_microsecond());
    }
    let about: Vec<_> = told.iter().map(|one| (one.finding, one.text.as_deref())).collect();
    assert_eq!(about, [(Some(which.finding), Some("票据 17")), (None, None)]);
    assert!(
        !serde_json::to_string(&told).unwrap().contains("han"),
        "the name stays here"
    );
    let trail = store
        .audit(AuditFilter::default(), Paging::first(2))
        .await
        .unwrap()
        .rows;
    let noted: Vec<_> = trail.iter().map(|row| (row.action, row.actor.as_str())).collect();
    assert_eq!(
        noted,
        [
            (Action::FindingsListed, "user han"),
            (Action::FindingViewed, "user han")
        ]
    );
}

pub(super) async fn a_look_is_told_once_while_its_purpose_holds(store: Arc<dyn Store>) {
    let desk = Desk::new(
        &*store,
        [finding(1, FindingState::Open), finding(2, FindingState::Open)],
    )
    .await;
    for name in ["han", "li"] {
        user(&*store, name, Role::SecurityOfficer).await;
    }
    let now = Timestamp::now();
    let later = now + LOOK_LASTS;
    for (number, name, note, at) in [
        (1, "han", "", now),
        (1, "han", "", now),
        (2, "han", "", now),
        (1, "li", "", now),
        (1, "han", "x", now),
        (1, "han", "", later),
    ] {
        let viewed = Viewed::Finding(desk.which(number), look(note));
        store.looked(viewed, by(name, at)).await.unwrap();
    }
    assert_eq!(told(&desk.sender, 0, later).await.len(), 5, "all but the second");
}

pub(super) async fn what_is_done_is_told_and_what_is_for_the_company_alone_is_not(store: Arc<dyn Store>) {
    let findings = [finding(1, FindingState::Open), answered(2, Resolution::FalseAlarm)];
    let desk = Desk::new(&*store, findings).await;
    user(&*store, "li", Role::Administrator).await;
    let note = "for the company alone".to_owned();
    for (number, act) in [
        (1, Act::Acknowledge),
        (1, Act::Comment(note.clone())),
        (1, Act::Assign(Some("li".to_owned()))),
        (
            1,
            Act::Escalate {
                step: 2,
                note: note.clone(),
            },
        ),
        (2, accept()),
    ] {
        desk.act(number, act).await.unwrap();
    }
    let told = told(&desk.sender, 0, Timestamp::now()).await;
    assert_eq!(words(&told), ["acknowledged", "escalated", "answer_accepted"]);
    let step = told[1].step.clone().unwrap();
    assert_eq!((step.zh_cn.as_str(), step.en.as_str()), ("警告", "Warning"));
    assert_eq!(told[2].finding, Some(desk.which(2).finding));
    assert!(
        told.iter()
            .all(|one| one.role == Some(OpenWord::Known(Office::Administrator)))
    );
    assert!(!serde_json::to_string(&told).unwrap().contains(&note));
}

pub(super) async fn exports_and_lists_over_many_devices_are_told_once_a_day_as_a_number(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    let other = Sender::new(&*store).await;
    user(&*store, "han", Role::SecurityOfficer).await;
    let now = Timestamp::now();
    let both: BTreeSet<_> = [sender.device, other.device].into();
    for _ in 0..3 {
        let viewed = Viewed::OfMany([sender.device].into(), String::new());
        store.looked(viewed, by("han", now)).await.unwrap();
    }
    let entry = AuditEntry {
        by: By {
            actor: Actor::CommandLine,
            at: now,
        },
        action: Action::Exported,
        subject: "csv".to_owned(),
        detail: String::new(),
    };
    store.exported(entry, both).await.unwrap();
    assert_eq!(told(&sender, 0, now).await, [], "the day is not over");
    let tomorrow = now + SignedDuration::from_hours(24);
    let counted = told(&sender, 0, tomorrow).await;
    let counts: Vec<_> = counted
        .iter()
        .map(|one| {
            (
                one.what.known().copied().unwrap(),
                one.role.as_ref().unwrap().to_string(),
                one.count.unwrap(),
            )
        })
        .collect();
    let expected = [
        (Disclosed::Exported, "command_line".to_owned(), 1),
        (Disclosed::Listed, "security_officer".to_owned(), 3),
    ];
    assert_eq!(counts, expected);
    assert_eq!(told(&sender, 0, tomorrow).await, counted, "the same numbers again");
    assert_eq!(words(&told(&other, 0, tomorrow).await), ["exported"]);
}

pub(super) async fn disclosures_are_told_in_order_to_their_device_and_to_no_agent_that_does_not_know_them(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    let other = Sender::new(&*store).await;
    user(&*store, "han", Role::Auditor).await;
    let now = Timestamp::now();
    for number in 0..103 {
        let viewed = Viewed::Finding(desk.which(1), look(&number.to_string()));
        store.looked(viewed, by("han", now)).await.unwrap();
    }
    let first = told(&desk.sender, 0, now).await;
    let rest = told(&desk.sender, first.last().unwrap().id, now).await;
    assert_eq!((first.len(), rest.len()), (100, 3));
    assert!(first.iter().chain(&rest).is_sorted_by_key(|one| one.id));
    assert_eq!(told(&other, 0, now).await, []);
    let mut earlier = desk.sender.request();
    earlier.disclosures_after = None;
    assert_eq!(desk.sender.send(earlier).await.unwrap().disclosures, []);
}

pub(super) async fn disclosures_are_kept_as_long_as_may_be_and_not_longer(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    let now = Timestamp::now();
    let hour = SignedDuration::from_hours(1);
    for at in [now - hour, now + hour] {
        let viewed = Viewed::Finding(desk.which(1), look(""));
        store
            .looked(
                viewed,
                By {
                    actor: Actor::CommandLine,
                    at,
                },
            )
            .await
            .unwrap();
    }
    store.purge(now.into(), By::command_line()).await.unwrap();
    let left = told(&desk.sender, 0, now).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].at > now);
}

pub(super) async fn every_role_is_one_that_devices_have_words_for(store: Arc<dyn Store>) {
    for role in Role::ALL {
        assert!(role.as_str().parse::<Office>().is_ok(), "{role}");
    }
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    desk.act(1, super::work::exempt(None)).await.unwrap();
    let decision = &desk.decisions().await[0];
    assert_eq!(decision.role, None, "nobody of this name is known");
    assert!(decision.at.is_some());
}

use fileward_protocol::vocabulary::FindingState;

use super::corrections::correction;
use super::work::{Desk, user};
use super::*;
use crate::store::audit::{Action, AuditFilter, AuditRow};
use crate::store::corrections::About;
use crate::store::erasures::former;
use crate::store::findings::{FindingFilter, Happened};
use crate::store::holds::Held;
use crate::store::people::Role;
use crate::store::policies::Publication;
use crate::store::work::Act;
use crate::store::{Paging, Scope, StoreError};
use crate::testing::{finding, found, number, put_right};

async fn last_line(store: &dyn Store) -> AuditRow {
    let page = store.audit(AuditFilter::default(), Paging::first(1)).await.unwrap();
    page.rows.into_iter().next().unwrap()
}

async fn findings(store: &dyn Store) -> u64 {
    let all = FindingFilter::within(Scope::Everything);
    store.findings(all, Paging::first(9)).await.unwrap().total
}

async fn retire(store: &dyn Store, id: DeviceId) {
    store
        .set_binding(id, Binding::Retired, By::command_line())
        .await
        .unwrap();
}

fn why() -> String {
    "sold".to_owned()
}

pub(super) async fn a_retired_device_is_deleted_with_everything_of_it_and_nothing_of_another(store: Arc<dyn Store>) {
    let (stays, gone) = (Sender::new(&*store).await, Sender::new(&*store).await);
    for sender in [&gone, &stays] {
        let reports = number(Head::START, [found(1, FindingState::Open), put_right(3)]);
        sender.reports(Head::START, &reports).await.unwrap();
    }
    let about = correction(About::Device(gone.device));
    store.ask_correction(about, By::command_line()).await.unwrap();
    let erase = |reason: &str| store.erase_device(gone.device, reason.to_owned(), By::user("li"));
    assert!(
        matches!(erase("sold").await, Err(StoreError::Conflict(_))),
        "it is bound"
    );
    retire(&*store, gone.device).await;
    assert!(
        matches!(erase("  ").await, Err(StoreError::Conflict(_))),
        "without a reason"
    );
    let erased = erase("sold").await.unwrap();
    assert_eq!((erased.findings, erased.deliveries, erased.events), (1, 1, 1));
    assert_eq!((erased.fingerprints, erased.corrections), (1, 1));
    assert_eq!(store.device(gone.device).await.unwrap(), None);
    assert!(store.device(stays.device).await.unwrap().is_some());
    assert_eq!(findings(&*store).await, 1);
    let line = last_line(&*store).await;
    assert_eq!(
        (line.action, line.subject),
        (Action::DeviceErased, gone.device.to_string())
    );
    assert!(line.detail.starts_with("1 findings, 1 deliveries") && line.detail.ends_with(": sold"));
    assert!(matches!(erase("sold").await, Err(StoreError::NotFound { .. })));
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());
    // Whatever number the next one gets, nothing of the former is its.
    let next = Sender::new(&*store).await;
    assert_eq!(store.fingerprints(next.device).await.unwrap().len(), 1);
    assert_eq!(findings(&*store).await, 1);
}

pub(super) async fn what_a_case_needs_is_not_deleted(store: Arc<dyn Store>) {
    let id = device(&*store).await;
    store
        .set_group(id, Some("sales".to_owned()), By::command_line())
        .await
        .unwrap();
    retire(&*store, id).await;
    user(&*store, "li", Role::HeadOfDepartment).await;
    let li = store.user("li".to_owned()).await.unwrap().unwrap().id;
    let groups = vec!["sales".to_owned()];
    store.set_groups(li, groups, By::command_line()).await.unwrap();
    store.set_disabled(li, true, By::command_line()).await.unwrap();
    for held in [Held::Everything, Held::Group("sales".to_owned()), Held::Device(id)] {
        let keeps_li = !matches!(held, Held::Device(_));
        let hold = store.hold("case 7".to_owned(), held, By::command_line()).await.unwrap();
        let refused = store.erase_device(id, why(), By::command_line()).await;
        assert!(matches!(refused, Err(StoreError::Conflict(ref why)) if why.contains("case 7")));
        if keeps_li {
            let refused = store.erase_user(li, why(), By::command_line()).await;
            assert!(matches!(refused, Err(StoreError::Conflict(ref why)) if why.contains("case 7")));
        }
        store.end_hold(hold, By::command_line()).await.unwrap();
    }
    let other = Held::Group("finance".to_owned());
    store
        .hold("case 8".to_owned(), other, By::command_line())
        .await
        .unwrap();
    store.erase_device(id, why(), By::command_line()).await.unwrap();
    store.erase_user(li, why(), By::command_line()).await.unwrap();
}

pub(super) async fn a_disabled_user_is_deleted_and_a_number_stands_where_the_name_stood(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    user(&*store, "li", Role::SecurityOfficer).await;
    let id = store.user("li".to_owned()).await.unwrap().unwrap().id;
    desk.act(1, Act::Comment("to be seen to".to_owned())).await.unwrap();
    desk.act(1, Act::Assign(Some("li".to_owned()))).await.unwrap();
    let publication = Publication {
        document: "format = 1".to_owned(),
        why: "first".to_owned(),
        groups: Vec::new(),
    };
    store.publish_policy(publication, By::user("li")).await.unwrap();
    let erase = || store.erase_user(id, "left".to_owned(), By::command_line());
    assert!(matches!(erase().await, Err(StoreError::Conflict(_))), "not disabled");
    store.set_disabled(id, true, By::command_line()).await.unwrap();
    let erased = erase().await.unwrap();
    assert_eq!(erased.unassigned, 1);
    assert_eq!(store.user_by_id(id).await.unwrap(), None);
    let which = desk.which(1);
    let row = store.finding(which.device, which.finding).await.unwrap().unwrap();
    assert_eq!(row.handling.assignee, None);
    for step in &row.history {
        if let Happened::Worked { by, detail, .. } = &step.what {
            assert_eq!(*by, former(id));
            assert!(detail != "li", "nor to whom it was given");
        }
    }
    assert_eq!(store.policy(None).await.unwrap().unwrap().published_by, former(id));
    let line = last_line(&*store).await;
    assert_eq!((line.action, line.subject.as_str()), (Action::UserErased, "li"));
    assert!(
        line.detail.contains(&former(id)) && line.detail.ends_with(": left"),
        "{}",
        line.detail
    );
    user(&*store, "li", Role::Auditor).await;
    assert_ne!(store.user("li".to_owned()).await.unwrap().unwrap().id, id);
    assert_eq!(store.verify().await.unwrap().faults, Vec::<String>::new());
}

use super::*;
use crate::store::Paging;
use crate::store::StoreError;
use crate::store::audit::{Action, AuditFilter};
use crate::store::people::{Entry, NewUser, Role};
use crate::store::policies::{Draft, Publication, Reach};

fn publication(document: &str, groups: &[&str]) -> Publication {
    Publication {
        document: document.to_owned(),
        why: format!("because of {document}"),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

async fn publish(store: &dyn Store, document: &str, groups: &[&str]) -> u64 {
    store
        .publish_policy(publication(document, groups), By::user("officer"))
        .await
        .unwrap()
}

async fn member(store: &dyn Store, group: &str) -> DeviceId {
    let token = token(store, Some(group)).await;
    let enrolment = enrolment(token, Fingerprint::default());
    let Enrolled::Yes(device, _) = store.enrol(enrolment).await.unwrap() else {
        panic!("not enrolled");
    };
    device
}

/// The version and the serial of a device's bundle.
async fn bundle(store: &dyn Store, device: DeviceId) -> (u64, u64) {
    let parts = store.bundle_parts(device).await.unwrap();
    (parts.policy.version, parts.serial)
}

async fn hinders(store: &dyn Store, publication: Publication) -> String {
    match store.publish_policy(publication, By::user("officer")).await {
        Err(StoreError::Conflict(why)) => why,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_trial_reaches_its_groups_alone_until_it_is_withdrawn(store: Arc<dyn Store>) {
    let (seller, exporter) = (member(&*store, "sales").await, member(&*store, "sales/export").await);
    let engineer = member(&*store, "engineering").await;
    let nobody = device(&*store).await;
    publish(&*store, "one", &[]).await;
    let (_, before) = bundle(&*store, seller).await;
    assert_eq!(publish(&*store, "two", &["sales"]).await, 2);
    for (device, version) in [(seller, 2), (exporter, 2), (engineer, 1), (nobody, 1)] {
        assert_eq!(bundle(&*store, device).await.0, version);
    }
    let (_, on_trial) = bundle(&*store, seller).await;
    assert!(on_trial > before, "its agents fetch it");
    assert_eq!(store.policy(None).await.unwrap().unwrap().version, 1, "everybody's");

    let why = || "it asks too often".to_owned();
    store.withdraw_trial(2, why(), By::user("officer")).await.unwrap();
    let (version, serial) = bundle(&*store, seller).await;
    assert!(
        version == 1 && serial > on_trial,
        "its agents fetch the former one again"
    );
    let again = store.withdraw_trial(2, why(), By::user("officer")).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    let never = store.withdraw_trial(9, why(), By::user("officer")).await;
    assert!(matches!(never, Err(StoreError::NotFound { .. })));
}

pub(super) async fn what_everybody_gets_ends_every_trial(store: Arc<dyn Store>) {
    let seller = member(&*store, "sales").await;
    publish(&*store, "one", &[]).await;
    publish(&*store, "two", &["sales"]).await;
    publish(&*store, "three", &["sales"]).await;
    assert_eq!(bundle(&*store, seller).await.0, 3, "the newest trial");
    publish(&*store, "four", &[]).await;
    assert_eq!(bundle(&*store, seller).await.0, 4);
    let versions = store.policies().await.unwrap();
    let on_trial = versions.iter().filter(|row| row.reach.is_on_trial()).count();
    assert_eq!(on_trial, 0);
    assert!(
        matches!(versions[1].reach, Reach::Trial { ended: Some(_), .. }),
        "it is remembered"
    );
}

pub(super) async fn a_publication_needs_a_reason_and_groups_that_somebody_is_in(store: Arc<dyn Store>) {
    member(&*store, "sales/export").await;
    let silent = Publication {
        why: " \n".to_owned(),
        ..publication("one", &[])
    };
    assert!(hinders(&*store, silent).await.contains("why"));
    let long = Publication {
        why: "长".repeat(501),
        ..publication("one", &[])
    };
    assert!(hinders(&*store, long).await.contains("500"));
    assert!(
        hinders(&*store, publication("one", &["sale"]))
            .await
            .contains("\"sale\"")
    );
    assert!(store.policies().await.unwrap().is_empty(), "nothing was published");

    publish(&*store, "one", &[]).await;
    publish(&*store, "two", &["sales"]).await;
    let rows = store.policies().await.unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.version, row.why.as_str(), row.published_by.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "because of two", "user officer"),
            (1, "because of one", "user officer")
        ]
    );
    for (action, subject, detail) in [
        (Action::PolicyPublished, "1", "because of one"),
        (Action::PolicyTried, "2", "sales: because of two"),
    ] {
        let filter = AuditFilter {
            action: Some(action),
            subject: None,
            ..AuditFilter::default()
        };
        let trail = store.audit(filter, Paging::first(9)).await.unwrap().rows;
        assert_eq!(trail.len(), 1);
        assert_eq!((trail[0].subject.as_str(), trail[0].detail.as_str()), (subject, detail));
    }
}

pub(super) async fn each_user_has_a_draft_of_their_own(store: Arc<dyn Store>) {
    let mut users = Vec::new();
    for name in ["one", "two"] {
        let user = NewUser {
            name: name.to_owned(),
            role: Role::SecurityOfficer,
            groups: Vec::new(),
            entry: Entry::Password(String::new()),
        };
        users.push(store.add_user(user, By::command_line()).await.unwrap());
    }
    let draft = |document: &str| Draft {
        document: document.to_owned(),
        saved_at: crate::testing::at(0),
    };
    for document in ["a", "b"] {
        store.keep_draft(users[0], Some(draft(document))).await.unwrap();
    }
    assert_eq!(store.draft(users[0]).await.unwrap(), Some(draft("b")));
    assert_eq!(store.draft(users[1]).await.unwrap(), None);
    store.keep_draft(users[0], None).await.unwrap();
    assert_eq!(store.draft(users[0]).await.unwrap(), None);
}

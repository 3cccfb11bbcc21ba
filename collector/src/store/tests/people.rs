use super::*;
use crate::store::StoreError;
use crate::store::directory::{Person, preview};
use crate::store::people::{Entry, Link, NewUser, Role, UserId};
use crate::store::sessions::{SessionRow, Stage};
use crate::testing::at;

async fn add(store: &dyn Store, name: &str, entry: Entry) -> Result<UserId, StoreError> {
    add_as(store, name, Role::SecurityOfficer, entry).await
}

async fn add_as(store: &dyn Store, name: &str, role: Role, entry: Entry) -> Result<UserId, StoreError> {
    let user = NewUser {
        name: name.to_owned(),
        role,
        groups: Vec::new(),
        entry,
    };
    store.add_user(user, By::command_line()).await
}

fn password() -> Entry {
    Entry::Password("$argon2id$…".to_owned())
}

fn session(user: UserId) -> SessionRow {
    SessionRow {
        secret_hash: random(),
        user,
        stage: Stage::Whole,
        created_at: at(0),
        used_at: at(0),
        until: at(3600),
    }
}

pub(super) async fn names_differ_by_more_than_case(store: Arc<dyn Store>) {
    let id = add(&*store, "Staff.A", password()).await.unwrap();
    assert!(matches!(
        add(&*store, "staff.a", password()).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.user("STAFF.A".to_owned()).await.unwrap().unwrap().id, id);
    assert!(store.user("nobody".to_owned()).await.unwrap().is_none());
    assert_eq!(store.users().await.unwrap().len(), 1);
}

pub(super) async fn a_link_works_once_and_not_for_ever(store: Arc<dyn Store>) {
    let secret_hash = random();
    let link = Link {
        secret_hash,
        until: at(100),
    };
    let id = add(&*store, "li", Entry::Link(link.clone())).await.unwrap();
    let redeem = |now| store.redeem_link(secret_hash, "hash".to_owned(), at(now));
    assert!(!redeem(100).await.unwrap());
    assert!(store.user_of_link(secret_hash, at(99)).await.unwrap().is_some());
    assert!(redeem(99).await.unwrap());
    assert!(!redeem(99).await.unwrap());
    let user = store.user("li".to_owned()).await.unwrap().unwrap();
    assert_eq!(user.password_hash.as_deref(), Some("hash"));
    store.begin_session(session(id)).await.unwrap();
    store.set_link(id, link, By::command_line()).await.unwrap();
    assert!(redeem(99).await.unwrap());
}

pub(super) async fn a_disabled_user_is_out_at_once(store: Arc<dyn Store>) {
    let id = add(&*store, "li", password()).await.unwrap();
    let session = session(id);
    store.begin_session(session.clone()).await.unwrap();
    assert!(store.session(session.secret_hash, at(1)).await.unwrap().is_some());
    store.set_disabled(id, true, By::command_line()).await.unwrap();
    assert!(store.session(session.secret_hash, at(1)).await.unwrap().is_none());
    store.set_disabled(id, false, By::command_line()).await.unwrap();
    assert!(store.session(session.secret_hash, at(1)).await.unwrap().is_none());
    assert!(!store.user("li".to_owned()).await.unwrap().unwrap().disabled);
}

pub(super) async fn failed_log_ins_are_counted_until_a_good_one(store: Arc<dyn Store>) {
    let id = add(&*store, "li", password()).await.unwrap();
    store.log_in_failed(Some(id), None, at(0)).await.unwrap();
    store.log_in_failed(Some(id), Some(at(60)), at(1)).await.unwrap();
    let user = store.user("li".to_owned()).await.unwrap().unwrap();
    assert_eq!((user.failed_log_ins, user.locked_until), (2, Some(at(60))));
    store.begin_session(session(id)).await.unwrap();
    let user = store.user("li".to_owned()).await.unwrap().unwrap();
    assert_eq!((user.failed_log_ins, user.locked_until), (0, None));
    assert_eq!(user.last_log_in, Some(at(0)));
}

pub(super) async fn a_session_ends_by_itself(store: Arc<dyn Store>) {
    let id = add(&*store, "li", password()).await.unwrap();
    let (one, other) = (session(id), session(id));
    store.begin_session(one.clone()).await.unwrap();
    store.begin_session(other.clone()).await.unwrap();
    let (found, user) = store.session(one.secret_hash, at(120)).await.unwrap().unwrap();
    assert_eq!((found, user.id), (one.clone(), id));
    let (found, _) = store.session(one.secret_hash, at(121)).await.unwrap().unwrap();
    assert_eq!(found.used_at, at(120), "the use before was noted");
    assert!(store.session(one.secret_hash, at(3600)).await.unwrap().is_none());
    store.end_session(other.secret_hash, By::user("li")).await.unwrap();
    assert!(store.session(other.secret_hash, at(1)).await.unwrap().is_none());
}

pub(super) async fn an_unused_session_ends_before_its_time(store: Arc<dyn Store>) {
    let id = add(&*store, "li", password()).await.unwrap();
    let mut session = session(id);
    session.until = at(36_000);
    store.begin_session(session.clone()).await.unwrap();
    let idle = crate::store::sessions::IDLE.as_secs();
    assert!(
        store
            .session(session.secret_hash, at(idle - 1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .session(session.secret_hash, at(2 * idle - 2))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .session(session.secret_hash, at(3 * idle))
            .await
            .unwrap()
            .is_none()
    );
}

pub(super) async fn logging_out_everywhere_ends_every_session_of_one_user(store: Arc<dyn Store>) {
    let (li, han) = (
        add(&*store, "li", password()).await.unwrap(),
        add(&*store, "han", password()).await.unwrap(),
    );
    let sessions = [session(li), session(li), session(han)];
    for session in &sessions {
        store.begin_session(session.clone()).await.unwrap();
    }
    assert_eq!(store.end_sessions(li, By::command_line()).await.unwrap(), 2);
    for (session, stays) in sessions.iter().zip([false, false, true]) {
        assert_eq!(
            store.session(session.secret_hash, at(1)).await.unwrap().is_some(),
            stays
        );
    }
}

pub(super) async fn the_last_administrator_stays_one_and_stays_in(store: Arc<dyn Store>) {
    let one = add_as(&*store, "one", Role::Administrator, password()).await.unwrap();
    let refused = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Conflict(_))));
    refused(store.set_disabled(one, true, By::command_line()).await);
    refused(store.set_role(one, Role::Auditor, By::command_line()).await);
    let other = add_as(&*store, "other", Role::Administrator, password()).await.unwrap();
    store.set_disabled(one, true, By::command_line()).await.unwrap();
    store.set_role(one, Role::Auditor, By::command_line()).await.unwrap();
    refused(store.set_disabled(other, true, By::command_line()).await);
    assert_eq!(store.user_by_id(one).await.unwrap().unwrap().role, Role::Auditor);
}

fn person(name: &str, role: Role, groups: &[&str]) -> Person {
    Person {
        name: name.to_owned(),
        role,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        disabled: false,
    }
}

pub(super) async fn an_import_makes_users_what_the_directory_says(store: Arc<dyn Store>) {
    add_as(&*store, "admin", Role::Administrator, password()).await.unwrap();
    let li = add(&*store, "Li", password()).await.unwrap();
    add(&*store, "gone", password()).await.unwrap();
    let li_session = session(li);
    store.begin_session(li_session.clone()).await.unwrap();
    let people = vec![
        person("admin", Role::Administrator, &[]),
        person("li", Role::HeadOfDepartment, &["sales", "研发"]),
        Person {
            disabled: true,
            ..person("late", Role::Auditor, &[])
        },
    ];
    let before = preview(&store.users().await.unwrap(), &people, true).unwrap();
    let done = store.import(people.clone(), true, By::command_line()).await.unwrap();
    assert_eq!(before, done, "a preview tells what is done");
    assert_eq!(
        (&done.added[..], &done.changed[..], done.unchanged),
        (&["late".to_owned()][..], &["Li".to_owned()][..], 1)
    );
    assert_eq!(done.missing, ["gone"]);
    let user = |name: &str| store.user(name.to_owned());
    let li = user("li").await.unwrap().unwrap();
    assert_eq!(
        (li.role, li.groups),
        (Role::HeadOfDepartment, vec!["sales".to_owned(), "研发".to_owned()])
    );
    assert!(user("gone").await.unwrap().unwrap().disabled && user("late").await.unwrap().unwrap().disabled);
    assert!(store.session(li_session.secret_hash, at(1)).await.unwrap().is_some());
    let again = store.import(people, true, By::command_line()).await.unwrap();
    assert_eq!(
        (
            again.added.len(),
            again.changed.len(),
            again.unchanged,
            again.missing.len()
        ),
        (0, 0, 3, 0)
    );
}

pub(super) async fn an_import_that_leaves_no_administrator_does_nothing(store: Arc<dyn Store>) {
    add_as(&*store, "admin", Role::Administrator, password()).await.unwrap();
    let people = vec![person("li", Role::SecurityOfficer, &[])];
    let refused = store.import(people.clone(), true, By::command_line()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    let demoted = vec![person("ADMIN", Role::Auditor, &[])];
    assert!(store.import(demoted, false, By::command_line()).await.is_err());
    assert_eq!(store.users().await.unwrap().len(), 1);
    let listed = store.import(people, false, By::command_line()).await.unwrap();
    assert_eq!(listed.missing, ["admin"]);
    assert!(!store.user("admin".to_owned()).await.unwrap().unwrap().disabled);
}

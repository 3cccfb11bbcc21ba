use super::*;
use crate::store::StoreError;
use crate::store::people::{Entry, Link, NewUser, Role, SessionRow, UserId};
use crate::testing::at;

async fn add(store: &dyn Store, name: &str, entry: Entry) -> Result<UserId, StoreError> {
    let user = NewUser {
        name: name.to_owned(),
        role: Role::SecurityOfficer,
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
        created_at: at(0),
        used_at: at(0),
        until: at(3600),
    }
}

pub(super) async fn names_differ_by_more_than_case(store: Arc<dyn Store>) {
    let id = add(&*store, "Li.Lei", password()).await.unwrap();
    assert!(matches!(
        add(&*store, "li.lei", password()).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.user("LI.LEI".to_owned()).await.unwrap().unwrap().id, id);
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
    store.log_in_failed(id, None, at(0)).await.unwrap();
    store.log_in_failed(id, Some(at(60)), at(1)).await.unwrap();
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

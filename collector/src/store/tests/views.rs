use super::*;
use crate::store::audit::{Action, AuditFilter};
use crate::store::people::{Entry, NewUser, Role, UserId};
use crate::store::views::{Audience, Kept, Listed, MOST_SHARED, MOST_VIEWS, NewView};
use crate::store::{Paging, StoreError};

async fn user(store: &dyn Store, name: &str) -> UserId {
    let user = NewUser {
        name: name.to_owned(),
        role: Role::SecurityOfficer,
        groups: Vec::new(),
        entry: Entry::Later,
    };
    store.add_user(user, By::command_line()).await.unwrap()
}

async fn save(store: &dyn Store, owner: UserId, name: &str, query: &str) -> Kept {
    let view = NewView {
        owner,
        list: Listed::Findings,
        name: name.to_owned(),
        query: query.to_owned(),
    };
    store.save_view(view, By::command_line()).await.unwrap()
}

/// What a user sees: names, filters, and whether others see them, too.
async fn seen(store: &dyn Store, user: UserId) -> Vec<(String, String, Audience)> {
    let views = store.views(user, Listed::Findings).await.unwrap();
    views
        .into_iter()
        .map(|view| (view.name, view.query, view.audience))
        .collect()
}

async fn number(store: &dyn Store, owner: UserId, name: &str) -> u64 {
    let views = store.views(owner, Listed::Findings).await.unwrap();
    views.iter().find(|view| view.name == name).unwrap().id
}

pub(super) async fn a_view_is_its_owners_until_it_is_shared(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    assert_eq!(save(store, one, "销售部", "group=x").await, Kept::Yes);
    assert_eq!(
        save(store, one, "销售部", "group=y").await,
        Kept::Yes,
        "the same name again"
    );
    let own = ("销售部".to_owned(), "group=y".to_owned(), Audience::Owner);
    assert_eq!(seen(store, one).await, [own]);
    assert_eq!(seen(store, other).await, []);
    assert!(
        store.views(one, Listed::Devices).await.unwrap().is_empty(),
        "another list"
    );
    let id = number(store, one, "销售部").await;
    let share = async |audience| store.share_view(id, audience, By::command_line()).await.unwrap();
    assert_eq!(share(Audience::Everybody).await, Kept::Yes);
    assert_eq!(seen(store, other).await[0].2, Audience::Everybody);
    assert_eq!(share(Audience::Owner).await, Kept::Yes);
    assert_eq!(seen(store, other).await, []);
    store.delete_view(id, By::command_line()).await.unwrap();
    assert_eq!(seen(store, one).await, []);
    let gone = store.delete_view(id, By::command_line()).await;
    assert!(matches!(gone, Err(StoreError::NotFound { what: "view", .. })));
    let trail = store.audit(AuditFilter::default(), Paging::first(5)).await.unwrap();
    let actions: Vec<_> = trail.rows.iter().map(|row| row.action).collect();
    let shared = [Action::ViewShared; 2];
    let saved = [Action::ViewSaved; 2];
    assert_eq!(actions, [&[Action::ViewDeleted][..], &shared, &saved].concat());
}

pub(super) async fn there_are_only_so_many_views(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    for count in 0..MOST_VIEWS {
        assert_eq!(save(store, one, &format!("view {count}"), "").await, Kept::Yes);
    }
    assert_eq!(save(store, one, "one more", "").await, Kept::TooMany);
    assert_eq!(
        save(store, one, "view 0", "state=open").await,
        Kept::Yes,
        "it is there already"
    );
    assert_eq!(save(store, other, "view 0", "").await, Kept::Yes);
    let by = By::command_line();
    for count in 0..MOST_SHARED {
        let id = number(store, one, &format!("view {count}")).await;
        assert_eq!(
            store.share_view(id, Audience::Everybody, by.clone()).await.unwrap(),
            Kept::Yes
        );
    }
    let id = store.views(other, Listed::Findings).await.unwrap();
    let id = id.iter().find(|view| view.owner == other).unwrap().id;
    assert_eq!(
        store.share_view(id, Audience::Everybody, by).await.unwrap(),
        Kept::TooMany
    );
}

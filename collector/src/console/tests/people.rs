//! The administrator's pages about people.

use super::*;

async fn user(house: &House, name: &str) -> crate::store::people::UserRow {
    house.store.user(name.to_owned()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_user_who_is_added_gets_a_link_that_lets_them_in() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    let fields = "name=%E5%91%98%E5%B7%A5%E4%B9%99&role=head_of_department&groups=sales%3B+finance";
    let page = house.send("/people", &admin, fields).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = page.body.split(&format!("{URL}/welcome/")).nth(1).unwrap();
    let link = format!("/welcome/{}", link.split('"').next().unwrap());
    assert!(house.get(&link, None).await.body.contains("员工乙"));
    let added = user(&house, "员工乙").await;
    assert_eq!(
        (added.role, added.groups.as_slice()),
        (Role::HeadOfDepartment, &["finance".to_owned(), "sales".to_owned()][..])
    );
    let again = house.send("/people", &admin, fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let list = house.get("/people?text=%E5%B7%A5", Some(admin.text())).await;
    assert!(list.body.contains("员工乙") && list.body.contains("finance; sales"));
}

#[tokio::test]
async fn what_an_administrator_changes_holds_at_once_and_is_in_the_audit_trail() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    house.send("/people", &admin, "name=li&role=auditor&groups=").await;
    let id = user(&house, "li").await.id.0;
    for (path, fields) in [
        ("role", "role=it_operator"),
        ("groups", "groups=sales"),
        ("standing", "what=disable"),
        ("standing", "what=enable"),
        ("standing", "what=unlock"),
        ("standing", "what=end_sessions"),
    ] {
        let page = house.send(&format!("/people/{id}/{path}"), &admin, fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path} {fields}");
    }
    let li = user(&house, "li").await;
    assert_eq!((li.role, li.groups.len(), li.disabled), (Role::ItOperator, 1, false));
    let filter = crate::store::audit::AuditFilter {
        action: None,
        subject: Some("li".to_owned()),
        ..crate::store::audit::AuditFilter::default()
    };
    let trail = house
        .store
        .audit(filter, crate::store::Paging::first(50))
        .await
        .unwrap()
        .rows;
    let done: Vec<_> = trail.iter().rev().map(|row| row.action.as_str()).collect();
    assert_eq!(
        done,
        [
            "user_added",
            "user_role",
            "user_groups",
            "user_disabled",
            "user_enabled",
            "user_unlocked",
            "sessions_ended"
        ]
    );
    assert!(trail.iter().all(|row| row.actor.starts_with("user administrator")));
}

#[tokio::test]
async fn the_last_administrator_cannot_shut_themselves_out() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    let (_, own) = house
        .store
        .session(admin.hash(), Timestamp::now())
        .await
        .unwrap()
        .unwrap();
    for (path, fields) in [("role", "role=auditor"), ("standing", "what=disable")] {
        let page = house
            .send(&format!("/people/{}/{path}", own.id.0), &admin, fields)
            .await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(house.get("/people", Some(admin.text())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn somebody_who_is_not_there_is_not_found() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    assert_eq!(
        house.get("/people/999", Some(admin.text())).await.status,
        StatusCode::NOT_FOUND
    );
    for (path, fields) in [
        ("role", "role=auditor"),
        ("groups", "groups="),
        ("standing", "what=disable"),
        ("link", "x="),
    ] {
        let page = house.send(&format!("/people/999/{path}"), &admin, fields).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}

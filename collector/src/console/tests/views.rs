//! Saved views.

use super::*;
use crate::store::views::{Listed, ViewRow};

async fn all(house: &House) -> Vec<ViewRow> {
    let users = house.store.users().await.unwrap();
    let mut found = Vec::new();
    for user in users {
        for list in Listed::ALL {
            found.extend(house.store.views(user.id, *list).await.unwrap());
        }
    }
    found.sort_by_key(|view| view.id);
    found.dedup_by_key(|view| view.id);
    found
}

#[tokio::test]
async fn a_view_stands_above_the_list_with_its_filter_and_order() {
    let house = House::new();
    house.device_with_finding("报价单.docx").await;
    let officer = house.session(Role::SecurityOfficer).await;
    let fields =
        "name=%3Cb%3E%E6%9C%AA%E5%A4%84%E7%90%86&query=state%3Dopen%26sort%3Dfile%26offset%3D50%26nonsense%3D1";
    let saved = house.send("/findings/views", &officer, fields).await;
    assert_eq!(saved.headers[header::LOCATION], "/findings?state=open&sort=file");
    let page = house.get("/findings?state=open&sort=file", Some(officer.text())).await;
    let link = "<a href=\"/findings?state=open&amp;sort=file\" aria-current=\"page\">&lt;b&gt;未处理</a>";
    assert!(page.body.contains(link), "{}", page.body);
    let other = house.get("/devices", Some(officer.text())).await;
    assert!(!other.body.contains("未处理</a>"), "it is a view of findings");
    let saved = house
        .send("/devices/views", &officer, "name=A&query=binding%3Dbound")
        .await;
    assert_eq!(saved.headers[header::LOCATION], "/devices?binding=bound");
    for bad in [
        format!("name=B&query=text%3D{}", "x".repeat(1001)),
        "name=+&query=".to_owned(),
    ] {
        let refused = house.send("/findings/views", &officer, &bad).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{bad}");
    }
    assert_eq!(all(&house).await.len(), 2);
}

#[tokio::test]
async fn a_view_is_shared_by_those_who_decide_and_deleted_by_them_or_its_owner() {
    let house = House::new();
    let head = house.session_in(Role::HeadOfDepartment, &["sales"]).await;
    let officer = house.session(Role::SecurityOfficer).await;
    let operator = house.session(Role::ItOperator).await;
    let form = |name: &str| format!("name={name}&query=state%3Dopen");
    house.send("/findings/views", &head, &form("heads")).await;
    house.send("/findings/views", &officer, &form("officers")).await;
    let views = all(&house).await;
    let [heads, officers] = [0, 1].map(|number: usize| format!("/views/{}", views[number].id));
    let status =
        async |path: &str, who: &Secret, what: &str| house.send(path, who, &format!("what={what}")).await.status;
    assert_eq!(
        status(&officers, &head, "delete").await,
        StatusCode::NOT_FOUND,
        "not theirs to see"
    );
    assert_eq!(status(&heads, &head, "share").await, StatusCode::FORBIDDEN);
    assert_eq!(status(&officers, &officer, "share").await, StatusCode::SEE_OTHER);
    let page = house.get("/findings", Some(head.text())).await;
    assert!(page.body.contains(">officers</a>"));
    assert_eq!(status(&officers, &head, "delete").await, StatusCode::FORBIDDEN);
    assert_eq!(
        status(&officers, &operator, "delete").await,
        StatusCode::FORBIDDEN,
        "no findings"
    );
    assert_eq!(status(&officers, &officer, "keep").await, StatusCode::SEE_OTHER);
    let page = house.get("/findings", Some(head.text())).await;
    assert!(!page.body.contains(">officers</a>"));
    assert_eq!(status(&heads, &head, "delete").await, StatusCode::SEE_OTHER);
    assert_eq!(all(&house).await.len(), 1);
}

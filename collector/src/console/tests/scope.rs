//! A head of department sees their own groups, wherever they look.

use super::*;

#[tokio::test]
async fn a_head_of_department_sees_their_own_groups_and_nothing_else() {
    let house = House::new();
    let (own, own_finding) = house.device_in(Some("sales"), "ours.docx").await;
    let (other, other_finding) = house.device_in(Some("finance"), "theirs.docx").await;
    let (none, none_finding) = house.device_in(None, "nobodys.docx").await;
    let head = house.session_in(Role::HeadOfDepartment, &["sales"]).await;
    let officer = house.session(Role::SecurityOfficer).await;
    for list in ["/findings", "/findings?text=docx", "/findings?state=open&sort=severity"] {
        let page = house.get(list, Some(head.text())).await;
        assert_eq!(page.status, StatusCode::OK, "{list}");
        assert!(page.body.contains("ours.docx"), "{list}");
        assert!(
            !page.body.contains("theirs.docx") && !page.body.contains("nobodys.docx"),
            "{list}"
        );
        let all = house.get(list, Some(officer.text())).await;
        assert!(
            all.body.contains("theirs.docx") && all.body.contains("nobodys.docx"),
            "{list}"
        );
    }
    let devices = house.get("/devices", Some(head.text())).await;
    assert!(devices.body.contains(&own.to_string()));
    for strange in [other, none] {
        assert!(!devices.body.contains(&strange.to_string()));
        let of_it = house
            .get(&format!("/findings?device={strange}"), Some(head.text()))
            .await;
        assert!(!of_it.body.contains(".docx"));
        let page = house.get(&format!("/devices/{strange}"), Some(head.text())).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    for (device, finding, status) in [
        (own, own_finding, StatusCode::OK),
        (other, other_finding, StatusCode::NOT_FOUND),
        (none, none_finding, StatusCode::NOT_FOUND),
        (own, other_finding, StatusCode::NOT_FOUND),
    ] {
        let page = house
            .get(&format!("/findings/{device}/{finding}"), Some(head.text()))
            .await;
        assert_eq!(page.status, status);
    }
}

#[tokio::test]
async fn the_counts_of_the_overview_are_of_their_groups() {
    let house = House::new();
    for (group, name) in [
        (Some("sales"), "a"),
        (Some("finance"), "b"),
        (Some("finance"), "c"),
        (None, "d"),
    ] {
        house.device_in(group, name).await;
    }
    let open = |body: &str| {
        let card = body.split("/findings?state=open").nth(1).unwrap();
        card.split("<b>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    for (groups, count) in [
        (&["sales"][..], "1"),
        (&["finance"], "2"),
        (&["sales", "finance"], "3"),
        (&[], "0"),
    ] {
        let head = house.session_in(Role::HeadOfDepartment, groups).await;
        let page = house.get("/", Some(head.text())).await;
        assert_eq!(open(&page.body), count, "{groups:?}");
    }
}

#[tokio::test]
async fn places_of_other_groups_are_not_shown_nor_counted() {
    let house = House::new();
    let (device, _) = house.device_in(Some("finance"), "a").await;
    let head = house.session_in(Role::HeadOfDepartment, &["sales"]).await;
    let page = house.get("/places", Some(head.text())).await;
    assert!(
        !page.body.contains("chat app") && !page.body.contains(&device.to_string()),
        "{}",
        page.body
    );
    let own = house.session_in(Role::HeadOfDepartment, &["finance"]).await;
    let page = house.get("/places", Some(own.text())).await;
    assert!(page.body.contains("chat app") && page.body.contains(&device.to_string()));
}

#[tokio::test]
async fn groups_that_are_taken_away_are_out_of_sight_at_once() {
    let house = House::new();
    let (device, _) = house.device_in(Some("sales"), "ours.docx").await;
    let head = house.session_in(Role::HeadOfDepartment, &["sales"]).await;
    let at = format!("/devices/{device}");
    assert_eq!(house.get(&at, Some(head.text())).await.status, StatusCode::OK);
    let found = house.store.session(head.hash(), Timestamp::now()).await.unwrap();
    let (_, user) = found.unwrap();
    house
        .store
        .set_groups(user.id, Vec::new(), By::command_line())
        .await
        .unwrap();
    assert_eq!(house.get(&at, Some(head.text())).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_worked_on_is_of_their_groups_too() {
    let house = House::new();
    let (own, own_finding) = house.device_in(Some("sales"), "ours.docx").await;
    let (other, other_finding) = house.device_in(Some("finance"), "theirs.docx").await;
    let head = house.session_in(Role::HeadOfDepartment, &["sales"]).await;
    let purpose = async |device: DeviceId| {
        let path = format!("/devices/{device}/purpose");
        house.send(&path, &head, "purpose=handling&note=").await.status
    };
    assert_eq!(
        (purpose(own).await, purpose(other).await),
        (StatusCode::SEE_OTHER, StatusCode::NOT_FOUND)
    );
    let work = async |device: DeviceId, finding: FindingId| {
        let path = format!("/findings/{device}/{finding}/work");
        house.send(&path, &head, "what=acknowledge").await.status
    };
    assert_eq!(work(other, other_finding).await, StatusCode::NOT_FOUND);
    let both = format!("what=acknowledge&finding={own}/{own_finding}&finding={other}/{other_finding}");
    assert_eq!(
        house.send("/findings/selected", &head, &both).await.status,
        StatusCode::NOT_FOUND
    );
    for (device, finding) in [(own, own_finding), (other, other_finding)] {
        let row = house.store.finding(device, finding).await.unwrap().unwrap();
        assert_eq!(
            row.history.len(),
            1,
            "one strange finding among many, and nothing is done"
        );
    }
    assert_eq!(work(own, own_finding).await, StatusCode::SEE_OTHER);
    let repeats = house.get("/findings?by=repeat", Some(head.text())).await;
    assert!(repeats.body.contains(&own.to_string()) && !repeats.body.contains(&other.to_string()));
}

#[tokio::test]
async fn the_queue_of_answers_is_of_their_groups() {
    let house = House::new();
    let mut answered = crate::testing::finding(1, fileward_protocol::vocabulary::FindingState::Dismissed);
    answered.resolution = Some(fileward_protocol::vocabulary::Resolution::PrivateFile);
    let device = house.device_with(vec![answered]).await;
    for (groups, sees) in [(&["sales"][..], true), (&["finance"], false), (&[], false)] {
        let head = house.session_in(Role::HeadOfDepartment, groups).await;
        let page = house.get("/answers", Some(head.text())).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.body.contains(&device.to_string()), sees, "{groups:?}");
    }
}

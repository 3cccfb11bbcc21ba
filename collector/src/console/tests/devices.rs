//! The list of devices: what it is filtered by, and many approved at once.

use fileward_protocol::vocabulary::Binding;

use super::*;
use crate::store::devices::DeviceRow;

/// A device that waits for approval, with this agent.
async fn waiting(house: &House, version: &str) -> DeviceId {
    let now = Timestamp::now();
    let secret_hash = Secret::new().unwrap().hash();
    let token = NewToken {
        secret_hash,
        until: now + SignedDuration::from_hours(1),
        uses: 1,
        auto_approve: false,
        group: None,
    };
    house.store.add_token(token, By::command_line()).await.unwrap();
    let enrolment = Enrolment {
        secret_hash,
        key_hash: Secret::new().unwrap().hash(),
        fingerprint: Fingerprint {
            agent_version: version.to_owned(),
            ..Fingerprint::default()
        },
        roots_serial: 1,
        now,
    };
    let Enrolled::Yes(device, Binding::Pending) = house.store.enrol(enrolment).await.unwrap() else {
        panic!("it waits")
    };
    device
}

async fn standing(house: &House, id: DeviceId) -> Binding {
    let row: DeviceRow = house.store.device(id).await.unwrap().unwrap();
    row.binding
}

#[tokio::test]
async fn selected_devices_are_approved_and_others_wait_on() {
    let house = House::new();
    let (one, two, three) = (
        waiting(&house, "1").await,
        waiting(&house, "1").await,
        waiting(&house, "1").await,
    );
    let operator = house.session(Role::ItOperator).await;
    let page = house.get("/devices?binding=pending", Some(operator.text())).await;
    assert_eq!(page.body.matches("type=\"checkbox\"").count(), 3);
    let none = house.send("/devices/selected", &operator, "").await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    let strange = format!("device={one}&device={}", DeviceId::new());
    let strange = house.send("/devices/selected", &operator, &strange).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    assert_eq!(standing(&house, one).await, Binding::Pending, "all or none");
    let both = format!("device={one}&device={two}");
    let done = house.send("/devices/selected", &operator, &both).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(standing(&house, one).await, Binding::Bound);
    assert_eq!(standing(&house, two).await, Binding::Bound);
    assert_eq!(standing(&house, three).await, Binding::Pending);
}

#[tokio::test]
async fn the_list_is_filtered_by_version_and_silence() {
    let house = House::new();
    let (old, new) = (waiting(&house, "1.0.9").await, waiting(&house, "1.2.0").await);
    let operator = house.session(Role::ItOperator).await;
    let page = house.get("/devices?version=1.0.9", Some(operator.text())).await;
    assert!(page.body.contains(&old.to_string()) && !page.body.contains(&new.to_string()));
    let silent = house.get("/devices?silent=24", Some(operator.text())).await;
    assert!(!silent.body.contains(&old.to_string()), "both were heard of");
    let any = house.get("/devices?silent=0", Some(operator.text())).await;
    assert!(any.body.contains(&old.to_string()) && any.body.contains(&new.to_string()));
}

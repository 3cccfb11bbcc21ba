use fileward_protocol::health::{Degraded, PlaceHealth, PlaceState};
use fileward_protocol::vocabulary::{App, PlaceKind};

use super::*;
use crate::store::devices::{DeviceFilter, DeviceSort, PlaceFilter};
use crate::store::{Order, Paging, Scope, StoreError};
use crate::testing::at;

fn named(host: &str, user: &str) -> Fingerprint {
    Fingerprint {
        host_name: Some(host.to_owned()),
        users: vec![user.to_owned()],
        agent_version: "0.1.0".to_owned(),
        ..Fingerprint::default()
    }
}

pub(super) async fn a_device_is_found_by_what_it_is(store: Arc<dyn Store>) {
    for (host, user) in [("pc-b", "员工甲"), ("PC-A", "员工乙"), ("pc_c", "zhang")] {
        Sender::new(&*store).await.fingerprint(named(host, user)).await;
    }
    let names = async |filter: DeviceFilter| -> Vec<String> {
        let page = store.devices(filter, Paging::first(10)).await.unwrap();
        page.rows.into_iter().map(|row| row.name).collect()
    };
    let text = |text: &str| DeviceFilter {
        text: Some(text.to_owned()),
        ..DeviceFilter::within(Scope::Everything)
    };
    assert_eq!(names(text("pc-a")).await, ["PC-A"]);
    assert_eq!(names(text("员工甲")).await, ["pc-b"]);
    // A wildcard of the database is just a character.
    assert_eq!(names(text("_")).await, ["pc_c"]);
    let newest = DeviceFilter {
        order: Order::usual(DeviceSort::LastSeen),
        ..DeviceFilter::within(Scope::Everything)
    };
    assert_eq!(names(newest).await, ["pc_c", "PC-A", "pc-b"]);
    let page = store
        .devices(DeviceFilter::within(Scope::Everything), Paging { offset: 1, limit: 1 })
        .await
        .unwrap();
    assert_eq!((page.rows.len(), page.total), (1, 3));
    assert_eq!(store.device_counts(Scope::Everything).await.unwrap().bound, 3);
}

pub(super) async fn a_changed_fingerprint_is_kept_beside_the_former(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    assert!(sender.send(sender.request()).await.unwrap().want_fingerprint);
    let mut fingerprint = named("pc-1", "li");
    sender.fingerprint(fingerprint.clone()).await;
    sender.fingerprint(fingerprint.clone()).await;
    assert!(!sender.send(sender.request()).await.unwrap().want_fingerprint);
    fingerprint.os.version = "13".to_owned();
    sender.fingerprint(fingerprint.clone()).await;
    let history = store.fingerprints(sender.device).await.unwrap();
    assert_eq!(
        history.len(),
        3,
        "the one of the enrolment, the first and the changed one"
    );
    assert_eq!(history[0].fingerprint, fingerprint);
    assert_eq!(history[0].changes[0].field, "os.version");
}

fn health(states: &[(PlaceKind, PlaceState)]) -> Health {
    let places = states.iter().map(|(kind, state)| PlaceHealth {
        kind: *kind,
        app: (*kind == PlaceKind::ChatCache).then_some(App::Qq),
        state: *state,
    });
    Health {
        policy_version: 1,
        queue_waiting: 0,
        queue_bytes: 0,
        noticed: 0,
        uninspectable: 0,
        unknown_detectors: Vec::new(),
        clock_offset_ms: 0,
        started_at: at(0),
        swept: true,
        places: places.collect(),
    }
}

pub(super) async fn a_place_keeps_since_when_it_has_its_state(store: Arc<dyn Store>) {
    let sender = Sender::new(&*store).await;
    let degraded = PlaceState::Degraded(Degraded::WatchLimit);
    let places = async || {
        store
            .places(PlaceFilter::within(Scope::Everything), Paging::first(10))
            .await
            .unwrap()
            .rows
    };
    let ok = (PlaceKind::Desktop, PlaceState::Ok);
    sender
        .health(health(&[ok, (PlaceKind::ChatCache, PlaceState::Ok)]))
        .await;
    let before = places().await;
    sender.health(health(&[(PlaceKind::ChatCache, degraded), ok])).await;
    let after = places().await;
    assert_eq!(after[0].place.state, degraded, "what is faulty comes first");
    assert!(after[0].since > before[0].since);
    let desktop = |rows: &[crate::store::devices::PlaceRow]| {
        rows.iter()
            .find(|row| row.place.kind == PlaceKind::Desktop)
            .unwrap()
            .since
    };
    assert_eq!(desktop(&before), desktop(&after));
    let faulty = PlaceFilter {
        only_faulty: true,
        ..PlaceFilter::within(Scope::Everything)
    };
    assert_eq!(store.places(faulty, Paging::first(10)).await.unwrap().total, 1);
    let counts = store.place_counts(Scope::Everything).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 2);
}

pub(super) async fn standing_changes_only_as_it_may(store: Arc<dyn Store>) {
    let id = device(&*store).await;
    let set = |binding| store.set_binding(id, binding, By::command_line());
    assert!(matches!(set(Binding::Pending).await, Err(StoreError::Conflict(_))));
    assert_eq!(set(Binding::Suspended).await.unwrap().binding, Binding::Suspended);
    assert_eq!(set(Binding::Bound).await.unwrap().binding, Binding::Bound);
    assert_eq!(set(Binding::Retired).await.unwrap().binding, Binding::Retired);
    assert!(matches!(set(Binding::Bound).await, Err(StoreError::Conflict(_))));
    let unknown = store
        .set_binding(DeviceId::new(), Binding::Bound, By::command_line())
        .await;
    assert!(matches!(unknown, Err(StoreError::NotFound { what: "device", .. })));
}

use super::*;
use crate::ca;
use fileward_protocol::enrol::Roots;

#[tokio::test]
async fn two_roots_overlap_and_no_device_is_lost() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let store = &fixture.collector.store;
    let refresh = || fixture.tls.refresh(&fixture.collector, Timestamp::now());
    let old_hash = fixture.tls.authority().hash();

    let id = ca::add_root(&fixture.collector.folder, &**store, By::command_line())
        .await
        .unwrap();
    refresh().await.unwrap();
    assert_eq!(store.devices_without_roots().await.unwrap(), 1);
    let answer = device.send(&device.request()).await.unwrap();
    assert!(answer.roots_serial > device.enrolled.roots_serial);
    let roots: Roots = device.get("/v1/roots").await.json().await.unwrap();
    assert_eq!((roots.roots.len(), roots.roots_serial), (2, answer.roots_serial));
    assert_eq!(store.devices_without_roots().await.unwrap(), 0);
    assert_eq!(fixture.tls.authority().hash(), old_hash);

    store.activate_root(id, By::command_line()).await.unwrap();
    refresh().await.unwrap();
    assert_ne!(fixture.tls.authority().hash(), old_hash);
    // The old certificate is still good, over a new connection to a server with a new one.
    let device = Device {
        client: fixture.client(Some((&device.enrolled.certificate, &device.key))),
        ..device
    };
    device.send(&device.request()).await.unwrap();
    let certificate = device.renewed().await;

    store.retire_root(1, By::command_line()).await.unwrap();
    refresh().await.unwrap();
    let old = fixture.client(Some((&device.enrolled.certificate, &device.key)));
    assert!(old.get(format!("{}/v1/time", fixture.url)).send().await.is_err());
    let device = Device {
        client: fixture.client(Some((&certificate, &device.key))),
        ..device
    };
    device.send(&device.request()).await.unwrap();
    fixture.stop().await;
}

#[tokio::test]
async fn the_root_that_signs_cannot_be_retired() {
    let fixture = Fixture::start().await;
    let store = &fixture.collector.store;
    assert!(store.retire_root(1, By::command_line()).await.is_err());
    assert!(store.activate_root(7, By::command_line()).await.is_err());
    fixture.stop().await;
}

#[tokio::test]
async fn the_servers_certificate_is_renewed_before_it_ends() {
    let fixture = Fixture::start().await;
    let later = Timestamp::now() + SignedDuration::from_hours(24 * 20);
    let before = fixture.tls.agents();
    fixture.tls.refresh(&fixture.collector, Timestamp::now()).await.unwrap();
    assert!(Arc::ptr_eq(&before, &fixture.tls.agents()));
    fixture.tls.refresh(&fixture.collector, later).await.unwrap();
    assert!(!Arc::ptr_eq(&before, &fixture.tls.agents()));
    fixture.stop().await;
}

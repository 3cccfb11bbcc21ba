use super::*;
use crate::store::Scope;

pub(super) async fn the_same_key_stays_the_same_device(store: Arc<dyn Store>) {
    let (one, other) = (token(&*store, None).await, token(&*store, None).await);
    let first = enrolment(one, Fingerprint::default());
    let again = Enrolment {
        secret_hash: other,
        ..first.clone()
    };
    let enrolled = store.enrol(first.clone()).await.unwrap();
    assert_eq!(store.enrol(first).await.unwrap(), enrolled);
    assert_eq!(store.enrol(again).await.unwrap(), enrolled);
    assert_eq!(store.device_counts(Scope::Everything).await.unwrap().bound, 1);
}

pub(super) async fn a_retired_device_comes_back_as_another(store: Arc<dyn Store>) {
    let token = token(&*store, None).await;
    let asked = enrolment(token, Fingerprint::default());
    let Enrolled::Yes(first, _) = store.enrol(asked.clone()).await.unwrap() else {
        panic!("not enrolled");
    };
    store
        .set_binding(first, Binding::Retired, By::command_line())
        .await
        .unwrap();
    let Enrolled::Yes(second, _) = store.enrol(asked).await.unwrap() else {
        panic!("not enrolled");
    };
    assert_ne!(first, second);
    let third = store.enrol(enrolment(token, Fingerprint::default())).await.unwrap();
    assert_eq!(third, Enrolled::TokenUsedUp);
}

pub(super) async fn a_token_puts_devices_into_its_group(store: Arc<dyn Store>) {
    let token = token(&*store, Some("executives")).await;
    let Enrolled::Yes(id, _) = store.enrol(enrolment(token, Fingerprint::default())).await.unwrap() else {
        panic!("not enrolled");
    };
    let row = store.device(id).await.unwrap().unwrap();
    assert_eq!(row.group.as_deref(), Some("executives"));
}

pub(super) async fn a_device_may_have_any_name(store: Arc<dyn Store>) {
    let token = token(&*store, None).await;
    let fingerprint = Fingerprint {
        host_name: Some("PC\0-\u{202e}7'\"".to_owned()),
        ..Fingerprint::default()
    };
    let Enrolled::Yes(id, _) = store.enrol(enrolment(token, fingerprint.clone())).await.unwrap() else {
        panic!("not enrolled");
    };
    let row = store.device(id).await.unwrap().unwrap();
    assert_eq!(row.fingerprint, fingerprint);
    assert!(row.name.ends_with("7'\""));
}

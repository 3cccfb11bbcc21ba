use super::*;
use fileward_protocol::vocabulary::Binding;
use jiff::SignedDuration;

#[tokio::test]
async fn a_device_that_enrols_waits_for_its_approval() {
    let fixture = Fixture::start().await;
    let secret = fixture.token(1, false, SignedDuration::from_hours(1)).await;
    let device = fixture.enrol(&secret).await;
    assert_eq!(device.enrolled.binding, Binding::Pending);
    assert_eq!(device.send(&device.request()).await.unwrap().binding, Binding::Pending);
    let store = &fixture.collector.store;
    store
        .set_binding(device.enrolled.device, Binding::Bound, By::command_line())
        .await
        .unwrap();
    assert_eq!(device.send(&device.request()).await.unwrap().binding, Binding::Bound);
    fixture.stop().await;
}

#[tokio::test]
async fn a_token_for_one_device_takes_one_device() {
    let fixture = Fixture::start().await;
    let secret = fixture.token(1, true, SignedDuration::from_hours(1)).await;
    fixture.enrol(&secret).await;
    let other = fixture.try_enrol(&secret, &KeyPair::generate().unwrap()).await;
    assert_eq!(code(other), Code::TokenUsedUp);
    fixture.stop().await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_given_again() {
    let fixture = Fixture::start().await;
    let secret = fixture.token(1, true, SignedDuration::from_hours(1)).await;
    let key = KeyPair::generate().unwrap();
    let first = fixture.try_enrol(&secret, &key).await.unwrap();
    let second = fixture.try_enrol(&secret, &key).await.unwrap();
    assert_eq!(first.device, second.device);
    fixture.stop().await;
}

#[tokio::test]
async fn tokens_that_are_old_or_made_up_are_told_apart() {
    let fixture = Fixture::start().await;
    let old = fixture.token(1, true, SignedDuration::from_secs(-1)).await;
    let key = KeyPair::generate().unwrap();
    assert_eq!(code(fixture.try_enrol(&old, &key).await), Code::TokenExpired);
    assert_eq!(code(fixture.try_enrol("made up", &key).await), Code::TokenUnknown);
    fixture.stop().await;
}

#[tokio::test]
async fn whoever_guesses_tokens_has_to_wait() {
    let fixture = Fixture::start().await;
    let key = KeyPair::generate().unwrap();
    for _ in 0..10 {
        assert_eq!(code(fixture.try_enrol("guess", &key).await), Code::TokenUnknown);
    }
    let secret = fixture.token(1, true, SignedDuration::from_hours(1)).await;
    assert_eq!(code(fixture.try_enrol(&secret, &key).await), Code::RateLimited);
    let request = serde_json::json!({"protocol": 1, "secret": "", "csr": "", "fingerprint": {}});
    let post = fixture
        .client(None)
        .post(format!("{}/v1/enrol", fixture.url))
        .json(&request);
    let response = post.send().await.unwrap();
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    fixture.stop().await;
}

#[tokio::test]
async fn a_request_that_its_key_did_not_sign_is_refused() {
    let fixture = Fixture::start().await;
    let secret = fixture.token(1, true, SignedDuration::from_hours(1)).await;
    let mut request = serde_json::json!({"protocol": 1, "secret": secret, "csr": "no csr", "fingerprint": {}});
    let client = fixture.client(None);
    let send = async |request: &serde_json::Value| {
        let post = client.post(format!("{}/v1/enrol", fixture.url)).json(request);
        code(read::<EnrolAnswer>(post.send().await.unwrap()).await)
    };
    assert_eq!(send(&request).await, Code::BadCsr);
    request["protocol"] = 99.into();
    assert_eq!(send(&request).await, Code::UnsupportedProtocol);
    request["protocol"] = "one".into();
    assert_eq!(send(&request).await, Code::Malformed);
    fixture.stop().await;
}

#[tokio::test]
async fn a_retired_device_is_revoked_and_stays_so() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let store = &fixture.collector.store;
    let id = device.enrolled.device;
    store
        .set_binding(id, Binding::Retired, By::command_line())
        .await
        .unwrap();
    assert_eq!(code(device.send(&device.request()).await), Code::Revoked);
    assert_eq!(code(read::<()>(device.get("/v1/policy").await).await), Code::Revoked);
    assert!(store.set_binding(id, Binding::Bound, By::command_line()).await.is_err());
    fixture.stop().await;
}

#[tokio::test]
async fn a_certificate_is_renewed_for_the_same_key_alone() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let renew = async |key: &KeyPair| {
        let request = RenewRequest { csr: csr(key) };
        let post = device.client.post(format!("{}/v1/renew", fixture.url)).json(&request);
        read::<RenewAnswer>(post.send().await.unwrap()).await
    };
    let renewed = renew(&device.key).await.unwrap();
    assert_ne!(renewed.certificate, device.enrolled.certificate);
    assert_eq!(code(renew(&KeyPair::generate().unwrap()).await), Code::BadCsr);
    fixture.stop().await;
}

#[tokio::test]
async fn an_expired_certificate_can_be_renewed_and_nothing_else() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let request = crate::ca::Csr::read(&csr(&device.key)).unwrap();
    let long_ago = Timestamp::now() - SignedDuration::from_hours(24 * 60);
    let expired = fixture
        .tls
        .authority()
        .sign_device(&request, device.enrolled.device, long_ago)
        .unwrap();
    let device = Device {
        client: fixture.client(Some((&expired, &device.key))),
        ..device
    };
    assert_eq!(code(device.send(&device.request()).await), Code::CertificateRequired);
    let certificate = device.renewed().await;
    let device = Device {
        client: fixture.client(Some((&certificate, &device.key))),
        ..device
    };
    device.send(&device.request()).await.unwrap();
    fixture.stop().await;
}

#[tokio::test]
async fn a_device_the_database_does_not_know_is_told_so() {
    let fixture = Fixture::start().await;
    let key = KeyPair::generate().unwrap();
    let request = crate::ca::Csr::read(&csr(&key)).unwrap();
    let id = fileward_protocol::ids::DeviceId::new();
    let pem = fixture
        .tls
        .authority()
        .sign_device(&request, id, Timestamp::now())
        .unwrap();
    let known = fixture.device().await;
    let stranger = Device {
        client: fixture.client(Some((&pem, &key))),
        ..known
    };
    assert_eq!(code(stranger.send(&stranger.request()).await), Code::UnknownDevice);
    assert_eq!(
        code(read::<()>(stranger.get("/v1/policy").await).await),
        Code::UnknownDevice
    );
    fixture.stop().await;
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_not_let_in() {
    let (one, other) = (Fixture::start().await, Fixture::start().await);
    let stranger = other.device().await;
    let client = one.client(Some((&stranger.enrolled.certificate, &stranger.key)));
    let result = client.get(format!("{}/v1/time", one.url)).send().await;
    assert!(result.is_err(), "{result:?}");
    assert!(one.folder.path().join("data").exists());
    one.stop().await;
    other.stop().await;
}

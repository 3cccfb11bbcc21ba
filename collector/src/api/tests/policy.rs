use super::*;
use crate::store::policies::Publication;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_protocol::bundle::{Bundle, Signed};
use fileward_protocol::ids::Pseudonym;
use fileward_protocol::vocabulary::App;
use ring::signature::{ED25519, UnparsedPublicKey};

async fn fetch(device: &Device, etag: Option<&str>) -> (u16, String, Option<Bundle>) {
    let mut get = device.client.get(format!("{}/v1/policy", device.url));
    if let Some(etag) = etag {
        get = get.header("if-none-match", etag);
    }
    let response = get.send().await.unwrap();
    let status = response.status().as_u16();
    let etag = response.headers()["etag"].to_str().unwrap().to_owned();
    if status == 304 {
        return (status, etag, None);
    }
    let signed: Signed = response.json().await.unwrap();
    let key = STANDARD.decode(&device.enrolled.policy_key).unwrap();
    let signature = STANDARD.decode(&signed.signature).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, key);
    key.verify(signed.bundle.as_bytes(), &signature).unwrap();
    (status, etag, Some(serde_json::from_str(&signed.bundle).unwrap()))
}

#[tokio::test]
async fn a_bundle_is_signed_and_fetched_again_only_when_it_changed() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let (_, etag, bundle) = fetch(&device, None).await;
    let first = bundle.unwrap();
    assert_eq!((first.version, first.group), (1, None));
    assert_eq!(
        device.send(&device.request()).await.unwrap().bundle_serial,
        first.serial
    );
    assert_eq!(fetch(&device, Some(&etag)).await.0, 304);

    let store = &fixture.collector.store;
    let next = Publication {
        document: "format = 1".to_owned(),
        why: "the next one".to_owned(),
        groups: Vec::new(),
    };
    store.publish_policy(next, By::command_line()).await.unwrap();
    let (status, etag, bundle) = fetch(&device, Some(&etag)).await;
    let second = bundle.unwrap();
    assert_eq!((status, second.version), (200, 2));
    assert!(second.serial > first.serial);

    let key = &fixture.collector.company_key;
    let pseudonym = Pseudonym::of(key, App::Wechat, "wxid_abc");
    let filed = store.file_account(
        App::Wechat,
        "wxid_abc".into(),
        pseudonym,
        String::new(),
        By::command_line(),
    );
    filed.await.unwrap();
    let (_, etag, bundle) = fetch(&device, Some(&etag)).await;
    let third = bundle.unwrap();
    assert_eq!(third.registers.accounts, [pseudonym]);
    assert!(third.serial > second.serial);

    let id = device.enrolled.device;
    store
        .set_group(id, Some("executives".to_owned()), By::command_line())
        .await
        .unwrap();
    let fourth = fetch(&device, Some(&etag)).await.2.unwrap();
    assert_eq!(fourth.group.as_deref(), Some("executives"));
    assert!(fourth.serial > third.serial);
    fixture.stop().await;
}

#[tokio::test]
async fn one_devices_group_is_no_news_to_the_others() {
    let fixture = Fixture::start().await;
    let (one, other) = (fixture.device().await, fixture.device().await);
    let (_, etag, _) = fetch(&other, None).await;
    let store = &fixture.collector.store;
    store
        .set_group(one.enrolled.device, Some("sales".to_owned()), By::command_line())
        .await
        .unwrap();
    assert_eq!(fetch(&other, Some(&etag)).await.0, 304);
    fixture.stop().await;
}

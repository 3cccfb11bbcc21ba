use super::*;
use crate::testing::{number, put_right};
use fileward_protocol::BODY_LIMIT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn post(device: &Device, media_type: &str, body: impl Into<reqwest::Body>) -> Problem {
    let post = device.client.post(format!("{}/v1/report", device.url));
    let response = post.header("content-type", media_type).body(body).send().await.unwrap();
    read::<Answer>(response).await.unwrap_err()
}

#[tokio::test]
async fn a_body_that_is_broken_says_where() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let good = serde_json::to_value(device.request()).unwrap();
    let broken = |field: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let cases = [
        (String::new(), "line 1"),
        ("{".to_owned(), "line 1"),
        ("[]".to_owned(), "line 1"),
        ("\u{0}".to_owned(), "line 1"),
        ("[".repeat(100_000), "line 1"),
        (broken("ledger", 7.into()), "line 1"),
        (broken("sent_at", "yesterday".into()), "line 1"),
        (broken("reports", serde_json::json!([1])), "after"),
        (broken("after", serde_json::json!({"seq": -1, "hash": ""})), "line 1"),
        (
            broken("after", serde_json::json!({"seq": u64::MAX, "hash": "0".repeat(64)})),
            "after.seq",
        ),
    ];
    for (body, place) in cases {
        let problem = post(&device, "application/json", body).await;
        assert_eq!(problem.code, Code::Malformed, "{problem:?}");
        assert!(problem.detail.contains(place), "{problem:?}");
    }
    fixture.stop().await;
}

#[tokio::test]
async fn one_broken_report_leaves_nothing_half_stored() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let mut reports = number(Head::START, [put_right(1), put_right(2)]);
    reports[1] = RawValue::from_string(r#"{"seq": 2, "at": "2026-11-21T08:00:00Z", "type": "novel"}"#.into()).unwrap();
    let problem = device.send(&device.delivery(Head::START, &reports)).await.unwrap_err();
    assert_eq!(problem.code, Code::Malformed);
    assert!(problem.detail.starts_with("reports[1]"), "{problem:?}");
    assert_eq!(device.send(&device.request()).await.unwrap().ack, Head::START);
    fixture.stop().await;
}

#[tokio::test]
async fn too_much_is_named_whether_announced_or_not() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let large = vec![b' '; BODY_LIMIT + 1];
    assert_eq!(
        post(&device, "application/json", large.clone()).await.code,
        Code::TooLarge
    );
    let reports = number(Head::START, (0..=500).map(put_right));
    let problem = device.send(&device.delivery(Head::START, &reports)).await.unwrap_err();
    assert_eq!(problem.code, Code::Malformed);
    assert_eq!(post(&device, "text/plain", "{}").await.code, Code::UnsupportedMediaType);

    // Without a length the body is counted while it comes.
    let mut stream = tls_stream(&fixture).await;
    let head = "POST /v1/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in large.chunks(64 * 1024) {
        stream
            .write_all(format!("{:x}\r\n", part.len()).as_bytes())
            .await
            .unwrap();
        stream.write_all(part).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"),
        "{answer}"
    );
    fixture.stop().await;
}

async fn tls_stream(fixture: &Fixture) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(fixture.tls.authority().trusted().unwrap().remove(0)).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(fixture.collector.settings.agent_listen)
        .await
        .unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap()
}

#[tokio::test]
async fn wrong_addresses_and_methods_are_named() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    assert_eq!(code(read::<()>(device.get("/v2/report").await).await), Code::NotFound);
    let response = device.get("/v1/report").await;
    assert_eq!(response.headers()["allow"], "POST");
    assert_eq!(code(read::<()>(response).await), Code::MethodNotAllowed);
    let anonymous = fixture
        .client(None)
        .get(format!("{}/v1/policy", fixture.url))
        .send()
        .await
        .unwrap();
    assert_eq!(code(read::<()>(anonymous).await), Code::CertificateRequired);
    fixture.stop().await;
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_waiting() {
    let fixture = Fixture::start().await;
    let device = fixture.device().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(
            TcpStream::connect(fixture.collector.settings.agent_listen)
                .await
                .unwrap(),
        );
    }
    // A connection of its own: the device's first one stands already.
    let client = fixture.client(Some((&device.enrolled.certificate, &device.key)));
    let response = client.get(format!("{}/v1/time", fixture.url)).send().await.unwrap();
    assert!(response.status().is_success());
    drop(silent);
    fixture.stop().await;
}

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::collector::Collector;
use super::{Agent, fingerprint};
use crate::config::Proxy;
use crate::uplink::enrol;

/// A proxy that knows `CONNECT`, and counts its connections.
async fn proxy() -> (Proxy, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(connect(client));
        }
    });
    (Proxy::try_from(format!("http://user:secret@{address}")).unwrap(), count)
}

async fn connect(mut client: TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
    assert!(
        head.to_lowercase()
            .contains("proxy-authorization: basic dxnlcjpzzwnyzxq=")
    );
    let mut server = TcpStream::connect(target).await.unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test]
async fn everything_goes_through_the_proxy_that_is_set() {
    let collector = Collector::start();
    let (proxy, count) = proxy().await;
    let mut agent = Agent::new();
    enrol(
        agent.data_dir(),
        &collector.token(),
        fingerprint(),
        &agent.clock,
        Some(&proxy),
    )
    .await
    .unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    agent.proxy = Some(proxy);
    agent.ledger.record("by proxy");
    agent.run_until(|| agent.ledger.is_done()).await;
    assert!(count.load(Ordering::Relaxed) >= 2);
    assert_eq!(collector.inside().reports.len(), 1);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_without_its_password() {
    let collector = Collector::start();
    let agent = Agent::new();
    let proxy = Proxy::try_from("http://user:secret@127.0.0.1:9".to_owned()).unwrap();
    let error = enrol(
        agent.data_dir(),
        &collector.token(),
        fingerprint(),
        &agent.clock,
        Some(&proxy),
    )
    .await;
    let error = format!("{:?}", error.unwrap_err());
    assert!(error.contains("Offline") && !error.contains("secret"), "{error}");
    assert_eq!(collector.count("/v1/enrol"), 0);
}

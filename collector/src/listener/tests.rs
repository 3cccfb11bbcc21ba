//! Slow clients, as the listener meets them.

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::collector::Collector;
use crate::tls::Tls;

/// Little patience, so that the tests are quick.
const PATIENCE: Patience = Patience {
    handshake: Duration::from_millis(400),
    header: Duration::from_millis(400),
    idle: Duration::from_millis(800),
    handshakes: 64,
    connections: 4,
};

/// Far longer than all patience: who is still connected then was not cut.
const TOO_LONG: Duration = Duration::from_secs(30);

struct Running {
    _folder: tempfile::TempDir,
    address: SocketAddr,
    roots: Arc<rustls::ClientConfig>,
    _stop: watch::Sender<bool>,
}

impl Running {
    async fn start(app: Router) -> Self {
        Self::with(PATIENCE, app).await
    }

    async fn with(patience: Patience, app: Router) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let collector = Collector::open(&folder.path().join("data"), None).await.unwrap();
        let tls = Arc::new(Tls::new(&collector, vec!["localhost".to_owned()]).await.unwrap());
        let mut roots = rustls::RootCertStore::empty();
        for root in tls.authority().trusted().unwrap() {
            roots.add(root).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(tcp, move || tls.console(), app, patience, stopped));
        Self {
            _folder: folder,
            address,
            roots: Arc::new(config),
            _stop: stop,
        }
    }

    async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = rustls_pki_types::ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(&self.roots)).connect(name, tcp).await
    }
}

fn app() -> Router {
    Router::new().route("/", get(async || "here"))
}

/// Waits for the end of a connection and gives what came before.
async fn until_cut(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let ended = tokio::time::timeout(TOO_LONG, stream.read_to_end(&mut all)).await;
    // How it ends, with a farewell or without one, is the same to whoever attacked.
    let _ = ended.expect("the connection was cut");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn whoever_never_begins_the_handshake_is_cut() {
    let running = Running::start(app()).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(until_cut(&mut silent).await, "");
}

#[tokio::test]
async fn whoever_sends_a_head_letter_by_letter_is_cut() {
    let patience = Patience {
        idle: 4 * TOO_LONG,
        ..PATIENCE
    };
    let running = Running::with(patience, app()).await;
    let mut slow = running.connect().await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let dripping = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if slow.write_all(b"x: y\r\n").await.is_err() || slow.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(TOO_LONG, dripping)
        .await
        .expect("the connection was cut");
}

#[tokio::test]
async fn whoever_stays_without_asking_is_cut_and_makes_room() {
    let running = Running::start(app()).await;
    let mut idle = Vec::new();
    for _ in 0..PATIENCE.connections {
        idle.push(running.connect().await.unwrap());
    }
    assert!(
        running.connect().await.is_err(),
        "beyond the limit the newest is turned away"
    );
    for stream in &mut idle {
        assert_eq!(until_cut(stream).await, "");
    }
    let mut next = running.connect().await.unwrap();
    next.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(until_cut(&mut next).await.ends_with("here"));
}

#[tokio::test]
async fn whoever_asks_again_and_again_is_served_longer_than_the_idle_are() {
    let running = Running::start(app()).await;
    let mut busy = running.connect().await.unwrap();
    for _ in 0..6 {
        tokio::time::sleep(PATIENCE.idle / 4).await;
        busy.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut answer = [0; 512];
        assert!(busy.read(&mut answer).await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_form_that_never_comes_to_its_end_is_answered_and_cut() {
    let running = Running::start(crate::console::in_a_hurry(Duration::from_millis(400))).await;
    let mut slow = running.connect().await.unwrap();
    slow.write_all(
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
          Content-Length: 1000\r\n\r\nname=",
    )
    .await
    .unwrap();
    let said = until_cut(&mut slow).await;
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
}

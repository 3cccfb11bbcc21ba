//! A collector small enough to be told to misbehave: real TLS with client certificates, real HTTP, its own CA.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fileward_protocol::bundle::{Bundle, Registers, Signed};
use fileward_protocol::chain::Head;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::enrol::{EnrolAnswer, EnrolRequest, RenewAnswer, RenewRequest, Roots, Time, Token};
use fileward_protocol::ids::DeviceId;
use fileward_protocol::problem::{Code, MEDIA_TYPE, Problem};
use fileward_protocol::report::{Answer, Decision, Request};
use fileward_protocol::vocabulary::Binding;
use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

type Ca = CertifiedIssuer<'static, KeyPair>;

/// What it answers instead of doing its work, once.
#[derive(Clone)]
pub(super) enum Misbehave {
    Problem(Problem),
    Busy {
        status: u16,
        retry_after: Option<&'static str>,
    },
    Body(&'static str),
    /// Does its work, but the answer is lost.
    Lose,
    /// Restores an older backup: of its reports only so many are left. Then it does its work without the request's.
    Forget(usize),
}

pub(super) struct Inside {
    pub(super) binding: Binding,
    pub(super) head: Head,
    pub(super) reports: Vec<String>,
    pub(super) requests: Vec<(String, Bytes)>,
    pub(super) misbehave: HashMap<&'static str, VecDeque<Misbehave>>,
    pub(super) bundle: Option<Signed>,
    pub(super) bundle_serial: u64,
    pub(super) roots_serial: u64,
    pub(super) decisions: Vec<Decision>,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) want_fingerprint: bool,
    /// How long the certificates it gives out have held and will hold.
    pub(super) certificate_life: (SignedDuration, SignedDuration),
    pub(super) peers: Vec<CertificateDer<'static>>,
    pub(super) checks_time: bool,
    cas: Vec<Arc<Ca>>,
    signer: Ed25519KeyPair,
}

pub(super) struct Collector {
    inside: Arc<Mutex<Inside>>,
    address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
    server_life: (SignedDuration, SignedDuration),
}

impl Collector {
    pub(super) fn start() -> Self {
        let rng = ring::rand::SystemRandom::new();
        let signer = Ed25519KeyPair::generate_pkcs8(&rng).unwrap();
        let inside = Inside {
            binding: Binding::Bound,
            head: Head::START,
            reports: Vec::new(),
            requests: Vec::new(),
            misbehave: HashMap::new(),
            bundle: None,
            bundle_serial: 0,
            roots_serial: 1,
            decisions: Vec::new(),
            disclosures: Vec::new(),
            want_fingerprint: false,
            certificate_life: (DAY / 100, DAY),
            peers: Vec::new(),
            checks_time: true,
            cas: vec![Arc::new(ca())],
            signer: Ed25519KeyPair::from_pkcs8(signer.as_ref()).unwrap(),
        };
        let mut collector = Self {
            inside: Arc::new(Mutex::new(inside)),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            runtime: None,
            server_life: (DAY / 100, DAY),
        };
        collector.listen();
        collector
    }

    /// Takes everything down, open connections too.
    pub(super) fn go_down(&mut self) {
        let runtime = self.runtime.take().unwrap();
        // A runtime may be waited for only outside of every other.
        std::thread::spawn(move || runtime.shutdown_timeout(std::time::Duration::from_secs(10)))
            .join()
            .unwrap();
    }

    /// Listens, at the same address as before.
    pub(super) fn listen(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let std = bind(self.address);
        self.address = std.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(self.inside().tls(self.server_life)));
        let app = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.inside.clone())
            .into_make_service_with_connect_info::<Peer>();
        runtime.spawn(async move {
            let tcp = TcpListener::from_std(std).unwrap();
            axum::serve(TlsListener { tcp, acceptor }, app).await.unwrap();
        });
        self.runtime = Some(runtime);
    }

    /// Listens with a server certificate that began and ends like this, counted from now.
    pub(super) fn listen_with_certificate(&mut self, began: SignedDuration, ends: SignedDuration) {
        self.go_down();
        self.server_life = (began, ends);
        self.listen();
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub(super) fn token(&self) -> Token {
        let hash = crate::device::certificate::key_hash(self.inside().cas[0].der()).unwrap();
        Token {
            url: format!("https://{}", self.address),
            ca_hash: URL_SAFE_NO_PAD.encode(hash),
            secret: "the token's secret".to_owned(),
        }
    }

    pub(super) fn misbehave(&self, path: &'static str, how: Misbehave) {
        self.inside().misbehave.entry(path).or_default().push_back(how);
    }

    /// The bodies of every request to `path`.
    pub(super) fn requests<T: serde::de::DeserializeOwned>(&self, path: &str) -> Vec<T> {
        let inside = self.inside();
        let of_path = inside.requests.iter().filter(|(at, _)| at == path);
        of_path.map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.inside().requests.iter().filter(|(at, _)| at == path).count()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inside {
    pub(super) fn publish(&mut self, serial: u64, document: &str) {
        self.bundle_serial = serial;
        self.bundle = Some(self.sign(serial, document));
    }

    pub(super) fn sign(&self, serial: u64, document: &str) -> Signed {
        let bundle = Bundle {
            serial,
            version: serial,
            published_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            group: None,
            document: document.to_owned(),
            registers: Registers::default(),
        };
        let bundle = serde_json::to_string(&bundle).unwrap();
        let signature = STANDARD.encode(self.signer.sign(bundle.as_bytes()));
        Signed { bundle, signature }
    }

    /// Adds a root; server certificates come from the newest at the next `listen`.
    pub(super) fn add_root(&mut self) {
        self.cas.push(Arc::new(ca()));
        self.roots_serial += 1;
    }

    /// Drops the oldest root.
    pub(super) fn drop_oldest_root(&mut self) {
        if self.cas.len() > 1 {
            self.cas.remove(0);
        }
        self.roots_serial += 1;
    }

    fn newest(&self) -> Arc<Ca> {
        self.cas.last().unwrap().clone()
    }

    fn roots(&self) -> Roots {
        Roots {
            roots: self.cas.iter().map(|ca| ca.pem()).collect(),
            roots_serial: self.roots_serial,
        }
    }

    fn tls(&self, life: (SignedDuration, SignedDuration)) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        set_life(&mut parameters, life);
        let certificate = parameters.signed_by(&key, &*self.newest()).unwrap();
        let chain = vec![certificate.der().clone(), self.newest().der().clone()];
        let mut roots = RootCertStore::empty();
        for ca in &self.cas {
            roots.add(ca.der().clone()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()
            .unwrap();
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(
                chain,
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap()
    }

    fn certify(&self, csr: &str) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(csr).unwrap();
        set_life(&mut request.params, self.certificate_life);
        request.signed_by(&*self.newest()).unwrap().pem()
    }

    fn enrol(&self, body: &[u8]) -> Response {
        let request: EnrolRequest = serde_json::from_slice(body).unwrap();
        if request.secret != "the token's secret" {
            return problem(&Problem::new(Code::TokenUnknown, "nobody gave out this token"), None);
        }
        let Roots { roots, roots_serial } = self.roots();
        let answer = EnrolAnswer {
            device: DeviceId::new(),
            certificate: self.certify(&request.csr),
            roots,
            roots_serial,
            policy_key: STANDARD.encode(self.signer.public_key().as_ref()),
            company_key: STANDARD.encode([7; 32]),
            binding: self.binding,
            server_time: Timestamp::now(),
        };
        axum::Json(answer).into_response()
    }

    fn report(&mut self, body: &[u8]) -> Response {
        let request: Request = serde_json::from_slice(body).unwrap();
        let now = Timestamp::now();
        if self.checks_time && now.duration_since(request.sent_at).abs() > SignedDuration::from_mins(5) {
            let mut skew = Problem::new(Code::ClockSkew, "correct the clock");
            skew.server_time = Some(now);
            return problem(&skew, None);
        }
        if let Some(after) = request.after {
            let mut head = after;
            let mut fresh = Vec::new();
            for report in &request.reports {
                head = head.after(report.get().as_bytes());
                if head.seq > self.head.seq {
                    fresh.push(report.get().to_owned());
                }
            }
            if after.seq > self.head.seq {
                let mut gap = Problem::new(Code::SequenceGap, "send from the ack on");
                gap.ack = Some(self.head);
                return problem(&gap, None);
            }
            if head.seq > self.head.seq {
                self.head = head;
            }
            self.reports.extend(fresh);
        }
        let answer = Answer {
            ack: self.head,
            binding: self.binding,
            bundle_serial: self.bundle_serial,
            roots_serial: self.roots_serial,
            server_time: now,
            want_fingerprint: self.want_fingerprint,
            decisions: self
                .decisions
                .iter()
                .filter(|one| one.id > request.decisions_after)
                .cloned()
                .collect(),
            disclosures: self
                .disclosures
                .iter()
                .filter(|one| request.disclosures_after.is_some_and(|after| one.id > after))
                .cloned()
                .collect(),
        };
        axum::Json(answer).into_response()
    }

    fn policy(&self, headers: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", self.bundle_serial);
        if headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known == etag.as_str())
        {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, etag)], axum::Json(self.bundle.clone().unwrap())).into_response()
    }

    fn work(&mut self, path: &str, headers: &HeaderMap, body: &[u8], peer: &Peer) -> Response {
        if let Some(certificate) = &peer.0 {
            self.peers.push(certificate.clone());
        } else if !["/v1/enrol", "/v1/time"].contains(&path) {
            return problem(&Problem::new(Code::CertificateRequired, "no certificate"), None);
        }
        match path {
            "/v1/enrol" => self.enrol(body),
            "/v1/report" => self.report(body),
            "/v1/policy" => self.policy(headers),
            "/v1/roots" => axum::Json(self.roots()).into_response(),
            "/v1/time" => axum::Json(Time {
                server_time: Timestamp::now(),
            })
            .into_response(),
            "/v1/renew" => {
                let request: RenewRequest = serde_json::from_slice(body).unwrap();
                axum::Json(RenewAnswer {
                    certificate: self.certify(&request.csr),
                    roots: self.roots(),
                })
                .into_response()
            }
            _ => problem(&Problem::new(Code::NotFound, "nothing here"), None),
        }
    }
}

async fn answer(
    State(inside): State<Arc<Mutex<Inside>>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    let mut inside = inside.lock().unwrap();
    inside.requests.push((path.to_owned(), body.clone()));
    match inside.misbehave.get_mut(path).and_then(VecDeque::pop_front) {
        None => inside.work(path, &headers, &body, &peer),
        Some(Misbehave::Problem(named)) => problem(&named, None),
        Some(Misbehave::Busy { status, retry_after }) => problem(
            &Problem {
                status,
                ..Problem::new(Code::Unavailable, "busy")
            },
            retry_after,
        ),
        Some(Misbehave::Body(text)) => text.into_response(),
        Some(Misbehave::Forget(left)) => {
            inside.reports.truncate(left);
            inside.head = inside
                .reports
                .iter()
                .fold(Head::START, |head, report| head.after(report.as_bytes()));
            let mut request: Request = serde_json::from_slice(&body).unwrap();
            request.reports.clear();
            request.after = None;
            inside.report(&serde_json::to_vec(&request).unwrap())
        }
        Some(Misbehave::Lose) => {
            inside.work(path, &headers, &body, &peer);
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

fn problem(problem: &Problem, retry_after: Option<&str>) -> Response {
    let mut response = (
        StatusCode::from_u16(problem.status).unwrap(),
        json!(problem).to_string(),
    )
        .into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, MEDIA_TYPE.parse().unwrap());
    if let Some(wait) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, wait.parse().unwrap());
    }
    response
}

fn ca() -> Ca {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    set_life(&mut parameters, (DAY * 30, DAY * 300));
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// From so long ago until so long from now.
fn set_life(parameters: &mut CertificateParams, (ago, ahead): (SignedDuration, SignedDuration)) {
    let at = |offset: SignedDuration| {
        let since_1970 = (Timestamp::now() + offset).duration_since(Timestamp::UNIX_EPOCH);
        rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::try_from(since_1970).unwrap()
    };
    (parameters.not_before, parameters.not_after) = (at(-ago), at(ahead));
}

fn bind(address: SocketAddr) -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind(address).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

/// The certificate the agent showed.
#[derive(Clone)]
struct Peer(Option<CertificateDer<'static>>);

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let (_, tls) = stream.io().get_ref();
        Self(tls.peer_certificates().map(|chain| chain[0].clone().into_owned()))
    }
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else {
                continue;
            };
            if let Ok(tls) = self.acceptor.accept(stream).await {
                return (tls, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

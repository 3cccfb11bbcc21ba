//! The API as agents meet it: a real listener, real TLS, a real store.

mod bodies;
mod enrolment;
mod policy;
mod reports;
mod roots;

use std::sync::Arc;

use axum::Router;
use fileward_protocol::chain::Head;
use fileward_protocol::enrol::{EnrolAnswer, EnrolRequest, RenewAnswer, RenewRequest};
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::ids::LedgerId;
use fileward_protocol::problem::{Code, Problem};
use fileward_protocol::report::{Answer, Request};
use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::collector::Collector;
use crate::secret::Secret;
use crate::serve::Server;
use crate::store::By;
use crate::store::tokens::NewToken;
use crate::tls::Tls;

/// A running collector.
struct Fixture {
    collector: Arc<Collector>,
    tls: Arc<Tls>,
    url: String,
    folder: TempDir,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Fixture {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut collector = Collector::open(&folder.path().join("data")).await.unwrap();
        collector.settings.agent_listen.set_port(0);
        collector.settings.console_listen.set_port(0);
        let server = Server::bind(collector, None).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let collector = Arc::clone(server.collector());
        Self {
            url: collector.settings.agent_url(),
            tls: Arc::clone(server.tls()),
            collector,
            folder,
            stop,
            task: tokio::spawn(server.run(Router::new(), stopped)),
        }
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }

    /// Makes a token and gives its secret.
    async fn token(&self, uses: u32, auto_approve: bool, life: SignedDuration) -> String {
        let secret = Secret::new().unwrap();
        let by = By::command_line();
        let token = NewToken {
            secret_hash: secret.hash(),
            until: by.at + life,
            uses,
            auto_approve,
            group: None,
        };
        self.collector.store.add_token(token, by).await.unwrap();
        secret.text().to_owned()
    }

    /// A client that trusts the collector's roots and shows `identity`.
    fn client(&self, identity: Option<(&str, &KeyPair)>) -> reqwest::Client {
        let mut roots = rustls::RootCertStore::empty();
        for root in self.tls.authority().trusted().unwrap() {
            roots.add(root).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some((pem, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
                let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .build()
            .unwrap()
    }

    /// Tries to enrol with a key.
    async fn try_enrol(&self, secret: &str, key: &KeyPair) -> Result<EnrolAnswer, Problem> {
        let request = EnrolRequest {
            protocol: fileward_protocol::VERSION,
            secret: secret.to_owned(),
            csr: csr(key),
            fingerprint: fingerprint(),
        };
        let answer = self
            .client(None)
            .post(format!("{}/v1/enrol", self.url))
            .json(&request)
            .send()
            .await;
        read(answer.unwrap()).await
    }

    /// Enrols a device that is approved at once.
    async fn device(&self) -> Device {
        let secret = self.token(1, true, SignedDuration::from_hours(1)).await;
        self.enrol(&secret).await
    }

    async fn enrol(&self, secret: &str) -> Device {
        let key = KeyPair::generate().unwrap();
        let answer = self.try_enrol(secret, &key).await.unwrap();
        Device {
            client: self.client(Some((&answer.certificate, &key))),
            url: self.url.clone(),
            key,
            enrolled: answer,
            ledger: LedgerId::new(),
            boot: Uuid::new_v4(),
        }
    }
}

/// An enrolled device.
struct Device {
    client: reqwest::Client,
    url: String,
    key: KeyPair,
    enrolled: EnrolAnswer,
    ledger: LedgerId,
    boot: Uuid,
}

impl Device {
    fn request(&self) -> Request {
        crate::testing::request(self.ledger, self.boot)
    }

    /// A request with reports after `after`.
    fn delivery(&self, after: Head, reports: &[Box<RawValue>]) -> Request {
        Request {
            after: Some(after),
            reports: reports.to_vec(),
            ..self.request()
        }
    }

    async fn send(&self, request: &Request) -> Result<Answer, Problem> {
        read(
            self.client
                .post(format!("{}/v1/report", self.url))
                .json(request)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Another certificate for the same key, in PEM.
    async fn renewed(&self) -> String {
        let renewal = RenewRequest { csr: csr(&self.key) };
        let post = self.client.post(format!("{}/v1/renew", self.url)).json(&renewal);
        let renewed: RenewAnswer = read(post.send().await.unwrap()).await.unwrap();
        renewed.certificate
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }
}

/// Reads an answer, or the problem, which must be written as one.
async fn read<T: serde::de::DeserializeOwned>(response: reqwest::Response) -> Result<T, Problem> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await.unwrap());
    }
    assert_eq!(
        response.headers()["content-type"],
        fileward_protocol::problem::MEDIA_TYPE
    );
    let problem: Problem = response.json().await.unwrap();
    assert_eq!(problem.status, status.as_u16());
    Err(problem)
}

/// The name of the problem that an attempt ended with.
fn code<T>(result: Result<T, Problem>) -> Code {
    result.map(|_| ()).unwrap_err().code
}

fn csr(key: &KeyPair) -> String {
    let params = CertificateParams::new(Vec::new()).unwrap();
    params.serialize_request(key).unwrap().pem().unwrap()
}

fn fingerprint() -> Fingerprint {
    Fingerprint {
        model: Some("ThinkPad X1".to_owned()),
        host_name: Some("pc-17".to_owned()),
        agent_version: "0.1.0".to_owned(),
        ..Fingerprint::default()
    }
}

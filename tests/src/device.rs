//! A device without a PC: what an agent says on the wire, for collectors that many of them talk to.

use std::sync::Once;

use fileward_protocol::chain::Head;
use fileward_protocol::enrol::{EnrolAnswer, EnrolRequest, Token};
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::Health;
use fileward_protocol::ids::{DeviceId, LedgerId};
use fileward_protocol::report::{Answer, Body, Report, Request};
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use serde_json::value::RawValue;
use uuid::Uuid;

/// A device that has enrolled. It keeps its connection.
#[derive(Debug)]
pub struct Device {
    client: Client,
    url: String,
    /// Its id.
    pub id: DeviceId,
    ledger: LedgerId,
    boot: Uuid,
    head: Head,
}

impl Device {
    /// Enrols with a token of `fileward-collector token create`.
    pub async fn enrol(token: &str, fingerprint: Fingerprint) -> Self {
        let token = Token::decode(token).expect("a token of the collector");
        let key = KeyPair::generate().expect("a key");
        let csr = CertificateParams::default()
            .serialize_request(&key)
            .and_then(|csr| csr.pem())
            .expect("a request");
        let request = EnrolRequest {
            protocol: fileward_protocol::VERSION,
            secret: token.secret,
            csr,
            fingerprint,
        };
        // The real agent checks the hash in the token; here the collector is the test's own.
        let stranger = client().danger_accept_invalid_certs(true).build().expect("a client");
        let answer = stranger
            .post(format!("{}/v1/enrol", token.url))
            .json(&request)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .expect("the collector takes the token");
        let answer: EnrolAnswer = answer.json().await.expect("an answer to enrolment");
        let identity = format!("{}\n{}", answer.certificate, key.serialize_pem());
        let roots = answer
            .roots
            .iter()
            .map(|root| Certificate::from_pem(root.as_bytes()).expect("a root in PEM"));
        let known = client()
            .tls_certs_only(roots)
            .identity(Identity::from_pem(identity.as_bytes()).expect("a certificate and its key"));
        Self {
            client: known.build().expect("a client"),
            url: format!("{}/v1/report", token.url),
            id: answer.device,
            ledger: LedgerId::new(),
            boot: Uuid::new_v4(),
            head: Head::START,
        }
    }

    /// The next request, with these reports in their order, as bytes to be sent. What is prepared is sent in that order.
    pub fn prepare(&mut self, bodies: impl IntoIterator<Item = Body>, health: Option<Health>) -> Vec<u8> {
        let after = self.head;
        let mut reports: Vec<Box<RawValue>> = Vec::new();
        for body in bodies {
            let report = Report {
                seq: self.head.seq + 1,
                at: when(&body),
                body,
            };
            let raw = serde_json::value::to_raw_value(&report).expect("a report is JSON");
            self.head = self.head.after(raw.get().as_bytes());
            reports.push(raw);
        }
        let request = Request {
            protocol: fileward_protocol::VERSION,
            ledger: self.ledger,
            boot: self.boot,
            sent_at: Timestamp::now(),
            fingerprint: None,
            health,
            after: Some(after),
            reports,
            decisions_after: 0,
            disclosures_after: None,
        };
        serde_json::to_vec(&request).expect("a request is JSON")
    }

    /// Sends a prepared request.
    pub async fn send(&self, request: Vec<u8>) -> Answer {
        let answer = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .body(request)
            .send()
            .await
            .expect("the collector answers");
        let status = answer.status();
        let text = answer.text().await.expect("the answer is read");
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).expect("an answer to reports")
    }
}

/// When a device records this.
fn when(body: &Body) -> Timestamp {
    match body {
        Body::Finding(finding) => finding.ended.unwrap_or(finding.due),
        _ => Timestamp::now(),
    }
}

/// A client with the cryptography of the product.
pub fn client() -> ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else's is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().no_proxy()
}

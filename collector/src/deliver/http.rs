//! Sending to HTTPS addresses outside: no redirects, nothing untrusted, nothing without an end.

use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder, StatusCode, Url};

use super::{Outcome, authorities};

const CONNECT: Duration = Duration::from_secs(10);

/// The longest one request may take.
const WHOLE: Duration = Duration::from_secs(30);

/// The most of an answer that is read.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A client for one target. Whether a proxy is used is for the environment to say: `HTTPS_PROXY`, `NO_PROXY`.
pub(crate) struct Client(reqwest::Client);

/// An answer.
pub(crate) struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// After how long to try again.
    pub retry_after: Option<Duration>,
    /// Its body, if it was not too large.
    pub body: Vec<u8>,
}

impl Client {
    /// A client that trusts these CAs alone, or those of the system.
    pub(crate) fn new(trusted: Option<&str>) -> Result<Self> {
        let mut builder = builder().https_only(true);
        if let Some(pem) = trusted {
            let certificates = authorities::certificates(pem)?;
            let certificates: Result<Vec<_>, _> = certificates.iter().map(|der| Certificate::from_der(der)).collect();
            builder = builder.tls_certs_only(certificates.context("Failed to read the CA's certificate")?);
        }
        Ok(Self(builder.build().context("Failed to set up the connection")?))
    }

    /// A client that goes without TLS, and without a proxy: for what is on this machine.
    pub(crate) fn plain() -> Result<Self> {
        let client = builder().no_proxy().build();
        Ok(Self(client.context("Failed to set up the connection")?))
    }

    /// Posts a body.
    ///
    /// # Errors
    /// The outcome, when there is no answer.
    pub(crate) async fn post(&self, url: Url, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, Outcome> {
        let sent = self.0.post(url).headers(headers).body(body).send().await;
        let mut response = sent.map_err(unreached)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| {
            let seconds = value.to_str().ok()?.parse().ok()?;
            Some(Duration::from_secs(seconds))
        });
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreached)? {
            if body.len() + chunk.len() > ANSWER_LIMIT {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }
}

fn builder() -> ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // It fails where one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .user_agent(concat!("fileward-collector/", env!("CARGO_PKG_VERSION")))
}

impl Answer {
    /// What an answer's status alone means.
    pub(crate) fn outcome(&self) -> Outcome {
        let reason = format!("it answered with HTTP status {}", self.status.as_u16());
        match self.status {
            status if status.is_success() => Outcome::Taken,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Outcome::Later(reason, self.retry_after),
            status if status.is_server_error() => Outcome::Later(reason, self.retry_after),
            _ => Outcome::Refused(reason),
        }
    }
}

/// The failure in words, without the address: it may carry a token.
fn unreached(error: reqwest::Error) -> Outcome {
    Outcome::Unreached(format!("{:#}", anyhow::Error::from(error.without_url())))
}

/// Reads an address that must be HTTPS.
pub(super) fn url(text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host());
    url.context("the address must read https://…")
}

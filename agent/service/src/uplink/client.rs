//! The one HTTP client: requests to the collector, and the ways they fail.

use std::io;
use std::time::{Duration, Instant};

use fileward_protocol::problem::Problem;
use reqwest::header::{CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Method, StatusCode, redirect};
use rustls::ClientConfig;
use serde::de::DeserializeOwned;

use super::{retry_after, tls};
use crate::config::Proxy;

/// A larger answer is not read: the largest the protocol knows, a policy bundle, is far below.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(15);
/// The largest request over a slow line still fits in.
const WHOLE: Duration = Duration::from_mins(5);
const SILENCE: Duration = Duration::from_mins(1);
/// Longer than the pauses in a burst, shorter than what a sleeping PC or a stateful firewall needs to lose it.
const IDLE: Duration = Duration::from_secs(30);

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody answered.
    #[error("the collector cannot be reached: {0}")]
    Offline(String),
    /// Whoever answered is not trusted, or does not trust this device.
    #[error("no trusted connection to the collector: {0}")]
    Untrusted(String),
    /// The collector's certificate does not hold at this PC's time.
    #[error("the collector's certificate does not hold at the time of this PC's clock")]
    ClockDoubt,
    /// The collector named a problem.
    #[error("{problem}")]
    Problem {
        /// Which.
        problem: Box<Problem>,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// Something on the way, or a collector in trouble, answered without a named problem.
    #[error("the collector answered with HTTP status {status}")]
    Status {
        /// Which.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer is not what it must be.
    #[error("the collector's answer cannot be read: {0}")]
    Answer(String),
    /// The connection cannot even be tried.
    #[error("the connection to the collector cannot be set up: {0}")]
    SetUp(String),
}

impl Failure {
    /// How long the collector asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Problem { retry_after, .. } | Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<rustls::Error> for Failure {
    fn from(error: rustls::Error) -> Self {
        Self::SetUp(error.to_string())
    }
}

/// Talks to one collector.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

/// An answer that is not an error.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Whether it is what the caller has already.
    pub(crate) not_modified: bool,
    /// Its version, as the collector calls it.
    pub(crate) etag: Option<String>,
    /// How long it took from request to answer.
    pub(crate) took: Duration,
    body: Vec<u8>,
}

impl Reply {
    /// Reads the body.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| Failure::Answer(error.to_string()))
    }
}

impl Client {
    /// A client for the collector at `base`.
    ///
    /// # Errors
    /// When the proxy's address or the TLS configuration cannot be used.
    pub(crate) fn new(base: &str, tls: ClientConfig, proxy: Option<&Proxy>) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .read_timeout(SILENCE)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("fileward-agent/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.url()).map_err(set_up)?);
        }
        Ok(Self {
            http: builder.build().map_err(set_up)?,
            base: base.trim_end_matches('/').to_owned(),
        })
    }

    /// `GET`, unless the collector still has the version `known`.
    pub(crate) async fn get(&self, path: &str, known: Option<&str>) -> Result<Reply, Failure> {
        let mut request = self.http.request(Method::GET, format!("{}{path}", self.base));
        if let Some(etag) = known {
            request = request.header(IF_NONE_MATCH, etag);
        }
        send(request).await
    }

    /// `POST` of a JSON body.
    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, Failure> {
        let request = self.http.request(Method::POST, format!("{}{path}", self.base));
        send(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }
}

async fn send(request: reqwest::RequestBuilder) -> Result<Reply, Failure> {
    let started = Instant::now();
    let mut response = request.send().await.map_err(failure)?;
    let took = started.elapsed();
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let (etag, status) = (header(ETAG), response.status());
    let retry_after = header(RETRY_AFTER).and_then(|wait| retry_after::read(&wait, header(DATE).as_deref()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(Failure::Answer(format!("it is larger than {ANSWER_LIMIT} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(Reply {
            not_modified: status == StatusCode::NOT_MODIFIED,
            etag,
            took,
            body,
        });
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(Failure::Problem {
            problem: Box::new(problem),
            retry_after,
        }),
        Err(_) => Err(Failure::Status {
            status: status.as_u16(),
            retry_after,
        }),
    }
}

/// Finds out what lies behind a failed request. The address is left out: a proxy's could hold a password.
fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if let Some(tls) = tls_error(&error) {
        return if tls::is_about_time(tls) {
            Failure::ClockDoubt
        } else {
            Failure::Untrusted(tls.to_string())
        };
    }
    if error.is_timeout() {
        return Failure::Offline("it does not answer in time".to_owned());
    }
    Failure::Offline(innermost(&error).to_string())
}

fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An IO error hides what it wraps from `source`.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

fn set_up(error: reqwest::Error) -> Failure {
    Failure::SetUp(innermost(&error.without_url()).to_string())
}

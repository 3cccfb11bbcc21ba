//! Sent by OTLP/HTTP 1.x in its JSON encoding: the figures that Prometheus reads.
//!
//! What cannot be sent is dropped: the next push tells the same counters, further on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::figures::{Figure, Labels, Values, figures};
use super::spread::{SECONDS, Spread};
use crate::collector::Collector;
use crate::deliver::Client;

/// How often figures are sent.
const EVERY: Duration = Duration::from_mins(1);

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u8 = 2;

/// Where figures are sent.
pub(crate) struct Otlp {
    client: Client,
    url: Url,
}

impl Otlp {
    /// Sets up the way to an OTLP endpoint, such as `http://127.0.0.1:4318`. Without TLS it must be on this machine.
    pub(crate) fn new(endpoint: &str) -> Result<Self> {
        let url = format!("{}/v1/metrics", endpoint.trim_end_matches('/'));
        let url = Url::parse(&url).context("--otlp-endpoint must read https://HOST:PORT or http://127.0.0.1:PORT")?;
        let host = url.host_str().unwrap_or_default();
        let is_local = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
        match (url.scheme(), is_local) {
            ("https", _) => Ok(Self {
                client: Client::new(None)?,
                url,
            }),
            ("http", true) => Ok(Self {
                client: Client::plain()?,
                url,
            }),
            _ => bail!("--otlp-endpoint must be https://, or http:// on this machine"),
        }
    }

    /// Sends figures again and again. Never ends.
    pub(crate) async fn push(self, collector: Arc<Collector>) {
        let start = Timestamp::now();
        let mut failed = false;
        loop {
            let sent = self.send(&collector, start).await;
            if let Err(error) = &sent
                && !failed
            {
                tracing::warn!("Figures cannot be sent by OTLP: {error:#}");
            }
            failed = sent.is_err();
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Sends the figures as they are.
    async fn send(&self, collector: &Collector, start: Timestamp) -> Result<()> {
        let figures = figures(&collector.metrics, &*collector.store).await?;
        let body = request(&figures, start, Timestamp::now()).to_string().into_bytes();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let outcome = match self.client.post(self.url.clone(), headers, body).await {
            Ok(answer) => answer.outcome(),
            Err(outcome) => outcome,
        };
        match outcome.reason() {
            None => Ok(()),
            Some(reason) => bail!("{reason}"),
        }
    }
}

/// An `ExportMetricsServiceRequest`.
fn request(figures: &[Figure], start: Timestamp, now: Timestamp) -> Value {
    let metrics: Vec<_> = figures.iter().map(|figure| metric(figure, start, now)).collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "resourceMetrics": [{
            "resource": { "attributes": [
                attribute("service.name", "fileward-collector"),
                attribute("service.version", version),
            ] },
            "scopeMetrics": [{
                "scope": { "name": "fileward-collector", "version": version },
                "metrics": metrics,
            }],
        }],
    })
}

fn metric(figure: &Figure, start: Timestamp, now: Timestamp) -> Value {
    let unit = match figure.name.rsplit_once('_') {
        Some((_, "bytes")) => "By",
        Some((_, "seconds")) => "s",
        _ => "1",
    };
    let mut metric = json!({
        "name": format!("fileward.{}", figure.name),
        "description": figure.help,
        "unit": unit,
    });
    let point = |labels: &Labels, mut point: Value| {
        point["attributes"] = labels.iter().map(|(key, value)| attribute(key, value)).collect();
        point["startTimeUnixNano"] = start.as_nanosecond().to_string().into();
        point["timeUnixNano"] = now.as_nanosecond().to_string().into();
        point
    };
    let numbers = |values: &[(Labels, u64)]| -> Vec<Value> {
        let points = values.iter();
        points
            .map(|(labels, value)| point(labels, json!({ "asInt": value.to_string() })))
            .collect()
    };
    match &figure.values {
        Values::Counter(values) => {
            metric["sum"] = json!({
                "dataPoints": numbers(values), "aggregationTemporality": CUMULATIVE, "isMonotonic": true
            });
        }
        Values::Gauge(values) => metric["gauge"] = json!({ "dataPoints": numbers(values) }),
        Values::Histogram(values) => {
            let points: Vec<_> = values
                .iter()
                .map(|(labels, spread)| point(labels, histogram(spread)))
                .collect();
            metric["histogram"] = json!({ "dataPoints": points, "aggregationTemporality": CUMULATIVE });
        }
    }
    metric
}

fn histogram(spread: &Spread) -> Value {
    json!({
        "count": spread.count().to_string(),
        "sum": spread.sum,
        "bucketCounts": spread.counts.map(|count| count.to_string()),
        "explicitBounds": SECONDS,
    })
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_be_told_without_tls() {
        for good in [
            "https://otel.example:4318",
            "http://127.0.0.1:4318/",
            "http://localhost:4318",
        ] {
            let url = Otlp::new(good).unwrap().url;
            assert!(url.as_str().ends_with(":4318/v1/metrics"), "{url}");
        }
        for bad in ["http://otel.example:4318", "otel.example", "ftp://127.0.0.1", ""] {
            assert!(Otlp::new(bad).is_err(), "{bad}");
        }
    }
}

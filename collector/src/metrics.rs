//! Figures for Prometheus: how the collector itself does, in the `OpenMetrics` text format. Never names of people, devices or
//! files; the only names are those of integrations, which an administrator chose.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::timeout::TimeoutLayer;

use crate::collector::Collector;
use crate::store::{Store, StoreError};

/// The upper bounds of latencies, in seconds.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(10);

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What is counted while the collector runs.
#[derive(Clone, Default)]
pub(crate) struct Metrics {
    deliveries: Family<Sent, Counter>,
    intake: Family<Outcome, Counter>,
    reports: Counter,
    seconds: Seconds,
}

/// Latencies of the intake.
#[derive(Clone)]
struct Seconds(Histogram);

impl Default for Seconds {
    fn default() -> Self {
        Self(Histogram::new(SECONDS))
    }
}

/// One of a fixed list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Word(&'static str);

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.encode(encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: Word,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    integration: String,
    outcome: Word,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Integration {
    integration: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Binding {
    binding: Word,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Finding {
    state: Word,
    severity: Word,
}

impl Metrics {
    /// Counts a device's request: how it went, how long it took, how many of its reports were taken.
    pub(crate) fn intake(&self, outcome: &'static str, reports: u64, took: Duration) {
        let outcome = Outcome { outcome: Word(outcome) };
        self.intake.get_or_create(&outcome).inc();
        self.reports.inc_by(reports);
        self.seconds.0.observe(took.as_secs_f64());
    }

    /// Counts a try to deliver letters.
    pub(crate) fn delivery(&self, integration: &str, outcome: &'static str, letters: u64) {
        let sent = Sent {
            integration: integration.to_owned(),
            outcome: Word(outcome),
        };
        self.deliveries.get_or_create(&sent).inc_by(letters);
    }

    /// Everything as text.
    async fn text(&self, store: &dyn Store) -> Result<String, StoreError> {
        let mut registry = Registry::with_prefix("fileward");
        self.register(&mut registry);
        register_standing(&mut registry, store).await?;
        let mut text = String::new();
        // Writing into memory does not fail.
        let _ = encode(&mut text, &registry);
        Ok(text)
    }

    fn register(&self, registry: &mut Registry) {
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The collector's build", version);
        let help = "Requests of devices with reports, by how they went";
        registry.register("intake_requests", help, self.intake.clone());
        registry.register("intake_reports", "Reports that were stored", self.reports.clone());
        let help = "How long devices waited for their answer, in seconds";
        registry.register("intake_duration_seconds", help, self.seconds.0.clone());
        let help = "Letters to other systems, by integration and by how the try went";
        registry.register("deliveries", help, self.deliveries.clone());
    }
}

/// What is asked from the store with each look.
async fn register_standing(registry: &mut Registry, store: &dyn Store) -> Result<(), StoreError> {
    let measured = store.measure().await?;
    for (name, help, value) in [
        ("store_waiting", "Changes that wait to be written", measured.waiting),
        ("database_bytes", "The database's size on disk", measured.bytes),
    ] {
        let gauge = Gauge::<u64, AtomicU64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    }
    let counts = store.device_counts().await?;
    let devices = Family::<Binding, Gauge<u64, AtomicU64>>::default();
    for (binding, count) in [
        ("pending", counts.pending),
        ("bound", counts.bound),
        ("suspended", counts.suspended),
        ("retired", counts.retired),
    ] {
        let binding = Word(binding);
        devices.get_or_create(&Binding { binding }).set(count);
    }
    registry.register("devices", "Devices by standing", devices);
    let findings = Family::<Finding, Gauge<u64, AtomicU64>>::default();
    for row in store.finding_counts().await? {
        let (state, severity) = (Word(row.state.as_str()), Word(row.severity.as_str()));
        findings.get_or_create(&Finding { state, severity }).set(row.count);
    }
    registry.register("findings", "Findings by state and severity", findings);
    let waiting = Family::<Integration, Gauge<u64, AtomicU64>>::default();
    let failed = Family::<Integration, Gauge<u64, AtomicU64>>::default();
    for row in store.targets().await? {
        let integration = Integration {
            integration: row.target.name,
        };
        waiting.get_or_create(&integration).set(row.waiting);
        failed.get_or_create(&integration).set(row.failed);
    }
    registry.register("deliveries_waiting", "Letters that wait, by integration", waiting);
    registry.register("deliveries_failed", "Letters that were refused, by integration", failed);
    Ok(())
}

/// What a look needs: one at a time, so that looking costs the devices nothing.
struct Looked {
    collector: Arc<Collector>,
    turn: Semaphore,
}

/// Serves `/metrics` until `stop` turns true.
pub(crate) async fn serve(tcp: TcpListener, collector: Arc<Collector>, mut stop: watch::Receiver<bool>) {
    let looked = Looked {
        collector,
        turn: Semaphore::new(1),
    };
    let app = Router::new()
        .route("/metrics", get(look))
        .with_state(Arc::new(looked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LOOK));
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let served = axum::serve(tcp, app).with_graceful_shutdown(stopped).await;
    if let Err(error) = served {
        tracing::error!("Failed to serve metrics: {error}");
    }
}

async fn look(State(looked): State<Arc<Looked>>) -> Result<(HeaderMap, String), StatusCode> {
    let _turn = looked.turn.acquire().await;
    let text = looked.collector.metrics.text(&*looked.collector.store).await;
    match text {
        Ok(text) => Ok((HeaderMap::from_iter([(CONTENT_TYPE, MEDIA_TYPE)]), text)),
        Err(error) => {
            tracing::error!("{:#}", anyhow::Error::from(error));
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

//! For Prometheus to read, in the `OpenMetrics` text format.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::timeout::TimeoutLayer;

use super::Metrics;
use super::figures::{Figure, Labels, Values, figures};
use super::spread::{SECONDS, Spread};
use crate::collector::Collector;
use crate::store::{Store, StoreError};

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(10);

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

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
    match text(&looked.collector.metrics, &*looked.collector.store).await {
        Ok(text) => Ok((HeaderMap::from_iter([(CONTENT_TYPE, MEDIA_TYPE)]), text)),
        Err(error) => {
            tracing::error!("{:#}", anyhow::Error::from(error));
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

async fn text(metrics: &Metrics, store: &dyn Store) -> Result<String, StoreError> {
    let mut registry = Registry::with_prefix("fileward");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The collector's build", version);
    for figure in figures(metrics, store).await? {
        register(&mut registry, figure);
    }
    let mut text = String::new();
    // Writing into memory does not fail.
    let _ = encode(&mut text, &registry);
    Ok(text)
}

fn register(registry: &mut Registry, figure: Figure) {
    match figure.values {
        Values::Counter(values) => {
            let family = Family::<Labels, Counter>::default();
            for (labels, value) in values {
                family.get_or_create(&labels).inc_by(value);
            }
            registry.register(figure.name, figure.help, family);
        }
        Values::Gauge(values) => {
            let family = Family::<Labels, Gauge<u64, AtomicU64>>::default();
            for (labels, value) in values {
                family.get_or_create(&labels).set(value);
            }
            registry.register(figure.name, figure.help, family);
        }
        Values::Histogram(values) => registry.register(figure.name, figure.help, Histogram(values)),
    }
}

/// Spreads as they were counted elsewhere: the library's own histogram takes single times alone.
#[derive(Debug)]
struct Histogram(Vec<(Labels, Spread)>);

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, spread) in &self.0 {
            let bounds = SECONDS.into_iter().chain([f64::INFINITY]);
            let buckets: Vec<_> = bounds.zip(spread.counts).collect();
            let mut of_labels = encoder.encode_family(labels)?;
            of_labels.encode_histogram::<NoLabelSet>(spread.sum, spread.count(), &buckets, None)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

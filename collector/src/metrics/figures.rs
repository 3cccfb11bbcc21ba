//! The figures at one moment, in no form yet.

use std::sync::atomic::Ordering;

use super::spread::Spread;
use super::{Metrics, locked};
use crate::store::{Scope, Store, StoreError};

/// A figure with its values.
pub(super) struct Figure {
    /// Its name, without the program's.
    pub name: &'static str,
    /// What it tells.
    pub help: &'static str,
    /// Its values, and how they behave.
    pub values: Values,
}

/// The values of a figure by their labels.
pub(super) enum Values {
    /// They only grow while the collector runs.
    Counter(Vec<(Labels, u64)>),
    /// They go up and down.
    Gauge(Vec<(Labels, u64)>),
    /// They tell how times are spread.
    Histogram(Vec<(Labels, Spread)>),
}

/// What tells the values of one figure apart.
pub(super) type Labels = Vec<(&'static str, String)>;

/// All figures. Those of the store are asked for.
pub(super) async fn figures(metrics: &Metrics, store: &dyn Store) -> Result<Vec<Figure>, StoreError> {
    let mut figures = counted(metrics);
    figures.extend(latencies(metrics));
    let measured = store.measure().await?;
    let help = "Changes that wait to be written";
    figures.push(gauge("store_waiting", help, vec![(Vec::new(), measured.waiting)]));
    let help = "The database's size on disk";
    figures.push(gauge("database_bytes", help, vec![(Vec::new(), measured.bytes)]));
    let counts = store.device_counts(Scope::Everything).await?;
    let devices = [
        ("pending", counts.pending),
        ("bound", counts.bound),
        ("suspended", counts.suspended),
        ("retired", counts.retired),
    ];
    let devices = devices.map(|(binding, count)| (vec![("binding", binding.to_owned())], count));
    figures.push(gauge("devices", "Devices by standing", devices.to_vec()));
    let findings = store.finding_counts(Scope::Everything).await?.into_iter().map(|row| {
        let labels = vec![("state", row.state.to_string()), ("severity", row.severity.to_string())];
        (labels, row.count)
    });
    figures.push(gauge("findings", "Findings by state and severity", findings.collect()));
    let targets = store.targets().await?;
    let by_target = |count: fn(&crate::store::targets::TargetRow) -> u64| {
        let rows = targets.iter();
        rows.map(|row| (vec![("integration", row.target.name.clone())], count(row)))
            .collect()
    };
    let help = "Letters that wait at most, by integration";
    figures.push(gauge("deliveries_waiting", help, by_target(|row| row.waiting)));
    let help = "Letters that were refused, by integration";
    figures.push(gauge("deliveries_failed", help, by_target(|row| row.failed)));
    Ok(figures)
}

/// What the collector itself has counted.
fn counted(metrics: &Metrics) -> Vec<Figure> {
    let requests = [("taken", &metrics.taken), ("refused", &metrics.refused)];
    let requests = requests.map(|(outcome, count)| {
        let labels = vec![("outcome", outcome.to_owned())];
        (labels, count.load(Ordering::Relaxed))
    });
    let reports = (Vec::new(), metrics.reports.load(Ordering::Relaxed));
    let deliveries = locked(&metrics.deliveries);
    let deliveries = deliveries.iter().map(|((integration, outcome), count)| {
        let labels = vec![("integration", integration.clone()), ("outcome", (*outcome).to_owned())];
        (labels, *count)
    });
    let counter = |name, help, values| Figure {
        name,
        help,
        values: Values::Counter(values),
    };
    vec![
        counter(
            "intake_requests",
            "Requests of devices with reports, by how they went",
            requests.to_vec(),
        ),
        counter("intake_reports", "Reports in requests that were taken", vec![reports]),
        counter(
            "deliveries",
            "Letters to other systems, by integration and by how the try went",
            deliveries.collect(),
        ),
    ]
}

/// How long things took.
fn latencies(metrics: &Metrics) -> [Figure; 2] {
    let requests = locked(&metrics.requests);
    let requests = requests.iter().map(|((route, status), spread)| {
        let labels = vec![("route", (*route).to_owned()), ("status", (*status).to_owned())];
        (labels, *spread)
    });
    [
        Figure {
            name: "request_duration_seconds",
            help: "How long requests waited for their answer, in seconds, by the kinds of address and of answer",
            values: Values::Histogram(requests.collect()),
        },
        Figure {
            name: "intake_duration_seconds",
            help: "How long devices waited for the answer to their reports, in seconds",
            values: Values::Histogram(vec![(Vec::new(), *locked(&metrics.intake))]),
        },
    ]
}

fn gauge(name: &'static str, help: &'static str, values: Vec<(Labels, u64)>) -> Figure {
    Figure {
        name,
        help,
        values: Values::Gauge(values),
    }
}

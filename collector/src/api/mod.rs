//! What agents talk to. One file an endpoint; every refusal is a named problem.

mod body;
mod enrol;
mod limits;
mod peer;
mod policy;
mod problem;
mod renew;
mod report;
mod roots;
#[cfg(test)]
mod tests;
mod time;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use fileward_protocol::problem::Code;

use crate::collector::Collector;
use crate::tls::Tls;
use limits::Limits;
pub(crate) use peer::Peer;
use problem::Refused;

/// What the endpoints share.
pub(crate) struct Api {
    collector: Arc<Collector>,
    tls: Arc<Tls>,
    limits: Limits,
}

/// The agents' API.
pub(crate) fn router(collector: Arc<Collector>, tls: Arc<Tls>) -> Router {
    let api = Arc::new(Api {
        collector,
        tls,
        limits: Limits::new(),
    });
    Router::new()
        .route("/v1/enrol", post(enrol::enrol))
        .route("/v1/renew", post(renew::renew))
        .route("/v1/report", post(report::report))
        .route("/v1/policy", get(policy::policy))
        .route("/v1/roots", get(roots::roots))
        .route("/v1/time", get(time::time))
        .fallback(async || Refused::new(Code::NotFound, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Refused::new(Code::MethodNotAllowed, "the address is right, the method is not")
        })
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&api), limits::limit))
        .with_state(api)
}

//! The HTTP API for other programs, on the console's listener: what the collector keeps, page by page, and decisions.
//!
//! What it answers is described at `/api/v1/openapi.json` (`description`); a test holds it to that. Every request shows a
//! token, and what is done with it stands in the audit trail under the token's name.

mod audit;
mod bearer;
mod description;
mod devices;
mod findings;
mod limits;
mod page;
mod policy;
mod problem;
mod query;
mod registers;
mod scim;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use tokio::sync::Mutex;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::collector::Collector;
use crate::store::Store;
use limits::Limits;
use problem::{Code, Problem};

/// The largest body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// What the endpoints share.
pub(crate) struct OpenApi {
    store: Arc<dyn Store>,
    limits: Limits,
    /// Who keeps the directory does so one after the other: each change is made from what was read before it.
    directory: Mutex<()>,
    description: Value,
}

/// Where the description is.
const DESCRIPTION: &str = "/v1/openapi.json";

/// The API below `/api`, and what a directory asks for below `/scim/v2`.
pub(crate) fn router(collector: &Collector) -> Router {
    let api = Arc::new(OpenApi {
        store: Arc::clone(&collector.store),
        limits: Limits::new(),
        directory: Mutex::default(),
        description: description::document(&collector.settings.console_url()),
    });
    let routes = Router::new()
        .route(DESCRIPTION, get(describe))
        .route("/v1/devices", get(devices::list))
        .route("/v1/devices/{device}", get(devices::one))
        .route("/v1/findings", get(findings::list))
        .route("/v1/findings/{device}/{finding}", get(findings::one))
        .route("/v1/findings/{device}/{finding}/decisions", post(findings::decide))
        .route("/v1/policy", get(policy::policy))
        .route("/v1/registers", get(registers::registers))
        .route("/v1/audit", get(audit::list));
    Router::new()
        .nest("/api", bounded(routes, &api))
        .nest("/scim/v2", bounded(scim::routes(), &api))
        .with_state(api)
}

/// Holds routes to the limits.
fn bounded(routes: Router<Arc<OpenApi>>, api: &Arc<OpenApi>) -> Router<Arc<OpenApi>> {
    routes
        .fallback(async || Problem::new(Code::NotFound, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "the address is right, the method is not")
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(api), limits::limit))
        .layer(set(CACHE_CONTROL, "no-store"))
        .layer(set(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(STRICT_TRANSPORT_SECURITY, "max-age=31536000"))
}

fn set(name: axum::http::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// The description of all this. It needs no token: there is nothing in it that is not public.
async fn describe(axum::extract::State(api): axum::extract::State<Arc<OpenApi>>) -> Json<Value> {
    Json(api.description.clone())
}

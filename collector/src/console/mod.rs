//! The console: where people see whether the rules work. Server-rendered, nothing from elsewhere, and no scripts but for
//! one: the page where a policy is written checks it while somebody types.

mod access;
mod charts;
mod devices;
mod entry;
mod findings;
mod layout;
mod oops;
mod overview;
mod places;
mod policy;
mod trail;
mod visitor;
mod words;
mod work;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tower_http::timeout::TimeoutLayer;

use crate::store::Store;

/// The largest form, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// How long one page may take.
const PAGE_TIME: Duration = Duration::from_secs(30);

/// Password hashes at one time: each takes 19 MB and a core.
const HASHES_AT_ONCE: usize = 2;

/// What every page needs.
pub(crate) struct Console {
    store: Arc<dyn Store>,
    hashing: Semaphore,
    simulations: policy::Simulations,
}

/// The console over a store.
pub(crate) fn router(store: Arc<dyn Store>) -> Router {
    let console = Arc::new(Console {
        store,
        hashing: Semaphore::new(HASHES_AT_ONCE),
        simulations: policy::Simulations::default(),
    });
    Router::new()
        .route("/", get(overview::page))
        .route("/login", get(entry::log_in_page).post(entry::log_in))
        .route("/logout", post(entry::log_out))
        .route("/welcome/{secret}", get(entry::welcome_page).post(entry::welcome))
        .route("/language/{language}", get(entry::language))
        .route("/devices", get(devices::list))
        .route("/devices/{id}", get(devices::detail))
        .route("/devices/{id}/binding", post(devices::bind))
        .route("/findings", get(findings::list))
        .route("/findings/{device}/{id}", get(findings::detail))
        .route("/findings/{device}/{id}/work", post(work::act))
        .route("/findings/selected", post(work::selected::act))
        .route("/devices/{id}/purpose", post(work::purpose::give))
        .route("/answers", get(work::answers::page))
        .route("/rules", get(work::precision::page))
        .route("/ladder", get(work::ladder::page).post(work::ladder::set))
        .route("/places", get(places::page))
        .route("/audit", get(trail::page))
        .route("/assets/{name}", get(asset))
        .merge(policy::routes())
        .fallback(oops::nothing_here)
        .with_state(console)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PAGE_TIME,
        ))
        .layer(from_fn(guard))
}

/// What browsers are told: nothing from elsewhere, nowhere framed, no scripts.
const CONTENT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                       frame-ancestors 'none'; base-uri 'none'";

/// The same for the one page with a script: it comes from here, and talks to nobody else.
const CONTENT_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                                   frame-ancestors 'none'; base-uri 'none'; script-src 'self'; connect-src 'self'";

/// Headers for every answer: nothing from elsewhere, nothing kept, nowhere framed.
async fn guard(request: Request, next: Next) -> Response {
    let asset = request.uri().path().starts_with("/assets/");
    let content = if request.uri().path() == policy::WITH_SCRIPT {
        CONTENT_WITH_SCRIPT
    } else {
        CONTENT
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, content);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(CACHE_CONTROL, if asset { "private, max-age=3600" } else { "no-store" });
    response
}

async fn asset(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "console.css" => (
            [(CONTENT_TYPE, "text/css; charset=utf-8")],
            include_str!("assets/console.css"),
        )
            .into_response(),
        "policy.js" => (
            [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
            include_str!("assets/policy.js"),
        )
            .into_response(),
        "mark.svg" => ([(CONTENT_TYPE, "image/svg+xml")], include_str!("assets/mark.svg")).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests;

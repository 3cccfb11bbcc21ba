//! How long requests wait for their answer, by the kind of address and of answer: few of each, whatever is asked for.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::collector::Collector;

/// Counts a request of a device when it is answered.
pub(crate) async fn of_devices(state: State<Arc<Collector>>, request: Request, next: Next) -> Response {
    let route = device_route(request.uri().path());
    timed(state, route, request, next).await
}

/// Counts a request at the console or the HTTP API when it is answered.
pub(crate) async fn of_people(state: State<Arc<Collector>>, request: Request, next: Next) -> Response {
    let route = people_route(request.uri().path());
    timed(state, route, request, next).await
}

async fn timed(State(collector): State<Arc<Collector>>, route: &'static str, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    collector.metrics.request(route, status(&response), begun.elapsed());
    response
}

fn device_route(path: &str) -> &'static str {
    match path {
        "/v1/enrol" => "enrol",
        "/v1/renew" => "renew",
        "/v1/report" => "report",
        "/v1/policy" => "policy",
        "/v1/roots" => "roots",
        "/v1/time" => "time",
        _ => "other",
    }
}

fn people_route(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("api" | "scim") => "api",
        Some("assets") => "asset",
        _ => "console",
    }
}

fn status(response: &Response) -> &'static str {
    match response.status().as_u16() {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500..=599 => "5xx",
        _ => "1xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_for_is_of_one_of_few_kinds() {
        assert_eq!(device_route("/v1/report"), "report");
        assert_eq!(device_route("/v1/report/../../etc"), "other");
        for (path, route) in [
            ("/api/v1/findings", "api"),
            ("/assets/console.css", "asset"),
            ("/", "console"),
            ("/file/s3cret", "console"),
            ("", "console"),
        ] {
            assert_eq!(people_route(path), route, "{path}");
        }
    }
}

//! What one address may ask of the API, and all together: devices' reports come first.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::OpenApi;
use super::problem::{Code, Problem};
use crate::api::Peer;

/// Requests of one address in a minute.
const REQUESTS: u32 = 1200;
const WINDOW: Duration = Duration::from_mins(1);

/// Requests that are worked on at the same time: fewer than the store has readers.
const TOGETHER: usize = 2;

/// The longest a request may take, its wait included.
const REQUEST: Duration = Duration::from_secs(30);

/// Addresses that are remembered.
const ADDRESSES: usize = 10_000;

/// The limits, as they are used up.
pub(super) struct Limits {
    together: Semaphore,
    counted: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Limits {
    /// Nothing is used up.
    pub(super) fn new() -> Self {
        Self {
            together: Semaphore::new(TOGETHER),
            counted: Mutex::default(),
        }
    }

    /// Counts a request.
    fn count(&self, address: IpAddr) -> Result<(), Problem> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= ADDRESSES {
            counted.retain(|_, (since, _)| since.elapsed() < WINDOW);
        }
        if counted.len() >= ADDRESSES {
            counted.clear();
        }
        let (since, count) = counted.entry(address).or_insert((Instant::now(), 0));
        if since.elapsed() >= WINDOW {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
        if *count <= REQUESTS {
            return Ok(());
        }
        let wait = WINDOW.saturating_sub(since.elapsed()) + Duration::from_secs(1);
        let detail = format!("more than {REQUESTS} requests in a minute; wait");
        Err(Problem::new(Code::RateLimited, detail).retry_after(wait))
    }
}

/// Holds every request to the limits.
pub(super) async fn limit(State(api): State<Arc<OpenApi>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>();
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
    if let Err(problem) = api.limits.count(address) {
        return problem.into_response();
    }
    let answer = async {
        let _turn = api.limits.together.acquire().await;
        next.run(request).await
    };
    match tokio::time::timeout(REQUEST, answer).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Unavailable, "the request took too long; try again later")
            .retry_after(Duration::from_secs(30))
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_everybodys_turn() {
        let limits = Limits::new();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..REQUESTS {
            limits.count(one).unwrap();
        }
        assert_eq!(limits.count(one).unwrap_err().into_response().status(), 429);
        limits.count(other).unwrap();
    }
}

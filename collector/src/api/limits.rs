//! What one peer, or all together, may ask of the collector.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fileward_protocol::problem::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Api;
use super::problem::Refused;

/// The longest a request may take, its body included.
const REQUEST: Duration = Duration::from_secs(30);

/// The longest a request waits for room for its body.
const WAIT: Duration = Duration::from_secs(10);

/// Bytes of all bodies that are held at the same time, in KiB.
const BODIES: u32 = 48 * 1024;

/// Failed enrolments of one address, and the time in which they are counted.
const GUESSES: u32 = 10;
const GUESSES_IN: Duration = Duration::from_mins(1);

/// Addresses whose failures are remembered.
const ADDRESSES: usize = 10_000;

/// Room for one body.
pub(super) struct Room {
    _permits: OwnedSemaphorePermit,
}

/// The limits, as they are used up.
pub(super) struct Limits {
    bodies: Arc<Semaphore>,
    guesses: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Limits {
    /// Nothing is used up.
    pub(super) fn new() -> Self {
        Self {
            bodies: Arc::new(Semaphore::new(BODIES as usize)),
            guesses: Mutex::default(),
        }
    }

    /// Room for a body of so many bytes, for as long as the result is held.
    pub(super) async fn room(&self, bytes: usize) -> Result<Room, Refused> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(BODIES).min(BODIES);
        let permits = tokio::time::timeout(WAIT, Arc::clone(&self.bodies).acquire_many_owned(kib)).await;
        match permits {
            Ok(Ok(permits)) => Ok(Room { _permits: permits }),
            _ => Err(
                Refused::new(Code::RateLimited, "the collector has too much to do; try again later")
                    .retry_after(Duration::from_secs(30)),
            ),
        }
    }

    /// Whether an address may try to enrol.
    pub(super) fn may_guess(&self, address: IpAddr) -> Result<(), Refused> {
        let guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        match guesses.get(&address) {
            Some((since, count)) if *count >= GUESSES && since.elapsed() < GUESSES_IN => {
                let wait = GUESSES_IN.saturating_sub(since.elapsed());
                Err(
                    Refused::new(Code::RateLimited, "too many failed enrolments from this address; wait")
                        .retry_after(wait + Duration::from_secs(1)),
                )
            }
            _ => Ok(()),
        }
    }

    /// Counts a failed enrolment.
    pub(super) fn count_guess(&self, address: IpAddr) {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.len() >= ADDRESSES {
            guesses.retain(|_, (since, _)| since.elapsed() < GUESSES_IN);
        }
        if guesses.len() >= ADDRESSES {
            // So many addresses at once are an attack; what was counted so far is worth less than the memory.
            guesses.clear();
        }
        let entry = guesses.entry(address).or_insert((Instant::now(), 0));
        if entry.0.elapsed() >= GUESSES_IN {
            *entry = (Instant::now(), 0);
        }
        entry.1 += 1;
    }
}

/// Holds every request to its time.
pub(super) async fn limit(State(_): State<Arc<Api>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::new(Code::Unavailable, "the request took too long; try again later")
            .retry_after(Duration::from_secs(30))
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_stopped_for_one_address_alone() {
        let limits = Limits::new();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..GUESSES {
            limits.may_guess(one).unwrap();
            limits.count_guess(one);
        }
        assert!(limits.may_guess(one).is_err());
        limits.may_guess(other).unwrap();
    }
}

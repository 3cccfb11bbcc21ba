//! Passwords are hashed off the runtime's threads, a few at a time: each takes a core for tens of milliseconds and 19 MB.

use fileward_protocol::vocabulary::Language;
use tokio::sync::Semaphore;

use super::Console;
use super::oops::Oops;
use crate::password::{self, BadPassword};

/// Hashes at the same time.
pub(super) const AT_ONCE: usize = 2;

/// Those who may wait for one. More are turned away, so that a flood of log-ins costs no more than this.
pub(super) const WAITING: usize = 64;

/// Room for hashing.
pub(super) struct Hashing {
    pub(super) places: Semaphore,
    running: Semaphore,
    /// What is verified where there is no hash, so that both take the same time.
    pub(super) decoy: String,
}

impl Hashing {
    /// Nothing is being hashed.
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(AT_ONCE + WAITING),
            running: Semaphore::new(AT_ONCE),
            decoy: password::NOBODY.to_owned(),
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = self.places.try_acquire().ok()?;
        let _permit = self.running.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

impl Console {
    /// Whether a password is the one that was hashed.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        language: Language,
    ) -> Result<bool, Oops> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.hashing.decoy.clone());
        let right = self.hashing.run(move || password::verify(&password, &hash)).await;
        Ok(right.ok_or(Oops::Busy(language))? && known)
    }

    /// The hash of a new password, or why it is not taken.
    pub(super) async fn hash(&self, password: String, language: Language) -> Result<Result<String, BadPassword>, Oops> {
        let hashed = self.hashing.run(move || password::hash(&password)).await;
        hashed.ok_or(Oops::Busy(language))
    }
}

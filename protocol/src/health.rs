//! How the agent is, and what it can see.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::report::Word;
use crate::vocabulary::{App, PlaceKind};

/// How the agent is at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The policy version in force; 0 before the first one.
    pub policy_version: u64,
    /// Reports that wait to be sent.
    pub queue_waiting: u64,
    /// Their size in bytes.
    pub queue_bytes: u64,
    /// Findings whose grace is running. A count: which they are, only the employee knows.
    pub noticed: u64,
    /// Files that killed the inspect worker twice and are left alone.
    pub uninspectable: u64,
    /// Detectors that the policy names and this agent does not know. They stand in the policy; nothing was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_detectors: Vec<Word>,
    /// How far the PC's clock is ahead of the collector's, in milliseconds, as last measured.
    pub clock_offset_ms: i64,
    /// When the running service started.
    pub started_at: Timestamp,
    /// Whether the first sweep since the start is done.
    pub swept: bool,
    /// Each place with its state.
    pub places: Vec<PlaceHealth>,
}

/// A place's state, without its path and its user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlaceHealth {
    /// Why it is watched.
    pub kind: PlaceKind,
    /// The app it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<App>,
    /// Whether it is watched as it should be.
    #[serde(flatten)]
    pub state: PlaceState,
}

/// Whether a place is watched as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum PlaceState {
    /// Events and sweeps work.
    Ok,
    /// It is watched, but later or less well.
    Degraded(Degraded),
    /// It cannot be watched.
    Unavailable(Unavailable),
}

impl std::fmt::Display for PlaceState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Degraded(why) => write!(f, "degraded: {why}"),
            Self::Unavailable(why) => write!(f, "unavailable: {why}"),
        }
    }
}

words! {
    /// Why a place is watched less well than it should be.
    pub enum Degraded {
        /// The OS gave no more watches: the place is polled.
        WatchLimit = "watch_limit",
        /// The file system sends no events: the place is polled.
        NoEvents = "no_events",
        /// Parts of it could not be read.
        PartlyUnreadable = "partly_unreadable",
        /// The watcher failed: the place is polled until it works again.
        WatcherFailed = "watcher_failed",
    }
}

words! {
    /// Why a place cannot be watched.
    pub enum Unavailable {
        /// The folder is not there.
        Missing = "missing",
        /// It may not be read.
        PermissionDenied = "permission_denied",
        /// It is on a volume or a share that does not answer.
        NotMounted = "not_mounted",
        /// It leads out of what its user owns.
        OutsideUser = "outside_user",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_as_word_and_reason() {
        let health = PlaceHealth {
            kind: PlaceKind::ChatCache,
            app: Some(App::Wechat),
            state: PlaceState::Degraded(Degraded::WatchLimit),
        };
        let json = serde_json::to_value(&health).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"kind": "chat_cache", "app": "wechat", "state": "degraded", "why": "watch_limit"})
        );
        assert_eq!(serde_json::from_value::<PlaceHealth>(json).unwrap(), health);
        let ok = serde_json::json!({"kind": "desktop", "state": "ok"});
        assert_eq!(serde_json::from_value::<PlaceHealth>(ok).unwrap().state, PlaceState::Ok);
    }
}

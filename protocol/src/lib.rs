//! What crosses the wire between an agent and its collector, and nothing else.
//!
//! The types are the privacy promise: a raw path, a chat account id, a user's home or a file's content
//! cannot be sent because no type here can hold it. See `docs/privacy.md` for the fields one by one.
//! There is no IO in this crate.

#[macro_use]
mod words;

pub mod bundle;
pub mod chain;
pub mod disclosure;
pub mod enrol;
pub mod fingerprint;
pub mod health;
pub mod ids;
pub mod problem;
pub mod report;
pub mod sketch;
pub mod vocabulary;

/// The version of the wire protocol this crate speaks.
pub const VERSION: u32 = 1;

/// The largest body a collector takes, in bytes.
pub const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The most reports in one request.
pub const REPORTS_PER_REQUEST: usize = 500;

//! The service that finds work files outside the approved store, and its command line.

#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "methods of a type with a lifetime, such as the ledger's reader, cannot be passed by name"
)]

mod commands;
mod config;
mod device;
mod host;
mod ledger;
mod notice;
mod pipeline;
mod uplink;
mod watch;

pub use commands::main;

//! The inspect worker: a program started again without rights, so that a hostile file can hurt nothing. The agent looks so at
//! its users' files, the collector at the documents that are registered.
//!
//! [`Inspector`] is the asking end: it starts the worker on the first file, hands over open read-only files,
//! one or a few at a time, kills the worker when a file takes too long, starts it again when a file has crashed it, and stops it
//! when there is nothing to do. [`worker_main`] is the other end: it enters the cage before it reads the first byte.
//!
//! The two talk over a socket pair, on Windows a pipe, that the worker finds as its standard input. Its standard output and error lead nowhere, for a panic's message could quote
//! a document.

mod cage;
mod channel;
mod child;
mod inside;
mod inspector;
mod wire;

#[cfg(test)]
mod tests;

pub use inside::worker_main;
pub use inspector::{Failure, Inspected, Inspector, InspectorConfig, TOGETHER};

/// The one argument with which a program is asked to be a worker: it calls [`worker_main`] before anything else.
pub const ARGUMENT: &str = "inspect-worker";

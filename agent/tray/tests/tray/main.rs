//! The real program, against a service made of the protocol alone and on a desktop made of a bus, a screen that
//! nobody sees and a notification daemon: a Linux one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says why")]

mod commands;
mod desktop;
mod service;
mod session;

//! The Windows programs and their MSI, built on Linux.
//!
//! [`toolchain`] finds a compiler, [`programs`] builds with it, [`msi`] packs, [`signature`] signs both.

pub mod msi;
pub mod programs;
pub mod signature;
pub mod toolchain;

/// What is built for: every 64-bit Windows from 10 on.
pub const TARGET: &str = "x86_64-pc-windows-gnu";

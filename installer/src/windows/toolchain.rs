//! A compiler with a standard library for Windows: rustup's, or Debian's, which builds the library from its source.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::TARGET;
use crate::run;

/// Debian's compiler, always by its full path: rustup's stands before it on the PATH.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Debian's packages of a compiler new enough, and of its library's source.
pub const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// How to compile for Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The compiler in use has the library.
    Ready,
    /// Debian's compiler builds the library.
    DebianSource,
}

impl Toolchain {
    /// Finds one; asks rustup for the library where it is missing.
    ///
    /// # Errors
    /// When there is none; says what to install.
    pub fn find() -> Result<Self> {
        if has_library() {
            return Ok(Self::Ready);
        }
        // Without rustup, or without a way to its server, the next one is tried.
        let _ = run(Command::new("rustup").args(["target", "add", TARGET]));
        if has_library() {
            return Ok(Self::Ready);
        }
        if has_source() {
            return Ok(Self::DebianSource);
        }
        bail!(
            "there is no compiler for {TARGET}: run \"rustup target add {TARGET}\", or on Debian \"apt-get install {}\"",
            DEBIAN_PACKAGES.join(" ")
        )
    }

    /// `cargo` with a subcommand and its first arguments, for the target.
    pub fn cargo(self, subcommand: &str) -> Command {
        let mut cargo;
        match self {
            Self::Ready => {
                cargo = Command::new(cargo_in_use());
                cargo.arg(subcommand);
            }
            Self::DebianSource => {
                cargo = Command::new(DEBIAN_CARGO);
                cargo
                    .args([subcommand, "-Zbuild-std"])
                    // The library's source fits this compiler alone, which does not offer to build it but to its own makers.
                    .env("RUSTC", DEBIAN_RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1");
            }
        }
        cargo.args(["--target", TARGET, "--locked"]);
        cargo
    }
}

fn cargo_in_use() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Whether the compiler in use has a standard library for the target.
fn has_library() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    run(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]))
        .is_ok_and(|folder| Path::new(&folder).is_dir())
}

fn has_source() -> bool {
    Path::new(DEBIAN_CARGO).exists()
        && run(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))
            .is_ok_and(|root| Path::new(&root).join("lib/rustlib/src/rust/library/std").is_dir())
}

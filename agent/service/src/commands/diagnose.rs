//! `diagnose`: not in this build.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output;

#[derive(clap::Args)]
pub(super) struct Diagnose {
    /// Where to write it.
    #[arg(value_name = "FILE.zip")]
    #[expect(dead_code, reason = "part of the command line's contract")]
    file: PathBuf,
}

impl Diagnose {
    pub(super) fn run(&self) -> ExitCode {
        output::error(&anyhow::anyhow!("\"diagnose\" is not in this build"));
        ExitCode::from(2)
    }
}

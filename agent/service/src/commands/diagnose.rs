//! `diagnose`: not in this build.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output;

#[derive(clap::Args)]
pub(super) struct Diagnose {
    /// Where to write it.
    #[arg(value_name = "FILE.zip")]
    file: PathBuf,
}

impl Diagnose {
    pub(super) fn run(&self) -> ExitCode {
        let file = self.file.display();
        output::error(&anyhow::anyhow!(
            "\"diagnose\" is not in this build; {file} was not written"
        ));
        ExitCode::from(2)
    }
}

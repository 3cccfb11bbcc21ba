//! Stand-in: inspects in this process.

use std::fs::File;
use std::process::ExitCode;

use fileward_inspect::{Hint, Limits, Rules};
use fileward_policy::Facts;

#[derive(Debug)]
pub(crate) enum Failure {
    Inspect(fileward_inspect::InspectError),
    Killed { why: String },
    Unavailable { why: String },
}

pub(crate) struct InspectorConfig {
    pub(crate) rules: Rules,
}

pub(crate) struct Inspector(Rules);

impl Inspector {
    pub(crate) fn new(config: InspectorConfig) -> Self {
        Self(config.rules)
    }

    pub(crate) fn inspect(&self, file: File, hint: &Hint) -> Result<Facts, Failure> {
        fileward_inspect::inspect(&file, hint, &self.0, &Limits::default()).map_err(Failure::Inspect)
    }
}

pub(crate) fn worker_main() -> ExitCode {
    ExitCode::FAILURE
}

//! `export`: writes what is kept in the forms other systems read.

use anyhow::Result;

use super::DataDir;
use crate::collector::NotInThisBuild;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    _data: DataDir,
    /// ocsf, csv or cef
    #[arg(long)]
    format: String,
    /// Only what changed since then
    #[arg(long, value_name = "TIME")]
    _since: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    Err(NotInThisBuild(format!("export --format {}", arguments.format)).into())
}

//! `backup`: copies the database while it is in use.

use std::path::PathBuf;

use anyhow::Result;

use super::DataDir;
use crate::output;
use crate::store::By;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
    /// The copy; must not exist yet
    file: PathBuf,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let collector = arguments.data.open().await?;
    collector
        .store
        .backup(arguments.file.clone(), By::command_line())
        .await?;
    output::complain(&format!(
        "The keys are not in the copy. Keep {} beside it, in a safe place: without them no device can be reached.",
        collector.folder.file("keys").display()
    ));
    output::line(&arguments.file.display().to_string())
}

//! `restore`: puts a copy of the database back.

use std::path::PathBuf;

use anyhow::Result;

use super::{DataDir, verify};
use crate::collector::Collector;
use crate::output;
use crate::store::By;
use crate::store::audit::{Action, AuditEntry};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
    /// What `backup` wrote
    file: PathBuf,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let DataDir { data_dir, database } = &arguments.data;
    let store = Collector::restore(data_dir, database.as_deref(), &arguments.file).await?;
    let found = store.verify().await?;
    let entry = AuditEntry {
        by: By::command_line(),
        action: Action::Restored,
        subject: String::new(),
        detail: String::new(),
    };
    store.append_audit(entry).await?;
    if !data_dir.join("keys").join("company.key").exists() {
        output::complain(&format!(
            "The keys are not in the copy. Put those that were kept beside it into {} before you start the collector.",
            data_dir.join("keys").display()
        ));
    }
    verify::tell(&found)
}

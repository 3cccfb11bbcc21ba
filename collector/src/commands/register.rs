//! `register`: writes and reads the registers as tables.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use super::DataDir;
use crate::filing::table;
use crate::output;
use crate::store::audit::{Action, AuditEntry};
use crate::store::filings::{Earnest, FilingFilter, Kind};
use crate::store::{By, Paging};

/// The largest file, in bytes.
const LARGEST: u64 = 16 << 20;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Writes a register into a CSV file that must not exist yet
    Export {
        #[command(flatten)]
        register: Register,
        /// Where to
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// Files what a CSV file says, all or nothing; what is not in it stays as it is
    ///
    /// Its columns are those that `export` writes; those that tell who filed something and when are passed over.
    Import {
        #[command(flatten)]
        register: Register,
        /// The file, in UTF-8, with the columns' names in its first line
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Says what would be done and does nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(clap::Args)]
pub(crate) struct Register {
    #[command(flatten)]
    data: DataDir,
    /// account, limit, exemption or group
    #[arg(long)]
    kind: Kind,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Export { register, file } => export(register, file).await,
        Command::Import {
            register,
            file,
            dry_run,
        } => import(register, file, dry_run).await,
    }
}

async fn export(register: Register, file: PathBuf) -> Result<()> {
    let Register { data, kind } = register;
    let store = data.open().await?.store;
    let filter = FilingFilter {
        kind: Some(kind),
        ..FilingFilter::ALL
    };
    let rows = store.filings(filter, Paging::first(u32::MAX)).await?.rows;
    // Before anything leaves, so that an export that is broken off is in the trail, too.
    let entry = AuditEntry {
        by: By::command_line(),
        action: Action::Exported,
        subject: format!("register {kind}"),
        detail: format!("{} filed", rows.len()),
    };
    store.append_audit(entry).await?;
    let written = table::write(kind, &rows)?;
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options
        .write(true)
        .create_new(true)
        .open(&file)
        .with_context(|| format!("Failed to create {}", file.display()))?;
    std::io::Write::write_all(&mut out, &written).with_context(|| format!("Failed to write {}", file.display()))
}

async fn import(register: Register, file: PathBuf, dry_run: bool) -> Result<()> {
    let Register { data, kind } = register;
    let size = std::fs::metadata(&file)
        .with_context(|| format!("Failed to open {}", file.display()))?
        .len();
    if size > LARGEST {
        bail!("{} is larger than {} MB", file.display(), LARGEST >> 20);
    }
    let bytes = std::fs::read(&file).with_context(|| format!("Failed to read {}", file.display()))?;
    let collector = data.open().await?;
    let by = By::command_line();
    let filings = table::read(kind, &bytes, &collector.company_key, by.at)
        .with_context(|| format!("{} cannot be imported", file.display()))?;
    let earnest = if dry_run { Earnest::Preview } else { Earnest::Do };
    let done = collector.store.file(filings, earnest, by).await?;
    output::line(&format!(
        "{} added, {} changed, {} unchanged",
        done.added, done.changed, done.unchanged
    ))?;
    if dry_run {
        output::line("Nothing was done: this was a dry run")?;
    }
    Ok(())
}

//! `policy`: checks, tries out, publishes and shows the policy.

mod compare;
mod simulate;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;

use super::DataDir;
use crate::store::policies::{PolicyRow, Publication};
use crate::store::{By, Store, StoreError};
use crate::{output, password, policies, secret};

/// Why something is published from the command line where nobody says why.
const UNSAID: &str = "Published from the command line";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Says whether a document could be published
    Check {
        /// Not needed for the check
        #[arg(long, env = "FILEWARD_DATA_DIR", value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// The document
        file: PathBuf,
    },
    /// Publishes a document as the next version
    Publish {
        #[command(flatten)]
        data: DataDir,
        /// The document
        file: PathBuf,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT", default_value = UNSAID)]
        why: String,
        /// Only to this group, on trial; can be given more than once
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
    },
    /// Ends a trial: its groups have again what everybody has
    Withdraw {
        #[command(flatten)]
        data: DataDir,
        /// The version on trial
        version: u64,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Publishes an earlier version's document again, to everybody
    Rollback {
        #[command(flatten)]
        data: DataDir,
        /// The earlier version
        version: u64,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Lists the versions: when, by whom, for whom and why
    Versions {
        #[command(flatten)]
        data: DataDir,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints what differs between two versions
    Diff {
        #[command(flatten)]
        data: DataDir,
        /// One version
        from: u64,
        /// The other
        to: u64,
    },
    /// Says what a document would say of the findings of the last 30 days; publishes nothing
    Simulate {
        #[command(flatten)]
        data: DataDir,
        /// The document
        file: PathBuf,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints the JSON Schema of a document, for editors
    Schema,
    /// Makes an uninstall token, and what a document says to ask for it; keeps neither
    UninstallToken {
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints the document in force, or an earlier one
    Show {
        #[command(flatten)]
        data: DataDir,
        /// The version
        #[arg(long)]
        version: Option<u64>,
    },
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Check { data_dir: _, file } => {
            let document = read(&file)?;
            let policy = policies::check(&document, &file.to_string_lossy())?;
            output::line(&format!(
                "{}: policy \"{}\" can be published",
                file.display(),
                policy.name()
            ))
        }
        Command::Schema => output::line(&format!("{:#}", fileward_policy::json_schema())),
        Command::UninstallToken { json } => uninstall_token(json),
        Command::Publish {
            data,
            file,
            why,
            groups,
        } => {
            let document = read(&file)?;
            policies::check(&document, &file.to_string_lossy())?;
            let store = data.open().await?.store;
            publish(&*store, Publication { document, why, groups }).await
        }
        Command::Withdraw { data, version, why } => {
            let store = data.open().await?.store;
            Ok(store.withdraw_trial(version, why, By::command_line()).await?)
        }
        Command::Rollback { data, version, why } => {
            let store = data.open().await?.store;
            let document = of_version(&*store, version).await?.document;
            policies::check(&document, &format!("version {version}"))?;
            let groups = Vec::new();
            publish(&*store, Publication { document, why, groups }).await
        }
        Command::Versions { data, json } => compare::versions(&*data.open().await?.store, json).await,
        Command::Diff { data, from, to } => {
            let store = data.open().await?.store;
            let (from, to) = (of_version(&*store, from).await?, of_version(&*store, to).await?);
            compare::diff(&from, &to)
        }
        Command::Simulate { data, file, json } => {
            let document = read(&file)?;
            let policy = policies::check(&document, &file.to_string_lossy())?;
            simulate::run(data.open().await?.store, policy, json).await
        }
        Command::Show { data, version } => {
            let store = data.open().await?.store;
            let policy = store.policy(version).await?;
            let policy = policy.ok_or_else(|| StoreError::not_found("policy version", version.unwrap_or_default()))?;
            output::line(policy.document.trim_end())
        }
    }
}

async fn publish(store: &dyn Store, publication: Publication) -> Result<()> {
    let version = store.publish_policy(publication, By::command_line()).await?;
    output::line(&format!("version {version}"))
}

async fn of_version(store: &dyn Store, version: u64) -> Result<PolicyRow, StoreError> {
    let row = store.policy(Some(version)).await?;
    row.ok_or_else(|| StoreError::not_found("policy version", version))
}

fn uninstall_token(json: bool) -> Result<()> {
    let token = secret::typed()?;
    let uninstall_token_hash = password::hash(&token)?;
    if json {
        return output::json(&serde_json::json!({ "token": token, "uninstall_token_hash": uninstall_token_hash }));
    }
    output::line(&format!("# The token, which is kept nowhere else: {token}"))?;
    output::line(&format!("[agent]\nuninstall_token_hash = \"{uninstall_token_hash}\""))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))
}

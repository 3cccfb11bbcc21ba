//! `policy`: checks, publishes and shows the policy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;

use super::DataDir;
use crate::store::{By, StoreError};
use crate::{output, password, policies, secret};

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
        Command::Publish { data, file } => {
            let document = read(&file)?;
            policies::check(&document, &file.to_string_lossy())?;
            let store = data.open().await?.store;
            let version = store.publish_policy(document, By::command_line()).await?;
            output::line(&format!("version {version}"))
        }
        Command::Show { data, version } => {
            let store = data.open().await?.store;
            let policy = store.policy(version).await?;
            let policy = policy.ok_or_else(|| StoreError::not_found("policy version", version.unwrap_or_default()))?;
            output::line(policy.document.trim_end())
        }
    }
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

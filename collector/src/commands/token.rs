//! `token`: makes enrolment tokens.

use anyhow::Result;
use clap::Subcommand;
use fileward_protocol::enrol::Token;
use jiff::SignedDuration;
use serde::Serialize;

use super::DataDir;
use crate::output;
use crate::secret::Secret;
use crate::store::By;
use crate::store::tokens::NewToken;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a token with which PCs enrol
    Create {
        #[command(flatten)]
        data: DataDir,
        /// How many PCs may use it
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        uses: u32,
        /// How long it works
        #[arg(long, default_value = "24h", value_parser = super::duration, value_name = "DURATION")]
        expires: SignedDuration,
        /// Approves the PCs that use it at once
        #[arg(long)]
        auto_approve: bool,
        /// The group of the policy the PCs are put into
        #[arg(long, value_name = "NAME")]
        group: Option<String>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Created {
    token: String,
    expires_at: jiff::Timestamp,
}

pub(super) async fn run(command: Command) -> Result<()> {
    let Command::Create {
        data,
        uses,
        expires,
        auto_approve,
        group,
        json,
    } = command;
    let collector = data.open().await?;
    let secret = Secret::new()?;
    let by = By::command_line();
    let until = by.at.checked_add(expires)?;
    let token = NewToken {
        secret_hash: secret.hash(),
        until,
        uses,
        auto_approve,
        group,
    };
    collector.store.add_token(token, by).await?;
    let token = Token {
        url: collector.settings.agent_url(),
        ca_hash: collector.authority().await?.hash(),
        secret: secret.text().to_owned(),
    };
    let created = Created {
        token: token.encode(),
        expires_at: until,
    };
    if json {
        output::json(&created)
    } else {
        output::line(&created.token)
    }
}

//! `api-token`: tokens with which other programs use the HTTP API.

use anyhow::{Result, bail};
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::DataDir;
use crate::collector::Collector;
use crate::output;
use crate::safe::visible;
use crate::secret::{self, Secret};
use crate::store::By;
use crate::store::api_tokens::{ApiTokenRow, NewApiToken, Scope};

/// What a token begins with: those who search code for secrets know it by this.
const PREFIX: &str = "fileward_api_";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a token and shows it once
    Create {
        #[command(flatten)]
        data: DataDir,
        /// What to call it; the audit trail names what is done with it by this
        name: String,
        /// What it lets a program do; may be given several times
        #[arg(long = "scope", required = true, value_name = "SCOPE", long_help = scopes())]
        scopes: Vec<Scope>,
        /// How long it works
        #[arg(long, default_value = "90d", value_parser = super::duration, value_name = "DURATION")]
        expires: SignedDuration,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists tokens, never what they are
    List {
        #[command(flatten)]
        data: DataDir,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lets a token work no more
    Revoke {
        #[command(flatten)]
        data: DataDir,
        /// Which
        name: String,
    },
}

fn scopes() -> String {
    format!(
        "What it lets a program do; may be given several times: {}",
        Scope::WORDS.join(", ")
    )
}

#[derive(Serialize)]
struct Created {
    token: String,
    expires_at: Timestamp,
}

/// A token as `--json` shows it.
#[derive(Serialize)]
struct View {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Timestamp,
    created_at: Timestamp,
    created_by: String,
    used_at: Option<Timestamp>,
}

impl From<ApiTokenRow> for View {
    fn from(row: ApiTokenRow) -> Self {
        Self {
            name: row.name,
            scopes: row.scopes,
            expires_at: row.until,
            created_at: row.created_at,
            created_by: row.created_by,
            used_at: row.used_at,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create {
            data,
            name,
            mut scopes,
            expires,
            json,
        } => {
            if name.trim().is_empty() || name.chars().count() > 64 || visible(&name) != name {
                bail!("a name has 1 to 64 visible characters");
            }
            scopes.sort();
            scopes.dedup();
            let token = format!("{PREFIX}{}", Secret::new()?.text());
            let by = By::command_line();
            let expires_at = by.at.checked_add(expires)?;
            let new = NewApiToken {
                secret_hash: secret::hash(&token),
                name: name.trim().to_owned(),
                scopes,
                until: expires_at,
            };
            data.open().await?.store.add_api_token(new, by).await?;
            if json {
                output::json(&Created { token, expires_at })
            } else {
                output::line(&token)
            }
        }
        Command::List { data, json } => list(&data.open().await?, json).await,
        Command::Revoke { data, name } => {
            let collector = data.open().await?;
            Ok(collector.store.revoke_api_token(name, By::command_line()).await?)
        }
    }
}

async fn list(collector: &Collector, json: bool) -> Result<()> {
    let views: Vec<_> = collector
        .store
        .api_tokens()
        .await?
        .into_iter()
        .map(View::from)
        .collect();
    if json {
        return output::json(&views);
    }
    let rows: Vec<_> = views
        .into_iter()
        .map(|view| {
            let scopes: Vec<_> = view.scopes.iter().map(|scope| scope.as_str()).collect();
            let used = view.used_at.map(|at| at.strftime("%F %T").to_string());
            [
                view.name,
                scopes.join(" "),
                view.expires_at.strftime("%F %T").to_string(),
                used.unwrap_or_default(),
            ]
        })
        .collect();
    output::table(["name", "scopes", "expires (UTC)", "last used (UTC)"], &rows)
}

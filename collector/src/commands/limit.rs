//! `limit`: files larger file limits by account.

use anyhow::Result;
use clap::Subcommand;
use fileward_protocol::ids::Pseudonym;
use jiff::Timestamp;

use super::DataDir;
use super::account::Account;
use crate::filing::size;
use crate::output;
use crate::store::By;
use crate::store::registers::NewLimit;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Files a limit, or changes it
    File {
        #[command(flatten)]
        account: Account,
        /// The largest file allowed, such as 200MB
        #[arg(long, value_parser = size, value_name = "SIZE")]
        size: u64,
        /// Until when it holds
        #[arg(long, value_parser = super::time, value_name = "DATE")]
        until: Option<Timestamp>,
    },
    /// Lists filed limits
    List(DataDir),
    /// Removes a filed limit
    Remove(Account),
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::File { account, size, until } => {
            account.check()?;
            let collector = account.data.open().await?;
            let limit = NewLimit {
                app: account.app,
                pseudonym: Pseudonym::of(&collector.company_key, account.app, &account.id),
                account: account.id.trim().to_owned(),
                bytes: size,
                until,
            };
            Ok(collector.store.file_limit(limit, By::command_line()).await?)
        }
        Command::List(data) => {
            let filed = data.open().await?.store.filed().await?;
            let rows: Vec<_> = filed
                .limits
                .into_iter()
                .map(|row| {
                    let until = row.until.map(|until| until.strftime("%F %T").to_string());
                    [
                        row.app.to_string(),
                        row.account,
                        row.bytes.to_string(),
                        until.unwrap_or_default(),
                    ]
                })
                .collect();
            output::table(["app", "account", "bytes", "until (UTC)"], &rows)
        }
        Command::Remove(account) => {
            let collector = account.data.open().await?;
            let pseudonym = Pseudonym::of(&collector.company_key, account.app, &account.id);
            Ok(collector
                .store
                .remove_limit(account.app, pseudonym, By::command_line())
                .await?)
        }
    }
}

fn size(text: &str) -> Result<u64, String> {
    size::read(text).ok_or_else(|| format!("\"{text}\" is no size; write it like 500KB, 200MB or 1GB"))
}

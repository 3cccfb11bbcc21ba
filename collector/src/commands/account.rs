//! `account`: files personal chat accounts for work.

use anyhow::{Result, bail};
use clap::Subcommand;
use fileward_protocol::ids::Pseudonym;
use fileward_protocol::vocabulary::App;

use super::DataDir;
use crate::output;
use crate::store::By;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Files an account, or changes its note
    File {
        #[command(flatten)]
        account: Account,
        /// Whose it is, who approved
        #[arg(long, default_value = "", value_name = "TEXT")]
        note: String,
    },
    /// Lists filed accounts
    List(DataDir),
    /// Removes a filed account
    Remove(Account),
}

/// An account in an app.
#[derive(clap::Args)]
pub(crate) struct Account {
    #[command(flatten)]
    pub(super) data: DataDir,
    /// The chat app
    #[arg(long)]
    pub(super) app: App,
    /// The account id, for WeChat 4 without the last underscore and four digits of its folder
    #[arg(long = "account", value_name = "ID")]
    pub(super) id: String,
}

impl Account {
    /// Refuses what no chat app has.
    pub(super) fn check(&self) -> Result<()> {
        if !self.app.is_chat() {
            bail!("{} is no chat app", self.app);
        }
        if self.id.trim().is_empty() {
            bail!("The account id is empty");
        }
        Ok(())
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::File { account, note } => {
            account.check()?;
            let collector = account.data.open().await?;
            let pseudonym = Pseudonym::of(&collector.company_key, account.app, &account.id);
            let id = account.id.trim().to_owned();
            let by = By::command_line();
            Ok(collector
                .store
                .file_account(account.app, id, pseudonym, note, by)
                .await?)
        }
        Command::List(data) => {
            let filed = data.open().await?.store.filed().await?;
            let rows: Vec<_> = filed
                .accounts
                .into_iter()
                .map(|row| {
                    [
                        row.app.to_string(),
                        row.account,
                        row.filed_at.strftime("%F").to_string(),
                        row.note,
                    ]
                })
                .collect();
            output::table(["app", "account", "filed", "note"], &rows)
        }
        Command::Remove(account) => {
            let collector = account.data.open().await?;
            let pseudonym = Pseudonym::of(&collector.company_key, account.app, &account.id);
            Ok(collector
                .store
                .remove_account(account.app, pseudonym, By::command_line())
                .await?)
        }
    }
}

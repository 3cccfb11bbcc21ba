//! `user`: the people who use the console.

use std::io::Read;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jiff::SignedDuration;

use super::DataDir;
use crate::collector::Collector;
use crate::secret::Secret;
use crate::store::people::{Entry, Link, NewUser, Role, UserRow};
use crate::store::{By, StoreError};
use crate::{output, password};

/// How long a link for setting a password works.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(72);

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Adds a user and prints a link with which they set their password, once
    Add {
        #[command(flatten)]
        user: User,
        /// administrator, `security_officer`, `head_of_department`, `it_operator` or auditor
        #[arg(long)]
        role: Role,
        /// Takes the password from standard input instead
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists every user
    List(DataDir),
    /// Keeps a user out and ends their sessions
    Disable(User),
    /// Lets a user in again
    Enable(User),
    /// Prints a new link for a user who forgot the password
    Link(User),
}

#[derive(clap::Args)]
pub(crate) struct User {
    #[command(flatten)]
    data: DataDir,
    /// The name they log in with
    name: String,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Add {
            user,
            role,
            password_stdin,
        } => add(user, role, password_stdin).await,
        Command::List(data) => list(&data.open().await?).await,
        Command::Disable(user) => set_disabled(user, true).await,
        Command::Enable(user) => set_disabled(user, false).await,
        Command::Link(user) => link(user).await,
    }
}

async fn add(user: User, role: Role, password_stdin: bool) -> Result<()> {
    let name = user.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        bail!("A user's name has 1 to 64 characters");
    }
    let by = By::command_line();
    let secret = Secret::new()?;
    let entry = if password_stdin {
        Entry::Password(password::hash(&read_password()?)?)
    } else {
        Entry::Link(Link {
            secret_hash: secret.hash(),
            until: by.at.checked_add(LINK_LIFE)?,
        })
    };
    let collector = user.data.open().await?;
    collector.store.add_user(NewUser { name, role, entry }, by).await?;
    if password_stdin {
        Ok(())
    } else {
        show_link(&collector, &secret)
    }
}

fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .context("Failed to read the password from standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The page needs no script, so the secret is part of the address: it works once, and no log of addresses is kept.
fn show_link(collector: &Collector, secret: &Secret) -> Result<()> {
    output::line(&format!(
        "{}/welcome/{}",
        collector.settings.console_url(),
        secret.text()
    ))
}

async fn list(collector: &Collector) -> Result<()> {
    let users = collector.store.users().await?;
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| {
            let state = match (user.disabled, &user.password_hash) {
                (true, _) => "disabled",
                (false, None) => "no password yet",
                (false, Some(_)) => "",
            };
            let last = user.last_log_in.map(|at| at.strftime("%F %T").to_string());
            [
                user.name,
                user.role.to_string(),
                last.unwrap_or_default(),
                state.to_owned(),
            ]
        })
        .collect();
    output::table(["name", "role", "last log-in (UTC)", "state"], &rows)
}

async fn find(collector: &Collector, name: &str) -> Result<UserRow> {
    let user = collector.store.user(name.to_owned()).await?;
    Ok(user.ok_or_else(|| StoreError::not_found("user", name))?)
}

async fn set_disabled(user: User, disabled: bool) -> Result<()> {
    let collector = user.data.open().await?;
    let id = find(&collector, &user.name).await?.id;
    Ok(collector.store.set_disabled(id, disabled, By::command_line()).await?)
}

async fn link(user: User) -> Result<()> {
    let collector = user.data.open().await?;
    let id = find(&collector, &user.name).await?.id;
    let by = By::command_line();
    let secret = Secret::new()?;
    let link = Link {
        secret_hash: secret.hash(),
        until: by.at.checked_add(LINK_LIFE)?,
    };
    collector.store.set_link(id, link, by).await?;
    show_link(&collector, &secret)
}

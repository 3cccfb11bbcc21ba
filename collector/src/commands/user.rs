//! `user`: the people who use the console.

mod directory;

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;

use super::DataDir;
use crate::collector::Collector;
use crate::safe::visible;
use crate::secret::Secret;
use crate::store::directory::{Person, preview};
use crate::store::people::{self, Entry, LINK_LIFE, Link, NewUser, Role, UserId, UserRow};
use crate::store::{By, StoreError};
use crate::{output, password};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Adds a user and prints a link with which they set their password, once
    Add {
        #[command(flatten)]
        user: User,
        /// administrator, `security_officer`, `head_of_department`, `it_operator` or auditor
        #[arg(long)]
        role: Role,
        /// A group of devices; a head of department sees those of their groups alone
        #[arg(long = "group", value_name = "NAME")]
        groups: Vec<String>,
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
    /// Deletes a disabled user for good; the audit trail keeps the name
    Delete {
        #[command(flatten)]
        user: User,
        /// Why; it stands in the audit trail for ever, so name nobody
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Prints a new link for a user who forgot the password
    Link(User),
    /// Gives a user another role
    Role {
        #[command(flatten)]
        user: User,
        /// administrator, `security_officer`, `head_of_department`, `it_operator` or auditor
        role: Role,
    },
    /// Gives a user these groups instead of those they had
    Group {
        #[command(flatten)]
        user: User,
        /// Groups of devices; none takes all away
        #[arg(value_name = "GROUP")]
        groups: Vec<String>,
    },
    /// Forgets a user's failed log-ins
    Unlock(User),
    /// Ends every session of a user
    Logout(User),
    /// Lets a user who lost the telephone log in with the password alone, until they set up codes again
    ResetCode(User),
    /// Makes the users what a CSV file of the directory says, all or nothing
    ///
    /// Its columns are name, role, groups (separated by semicolons) and disabled (yes or no); the last two may be left out.
    Import {
        #[command(flatten)]
        data: DataDir,
        /// The file, in UTF-8, with the columns' names in its first line
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Says what would be done and does nothing
        #[arg(long)]
        dry_run: bool,
        /// Disables users who are not in the file; otherwise they are only listed
        #[arg(long)]
        disable_missing: bool,
        /// Prints a link for setting a password for everybody who is added
        #[arg(long, conflicts_with = "dry_run")]
        links: bool,
    },
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
            groups,
            password_stdin,
        } => add(user, role, &groups, password_stdin).await,
        Command::List(data) => list(&data.open().await?).await,
        Command::Disable(user) => set_disabled(user, true).await,
        Command::Enable(user) => set_disabled(user, false).await,
        Command::Delete { user, reason } => {
            let (collector, id) = user.find().await?;
            let erased = collector.store.erase_user(id, reason, By::command_line()).await?;
            output::line(&format!("deleted for good: {erased}"))
        }
        Command::Link(user) => link(user).await,
        Command::Role { user, role } => {
            let (collector, id) = user.find().await?;
            Ok(collector.store.set_role(id, role, By::command_line()).await?)
        }
        Command::Group { user, groups } => {
            let groups = people::check_groups(&groups.join(";"))?;
            let (collector, id) = user.find().await?;
            Ok(collector.store.set_groups(id, groups, By::command_line()).await?)
        }
        Command::Unlock(user) => {
            let (collector, id) = user.find().await?;
            Ok(collector.store.unlock(id, By::command_line()).await?)
        }
        Command::Logout(user) => {
            let (collector, id) = user.find().await?;
            let ended = collector.store.end_sessions(id, By::command_line()).await?;
            output::line(&format!("{ended} sessions ended"))
        }
        Command::ResetCode(user) => {
            let (collector, id) = user.find().await?;
            Ok(collector.store.forget_code(id, By::command_line()).await?)
        }
        Command::Import {
            data,
            file,
            dry_run,
            disable_missing,
            links,
        } => {
            let people = directory::read(&file)?;
            import(&data.open().await?, people, dry_run, disable_missing, links).await
        }
    }
}

impl User {
    async fn find(self) -> Result<(Collector, UserId)> {
        let collector = self.data.open().await?;
        let id = find(&collector, &self.name).await?.id;
        Ok((collector, id))
    }
}

async fn add(user: User, role: Role, groups: &[String], password_stdin: bool) -> Result<()> {
    let name = people::check_name(&user.name)?;
    let groups = people::check_groups(&groups.join(";"))?;
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
    collector
        .store
        .add_user(
            NewUser {
                name,
                role,
                groups,
                entry,
            },
            by,
        )
        .await?;
    if password_stdin {
        Ok(())
    } else {
        output::line(&address(&collector, &secret))
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
fn address(collector: &Collector, secret: &Secret) -> String {
    format!("{}/welcome/{}", collector.settings.console_url(), secret.text())
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
                visible(&user.name),
                user.role.to_string(),
                visible(&user.groups.join("; ")),
                last.unwrap_or_default(),
                state.to_owned(),
            ]
        })
        .collect();
    output::table(["name", "role", "groups", "last log-in (UTC)", "state"], &rows)
}

async fn find(collector: &Collector, name: &str) -> Result<UserRow> {
    let user = collector.store.user(name.to_owned()).await?;
    Ok(user.ok_or_else(|| StoreError::not_found("user", name))?)
}

async fn set_disabled(user: User, disabled: bool) -> Result<()> {
    let (collector, id) = user.find().await?;
    Ok(collector.store.set_disabled(id, disabled, By::command_line()).await?)
}

async fn link(user: User) -> Result<()> {
    let (collector, id) = user.find().await?;
    output::line(&new_link(&collector, id).await?)
}

/// Makes a link for a user.
async fn new_link(collector: &Collector, id: UserId) -> Result<String> {
    let by = By::command_line();
    let secret = Secret::new()?;
    let link = Link {
        secret_hash: secret.hash(),
        until: by.at.checked_add(LINK_LIFE)?,
    };
    collector.store.set_link(id, link, by).await?;
    Ok(address(collector, &secret))
}

async fn import(
    collector: &Collector,
    people: Vec<Person>,
    dry_run: bool,
    disable_missing: bool,
    links: bool,
) -> Result<()> {
    let done = if dry_run {
        preview(&collector.store.users().await?, &people, disable_missing)?
    } else {
        let by = By::command_line();
        collector.store.import(people, disable_missing, by).await?
    };
    for name in &done.added {
        let link = if links {
            new_link(collector, find(collector, name).await?.id).await?
        } else {
            String::new()
        };
        output::line(format!("added    {} {link}", visible(name)).trim_end())?;
    }
    for name in &done.changed {
        output::line(&format!("changed  {}", visible(name)))?;
    }
    let gone = if disable_missing { "disabled" } else { "missing " };
    for name in &done.missing {
        output::line(&format!("{gone} {}", visible(name)))?;
    }
    output::line(&format!("{} unchanged", done.unchanged))?;
    if dry_run {
        output::line("Nothing was done: this was a dry run")?;
    }
    Ok(())
}

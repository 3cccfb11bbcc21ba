//! `ca`: replaces the CA's root in three steps, so that no device is lost: add, hand out, let sign; drop the old one.

use anyhow::{Result, bail};
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};

use super::DataDir;
use crate::ca::{self, LEAF_LIFE};
use crate::collector::Collector;
use crate::output;
use crate::store::By;
use crate::store::roots::RootState;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the roots
    List(DataDir),
    /// Prints the root that signs, in PEM, for browsers that shall trust the console
    Show(DataDir),
    /// Adds a new root; devices learn of it, but it signs nothing yet
    Rotate(DataDir),
    /// Lets the newest root sign, once every device knows it
    Activate {
        #[command(flatten)]
        data: DataDir,
        /// Even if some devices do not know it yet; they will have to enrol again
        #[arg(long)]
        force: bool,
    },
    /// Drops the former root, once every certificate it signed is replaced
    Retire {
        #[command(flatten)]
        data: DataDir,
        /// Even if certificates it signed may still be in use; those devices will have to enrol again
        #[arg(long)]
        force: bool,
    },
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List(data) => list(&data.open().await?).await,
        Command::Show(data) => {
            let roots = data.open().await?.store.roots().await?.roots;
            let active = roots.iter().find(|root| root.state == RootState::Active);
            output::line(active.map_or("", |root| root.certificate.trim_end()))
        }
        Command::Rotate(data) => rotate(&data.open().await?).await,
        Command::Activate { data, force } => activate(&data.open().await?, force).await,
        Command::Retire { data, force } => retire(&data.open().await?, force).await,
    }
}

async fn list(collector: &Collector) -> Result<()> {
    let roots = collector.store.roots().await?.roots;
    let rows: Vec<_> = roots
        .into_iter()
        .map(|root| {
            [
                root.id.to_string(),
                root.state.to_string(),
                root.created_at.strftime("%F %T").to_string(),
            ]
        })
        .collect();
    output::table(["root", "state", "made (UTC)"], &rows)
}

async fn rotate(collector: &Collector) -> Result<()> {
    let _lock = collector.folder.lock()?;
    let roots = collector.store.roots().await?.roots;
    if let Some(other) = roots.iter().find(|root| root.state != RootState::Active) {
        bail!(
            "Root {} is still {}; activate or retire it first",
            other.id,
            other.state
        );
    }
    let id = ca::add_root(&collector.folder, &*collector.store, By::command_line()).await?;
    output::line(&format!(
        "root {id}: devices learn of it with their next reports; then run `ca activate`"
    ))
}

async fn activate(collector: &Collector, force: bool) -> Result<()> {
    let roots = collector.store.roots().await?.roots;
    let Some(root) = roots.iter().find(|root| root.state == RootState::Standby) else {
        bail!("There is no new root; make one with `ca rotate`");
    };
    let missing = collector.store.devices_without_roots().await?;
    if missing > 0 && !force {
        bail!(
            "{missing} devices do not know root {} yet; wait until they were in contact, or add --force",
            root.id
        );
    }
    collector.store.activate_root(root.id, By::command_line()).await?;
    output::line(&format!(
        "root {} signs; drop the former one with `ca retire` after four weeks",
        root.id
    ))
}

async fn retire(collector: &Collector, force: bool) -> Result<()> {
    let roots = collector.store.roots().await?.roots;
    let Some(root) = roots.iter().find(|root| root.state == RootState::Former) else {
        bail!("There is no former root");
    };
    // Whatever it signed was signed before the root after it was made to sign.
    let successor = roots.iter().find(|other| other.state == RootState::Active);
    let since = successor.map_or(root.created_at, |other| other.activated_at.unwrap_or(other.created_at));
    let safe_from = since.checked_add(SignedDuration::try_from(LEAF_LIFE)?)?;
    if Timestamp::now() < safe_from && !force {
        bail!(
            "Certificates of root {} are in use until {safe_from}; wait, or add --force",
            root.id
        );
    }
    collector.store.retire_root(root.id, By::command_line()).await?;
    output::line(&format!("root {} is trusted no more", root.id))
}

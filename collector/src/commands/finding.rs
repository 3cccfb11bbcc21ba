//! `finding`: lists findings and works on them.

mod view;

use anyhow::{Result, bail};
use clap::Subcommand;
use fileward_policy::words::InWords as _;
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::vocabulary::{FindingState, Language};
use jiff::Timestamp;

use super::DataDir;
use crate::output;
use crate::store::findings::FindingFilter;
use crate::store::work::{Act, Which};
use crate::store::{By, Scope, StoreError};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists findings
    List {
        #[command(flatten)]
        data: DataDir,
        /// Only findings in this state
        #[arg(long)]
        state: Option<FindingState>,
        /// Only findings of this device
        #[arg(long, value_name = "ID")]
        device: Option<DeviceId>,
        /// Only findings given to this user of the console
        #[arg(long, value_name = "NAME")]
        assignee: Option<String>,
        /// Only findings whose answer by the employee waits to be judged
        #[arg(long)]
        to_judge: bool,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Says that somebody sees to a finding
    Acknowledge(Named),
    /// Says something about a finding
    Comment {
        #[command(flatten)]
        named: Named,
        /// What
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Gives a finding to a user of the console
    Assign {
        #[command(flatten)]
        named: Named,
        /// To whom; to nobody, if it is left out
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
    },
    /// Makes an exception for a finding
    Exempt {
        #[command(flatten)]
        named: Named,
        /// Why; the employee reads it on their PC
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Until when; then the finding counts again by itself
        #[arg(long, value_parser = super::time, value_name = "DATE")]
        until: Option<Timestamp>,
    },
    /// Lets a finding count again
    Reopen {
        #[command(flatten)]
        named: Named,
        /// Why; the employee reads it on their PC
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Judges what the employee answered
    Answer {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        judgement: Judgement,
    },
}

#[derive(clap::Args)]
pub(crate) struct Named {
    #[command(flatten)]
    data: DataDir,
    /// The finding
    id: FindingId,
    /// Its device, where several have a finding of this id
    #[arg(long, value_name = "ID")]
    device: Option<DeviceId>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Judgement {
    /// Accepts it
    #[arg(long)]
    accept: bool,
    /// Does not accept it, and why; the employee reads it on their PC
    #[arg(long, value_name = "REASON")]
    refuse: Option<String>,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List {
            data,
            state,
            device,
            assignee,
            to_judge,
            json,
        } => {
            let filter = FindingFilter {
                state,
                device,
                assignee,
                to_judge,
                ..FindingFilter::within(Scope::Everything)
            };
            view::list(&data.open().await?, filter, json).await
        }
        Command::Acknowledge(named) => act(named, Act::Acknowledge).await,
        Command::Comment { named, text } => act(named, Act::Comment(text)).await,
        Command::Assign { named, to } => act(named, Act::Assign(to)).await,
        Command::Exempt { named, reason, until } => act(named, Act::Exempt { reason, until }).await,
        Command::Reopen { named, reason } => act(named, Act::Reopen { reason }).await,
        Command::Answer { named, judgement } => match judgement.refuse {
            Some(reason) => act(named, Act::Refuse { reason }).await,
            None => act(named, Act::Accept { note: String::new() }).await,
        },
    }
}

async fn act(named: Named, act: Act) -> Result<()> {
    let store = named.data.open().await?.store;
    let finding = named.id;
    let device = match named.device {
        Some(device) => device,
        None => match store.devices_of_finding(finding).await?.as_slice() {
            [] => return Err(StoreError::not_found("finding", finding).into()),
            [device] => *device,
            _ => bail!("Several devices have a finding {finding}; name one with --device"),
        },
    };
    let which = Which { device, finding };
    for outcome in store.work(vec![which], act.clone(), By::command_line()).await? {
        if let Err(hindrance) = outcome {
            bail!("Finding {finding}: {}", hindrance.in_words(Language::En));
        }
    }
    output::line(&format!("{finding}: {}", act.word()))
}

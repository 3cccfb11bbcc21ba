//! `correction`: what people say is wrong about what is kept of them.

use anyhow::Result;
use clap::Subcommand;

use super::DataDir;
use crate::output;
use crate::safe::visible;
use crate::store::corrections::{About, Correction, CorrectionFilter, CorrectionRow, Decision, Stage};
use crate::store::{By, Order, Paging};
use crate::views::correction::View;

/// Rows of a list at a time.
const PART: u32 = 500;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Writes down what somebody wants corrected, and prints its number
    Ask(Box<Ask>),
    /// Lists corrections, those that wait first
    List {
        #[command(flatten)]
        data: DataDir,
        /// Only those that wait
        #[arg(long)]
        waiting: bool,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Accepts a correction; a wrong owner in a register is changed
    Accept(Answered),
    /// Refuses a correction
    Refuse(Answered),
}

#[derive(clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    data: DataDir,
    /// What it is about: device:ID, finding:DEVICE/ID or filing:NUMBER
    about: About,
    /// Who asks
    #[arg(long, value_name = "NAME")]
    person: String,
    /// What is wrong
    #[arg(long, value_name = "TEXT")]
    wrong: String,
    /// What they want
    #[arg(long, value_name = "TEXT")]
    wanted: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Of a device, a name that stands there and should not
    #[arg(long, value_name = "NAME", default_value = "")]
    not_theirs: String,
    /// The name that should: of a device its user, of something filed its owner
    #[arg(long, value_name = "NAME", default_value = "")]
    theirs: String,
}

#[derive(clap::Args)]
pub(crate) struct Answered {
    #[command(flatten)]
    data: DataDir,
    /// Its number
    id: u64,
    /// What was done, or why nothing was; the person reads it in their record
    #[arg(long, value_name = "TEXT")]
    answer: String,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Ask(ask) => {
            let correction = Correction {
                about: ask.about,
                person: ask.person,
                wrong: ask.wrong,
                wanted: ask.wanted,
                reason: ask.reason,
                not_theirs: ask.not_theirs,
                theirs: ask.theirs,
            };
            let store = ask.data.open().await?.store;
            let id = store.ask_correction(correction, By::command_line()).await?;
            output::line(&format!("correction {id}"))
        }
        Command::List { data, waiting, json } => list(data, waiting, json).await,
        Command::Accept(answered) => decide(answered, Decision::Accept).await,
        Command::Refuse(answered) => decide(answered, Decision::Refuse).await,
    }
}

async fn decide(answered: Answered, decision: Decision) -> Result<()> {
    let store = answered.data.open().await?.store;
    let by = By::command_line();
    Ok(store
        .decide_correction(answered.id, decision, answered.answer, by)
        .await?)
}

async fn list(data: DataDir, waiting: bool, json: bool) -> Result<()> {
    let store = data.open().await?.store;
    let filter = CorrectionFilter {
        stage: waiting.then_some(Stage::Asked),
        about: None,
        order: Order::default(),
    };
    let mut rows = Vec::new();
    let mut paging = Paging::first(PART);
    loop {
        let page = store.corrections(filter, paging).await?;
        paging = paging.next();
        rows.extend(page.rows);
        if paging.offset >= page.total {
            break;
        }
    }
    if json {
        return output::json(&rows.into_iter().map(View::from).collect::<Vec<_>>());
    }
    let rows: Vec<_> = rows.iter().map(cells).collect();
    output::table(
        ["id", "state", "about", "who asks", "what is wrong", "asked (UTC)"],
        &rows,
    )
}

fn cells(row: &CorrectionRow) -> [String; 6] {
    [
        row.id.to_string(),
        row.stage.to_string(),
        row.asked.about.to_string(),
        visible(&row.asked.person),
        visible(&row.asked.wrong),
        row.asked_at.strftime("%F %T").to_string(),
    ]
}

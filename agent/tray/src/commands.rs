//! The tray's commands: for people without a tray, and for scripts.

use std::io::Write;

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use fileward_ipc::{Answer, Item, QuestionId};
use fileward_policy::words::InWords;
use jiff::Timestamp;

use crate::words::{self, Words};
use crate::{client, deeds, session};

/// What to do without an icon.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what waits for you
    List {
        /// One JSON document with `findings`, `questions`, and how many `more` wait
        #[arg(long)]
        json: bool,
    },
    /// Move a finding's file to the store
    Move {
        /// The finding's id, or its beginning
        finding: String,
    },
    /// Answer a finding
    Answer {
        /// The finding's id, or its beginning
        finding: String,
        /// What you say
        answer: Said,
        /// The reason
        #[arg(long, required_if_eq("answer", "justify"))]
        text: Option<String>,
    },
    /// Answer "Is this a work file?"
    Question {
        /// The question's id
        question: u64,
        /// Whether it is a work file; a "no" stays on this PC
        answer: YesNo,
    },
}

/// An answer to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Said {
    /// It is a private file
    Private,
    /// It is a false alarm
    FalseAlarm,
    /// There is a reason
    Justify,
}

/// An answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum YesNo {
    /// It is
    Yes,
    /// It is not
    No,
}

/// Carries out a command.
///
/// # Errors
/// When it was not done.
pub(crate) async fn run(command: Command) -> Result<()> {
    let words = session::words(&client::language().await?);
    match command {
        Command::List { json: true } => list_json().await,
        Command::List { json: false } => list(words).await,
        Command::Move { finding } => move_file(&finding, words).await,
        Command::Answer { finding, answer, text } => {
            let answer = match answer {
                Said::Private => Answer::PrivateFile,
                Said::FalseAlarm => Answer::FalseAlarm,
                Said::Justify => Answer::Justify {
                    text: text.unwrap_or_default(),
                },
            };
            client::answer(find(&finding).await?.finding, answer).await
        }
        Command::Question { question, answer } => {
            client::answer_question(QuestionId(question), answer == YesNo::Yes).await
        }
    }
}

async fn list_json() -> Result<()> {
    let items = client::items().await?;
    let list = serde_json::json!({"findings": items.findings, "questions": items.questions, "more": items.more});
    print(&list.to_string())
}

async fn list(words: Words) -> Result<()> {
    let seen = session::look().await?;
    let now = Timestamp::now();
    if seen.findings.is_empty() && seen.questions.is_empty() {
        return print(words.say(words::PROTECTED));
    }
    for item in &seen.findings {
        print(&format!("{}  {}", item.finding, words::visible_path(&item.path)))?;
        print(&format!("    {}", words.why(item.rule, &item.evidence)))?;
        print(&format!("    {}", item.severity.in_words(words.language)))?;
        print(&format!("    {}", words.standing(item, seen.reported_at_once, now)))?;
        if let Some(decision) = words.decision(item) {
            print(&format!("    {decision}"))?;
        }
    }
    for question in &seen.questions {
        let asked = words.say(words::IS_WORK);
        print(&format!(
            "{}  {asked} {}",
            question.question.0,
            words::visible_path(&question.path)
        ))?;
    }
    match seen.more.findings + seen.more.questions {
        0 => Ok(()),
        more => print(&words.and_more(more)),
    }
}

async fn move_file(finding: &str, words: Words) -> Result<()> {
    let item = find(finding).await?;
    let moved = deeds::move_to_store(&item).await.map_err(|error| match error {
        Some(error) => anyhow!(words.move_error(&error)),
        None => anyhow!(words.no_store()),
    })?;
    print(&moved.to.display().to_string())?;
    if moved.in_use {
        writeln!(std::io::stderr(), "{}", words.still_open(&words::shown(&item.path))).context("Failed to warn")?;
    }
    Ok(())
}

/// Finds the one active finding whose id begins like this.
async fn find(beginning: &str) -> Result<Item> {
    let beginning = beginning.to_ascii_lowercase();
    let items = match beginning.parse() {
        // A whole id is found even where the list is cut.
        Ok(id) => client::named(vec![id], Vec::new()).await?,
        Err(_) => client::items().await?,
    };
    let begins = |item: &Item| item.state.is_active() && item.finding.to_string().starts_with(&beginning);
    let mut found = items.findings.into_iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(item), None) => Ok(item),
        (Some(_), Some(_)) => bail!("Several findings begin with {beginning}; give more of the id"),
        (None, _) => bail!("No open finding begins with {beginning}; see `fileward-tray list`"),
    }
}

fn print(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("Failed to write to standard output")
}

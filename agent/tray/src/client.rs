//! Speaks with the service. Every question has a connection of its own; one more listens for what the service pushes.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use fileward_ipc::stream::Stream;
use fileward_ipc::{
    Answer, CompanyAct, Item, JournalLine, More, PlaceView, Question, QuestionId, SessionDrive, Status, ToClient,
    ToService, Told, VERSION, codec,
};
use fileward_protocol::ids::FindingId;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};

mod reach;

use crate::desktop;
use reach::connect;

/// How long the service may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the service says by itself.
#[derive(Debug)]
pub(crate) enum News {
    /// It answers; this is the policy's language.
    Up { language: String },
    /// It does not.
    Down,
    /// It speaks another version of the protocol: the tray is older than the service, or newer.
    OtherVersion,
    /// What it knows of this user's files changed.
    Changed,
    /// Time for a toast.
    Toast {
        findings: Vec<Item>,
        questions: Vec<Question>,
        more: More,
        company: Vec<CompanyAct>,
    },
}

/// The service's version is not the tray's.
#[derive(Debug, thiserror::Error)]
#[error("the service speaks version {0} and this program version {VERSION}; sign out and in again")]
struct OtherVersion(u32);

/// A connection after the greeting.
struct Connection {
    stream: Stream,
    language: String,
}

impl Connection {
    async fn open(subscribe: bool) -> Result<Self> {
        let mut stream = connect().await?;
        let hello = ToService::Hello {
            version: VERSION,
            subscribe,
        };
        codec::write(&mut stream, &hello)
            .await
            .context("Failed to greet the service")?;
        let answer = timeout(PATIENCE, codec::read(&mut stream))
            .await
            .context("The service did not greet back")?;
        match answer.context("Failed to read the service's greeting")? {
            Some(ToClient::Hello { version, .. }) if version != VERSION => Err(OtherVersion(version).into()),
            Some(ToClient::Hello { language, .. }) => Ok(Self { stream, language }),
            Some(ToClient::Refused { why }) => bail!(why),
            _ => bail!("The service ended the connection"),
        }
    }

    async fn ask(&mut self, question: &ToService) -> Result<ToClient> {
        codec::write(&mut self.stream, question)
            .await
            .context("Failed to ask the service")?;
        let answer = timeout(PATIENCE, codec::read(&mut self.stream))
            .await
            .context("The service did not answer")?;
        match answer.context("Failed to read the service's answer")? {
            Some(ToClient::Refused { why }) => bail!(why),
            Some(answer) => Ok(answer),
            None => bail!("The service ended the connection"),
        }
    }
}

async fn ask(question: &ToService) -> Result<ToClient> {
    Connection::open(false).await?.ask(question).await
}

fn unexpected<T>() -> Result<T> {
    bail!("The service gave an answer that does not fit the question")
}

/// The language the policy asks for.
pub(crate) async fn language() -> Result<String> {
    Ok(Connection::open(false).await?.language)
}

/// Findings and questions of this user, and how many more wait.
#[derive(Debug)]
pub(crate) struct Items {
    pub(crate) findings: Vec<Item>,
    pub(crate) questions: Vec<Question>,
    pub(crate) more: More,
}

/// What waits for this user, and what ended a short while ago.
pub(crate) async fn items() -> Result<Items> {
    list(&ToService::Items).await
}

/// These findings and questions of this user, as far as there are such.
pub(crate) async fn named(findings: Vec<FindingId>, questions: Vec<QuestionId>) -> Result<Items> {
    list(&ToService::Named { findings, questions }).await
}

async fn list(question: &ToService) -> Result<Items> {
    match ask(question).await? {
        ToClient::Items {
            findings,
            questions,
            more,
        } => Ok(Items {
            findings: in_session(findings),
            questions,
            more,
        }),
        _ => unexpected(),
    }
}

/// The service spells paths as it sees them.
fn in_session(mut findings: Vec<Item>) -> Vec<Item> {
    for item in &mut findings {
        item.path = desktop::in_session(std::mem::take(&mut item.path));
        item.store = item.store.take().map(desktop::in_session);
    }
    findings
}

/// Answers a finding.
pub(crate) async fn answer(finding: FindingId, answer: Answer) -> Result<()> {
    match ask(&ToService::Answer { finding, answer }).await? {
        ToClient::Done => Ok(()),
        _ => unexpected(),
    }
}

/// Answers a question.
pub(crate) async fn answer_question(question: QuestionId, work: bool) -> Result<()> {
    match ask(&ToService::AnswerQuestion { question, work }).await? {
        ToClient::Done => Ok(()),
        _ => unexpected(),
    }
}

/// Tells which drives this session has.
pub(crate) async fn drives(drives: Vec<SessionDrive>) -> Result<()> {
    match ask(&ToService::Drives { drives }).await? {
        ToClient::Done => Ok(()),
        _ => unexpected(),
    }
}

/// How the service is.
pub(crate) async fn status() -> Result<Status> {
    match ask(&ToService::Status).await? {
        ToClient::Status(status) => Ok(*status),
        _ => unexpected(),
    }
}

/// Where it looks.
pub(crate) async fn places() -> Result<Vec<PlaceView>> {
    match ask(&ToService::Places).await? {
        ToClient::Places { places } => Ok(places),
        _ => unexpected(),
    }
}

/// The effective policy and its version.
pub(crate) async fn policy() -> Result<(serde_json::Value, u64)> {
    match ask(&ToService::Policy).await? {
        ToClient::Policy { effective, version } => Ok((effective, version)),
        _ => unexpected(),
    }
}

/// Reads the whole journal, page by page.
pub(crate) async fn journal(mut page: impl FnMut(Vec<JournalLine>)) -> Result<()> {
    let mut connection = Connection::open(false).await?;
    let mut after = 0;
    loop {
        let ToClient::Journal { lines, more } = connection.ask(&ToService::Journal { after }).await? else {
            return unexpected();
        };
        let last = lines.last().map(|line| line.seq);
        page(lines);
        match last {
            // A service that repeats itself must not be asked for ever.
            Some(last) if more && last > after => after = last,
            _ => return Ok(()),
        }
    }
}

/// Reads all that was sent about the PC itself, page by page.
pub(crate) async fn told(mut page: impl FnMut(Vec<Told>)) -> Result<()> {
    let mut connection = Connection::open(false).await?;
    let mut after = 0;
    loop {
        let ToClient::Told { told, more } = connection.ask(&ToService::Told { after }).await? else {
            return unexpected();
        };
        let last = told.last().map(|one| one.id);
        page(told);
        match last {
            // As above.
            Some(last) if more && last > after => after = last,
            _ => return Ok(()),
        }
    }
}

/// Reads all that the company did, page by page.
pub(crate) async fn company(mut page: impl FnMut(Vec<CompanyAct>)) -> Result<()> {
    let mut connection = Connection::open(false).await?;
    let mut after = 0;
    loop {
        let ToClient::Company { acts, more } = connection.ask(&ToService::Company { after }).await? else {
            return unexpected();
        };
        let last = acts.last().map(|kept| kept.id);
        page(acts);
        match last {
            // As above.
            Some(last) if more && last > after => after = last,
            _ => return Ok(()),
        }
    }
}

/// Listens until nobody wants the news any more; connects again whenever the service went away.
pub(crate) async fn listen<T: From<News>>(news: UnboundedSender<T>) {
    let mut pause = FIRST_PAUSE;
    while !news.is_closed() {
        match Connection::open(true).await {
            Ok(connection) => {
                pause = FIRST_PAUSE;
                forward(connection, &news).await;
            }
            Err(error) => {
                tracing::debug!("no service: {error:#}");
                let other_version = error.is::<OtherVersion>();
                let event = if other_version { News::OtherVersion } else { News::Down };
                let _ = news.send(event.into());
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn forward<T: From<News>>(mut connection: Connection, news: &UnboundedSender<T>) {
    let language = std::mem::take(&mut connection.language);
    let _ = news.send(News::Up { language }.into());
    loop {
        let event = match codec::read(&mut connection.stream).await {
            Ok(Some(ToClient::Changed)) => News::Changed,
            Ok(Some(ToClient::Toast {
                findings,
                questions,
                more,
                company,
            })) => News::Toast {
                findings: in_session(findings),
                questions,
                more,
                company,
            },
            Ok(Some(_)) => continue,
            Ok(None) => break,
            Err(error) => {
                tracing::debug!("the service's news ended: {error}");
                break;
            }
        };
        if news.send(event.into()).is_err() {
            return;
        }
    }
    let _ = news.send(News::Down.into());
}

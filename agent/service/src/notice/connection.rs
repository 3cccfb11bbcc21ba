//! One client: its messages, each authorised by itself, and what is pushed to it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fileward_ipc::{Answer, ToClient, ToService, VERSION, codec};
use fileward_places::SessionDrives;
use fileward_protocol::report::Justification;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::authorise::{Deed, Peer, may};
use super::subscribers::Subscribers;
use crate::ledger;
use crate::pipeline::Shared;

/// Changes that come together are told once.
const GATHER: Duration = Duration::from_millis(100);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// As many as there are letters.
const MOST_DRIVES: usize = 26;
/// A client says hello at once.
const HELLO: Duration = Duration::from_secs(10);

/// One client.
pub(super) struct Connection<W> {
    pub(super) shared: Arc<Shared>,
    pub(super) subscribers: Arc<Subscribers>,
    pub(super) peer: Peer,
    /// For how long the client may say nothing, unless it subscribes.
    pub(super) idle: Duration,
    pub(super) to: W,
}

impl<W: AsyncWrite + Unpin> Connection<W> {
    /// Serves the client until it goes or does not keep to the protocol.
    pub(super) async fn serve(mut self, mut from: impl AsyncRead + Unpin + Send + 'static) -> Result<()> {
        let hello = tokio::time::timeout(HELLO, codec::read::<ToService>(&mut from)).await??;
        let Some(ToService::Hello { version, subscribe }) = hello else {
            return Ok(());
        };
        if version != VERSION {
            let why = format!("this is Fileward's protocol {VERSION}, not {version}: log out and in again");
            return self.refuse(&why).await;
        }
        self.send(ToClient::Hello {
            version: VERSION,
            language: self.shared.force().policy.notice.language.clone(),
        })
        .await?;
        let mut bell = self.shared.bell.listen();
        let mut pushed = subscribe.then(|| self.subscribers.add(self.peer.user));
        if subscribe {
            // What has waited for a tray is shown to this one.
            self.shared.bell.ring();
            bell.mark_unchanged();
        }
        let mut messages = reader(from);
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => self.answer(message).await?,
                    None => return Ok(()),
                },
                toast = next(&mut pushed) => match toast {
                    Some(toast) => self.send(toast).await?,
                    None => return Ok(()),
                },
                changed = bell.changed(), if subscribe => {
                    changed?;
                    tokio::time::sleep(GATHER).await;
                    bell.mark_unchanged();
                    self.send(ToClient::Changed).await?;
                }
                () = tokio::time::sleep(self.idle), if !subscribe => return Ok(()),
            }
        }
    }

    async fn answer(&mut self, message: ToService) -> Result<()> {
        if message == ToService::Scan {
            return self.scan().await;
        }
        let answer = self.reply(message).unwrap_or_else(|error| {
            tracing::error!("Failed to answer a client: {error:#}");
            refused("the service could not do it; its log says why")
        });
        self.send(answer).await
    }

    fn reply(&self, message: ToService) -> Result<ToClient> {
        let (shared, peer) = (&self.shared, self.peer);
        Ok(match message {
            ToService::Hello { .. } => refused("hello was said already"),
            ToService::Items => shared.items(peer)?,
            ToService::Named { findings, questions } => shared.named(peer, &findings, &questions)?,
            ToService::Findings { after } => {
                let (findings, more) = shared.elements(peer, after)?;
                ToClient::Findings { findings, more }
            }
            ToService::Answer { finding, answer } => {
                let record = shared.ledger.read(|reader| reader.finding(finding))?;
                match record.filter(|record| may(peer, Deed::Answer, record.owner)) {
                    None => refused("there is no such finding of yours"),
                    Some(record) => self.answer_finding(&record, &answer)?,
                }
            }
            ToService::AnswerQuestion { question, work } => {
                let asked = shared.ledger.read(|reader| reader.question(question.0))?;
                match asked.filter(|asked| may(peer, Deed::Answer, asked.owner)) {
                    None => refused("there is no such question to you, or it has been answered"),
                    Some(asked) => done(shared.answer_question(asked.id, work)?),
                }
            }
            ToService::Status => ToClient::Status(Box::new(shared.status()?)),
            ToService::Places => ToClient::Places {
                places: shared.place_views(peer),
            },
            ToService::Journal { after } => {
                let (lines, more) = shared.journal_page(peer, after)?;
                ToClient::Journal { lines, more }
            }
            ToService::Told { after } => {
                let (told, more) = shared.told_page(after)?;
                ToClient::Told { told, more }
            }
            ToService::Company { after } => {
                let (acts, more) = shared.company_page(peer, after)?;
                ToClient::Company { acts, more }
            }
            ToService::Policy => ToClient::Policy {
                effective: serde_json::to_value(&shared.force().policy)?,
                version: shared.force().version,
            },
            ToService::Drives { drives } => {
                let told = drives.into_iter().take(MOST_DRIVES);
                let told = SessionDrives::told(told.map(|drive| (drive.letter, drive.target)));
                shared.learn_drives(peer.user, told);
                ToClient::Done
            }
            ToService::Scan => refused("a sweep is under way"),
        })
    }

    fn answer_finding(&self, record: &ledger::Record, answer: &Answer) -> Result<ToClient> {
        use fileward_protocol::vocabulary::Offer;
        let (offer, kept, why) = match answer {
            Answer::PrivateFile => (Offer::PrivateFile, ledger::Answer::PrivateFile, None),
            Answer::FalseAlarm => (Offer::FalseAlarm, ledger::Answer::FalseAlarm, None),
            Answer::Justify { text } => match Justification::new(text) {
                Some(why) => (Offer::Justify, ledger::Answer::Justify, Some(why)),
                None => return Ok(refused("a reason needs words")),
            },
        };
        if !record.finding.state.is_active() {
            return Ok(done(false));
        }
        if !self.shared.item(record, None).offers.contains(&offer) {
            return Ok(refused("your company's policy does not offer this answer"));
        }
        Ok(done(self.shared.answer(record.finding.id, kept, why)?))
    }

    async fn scan(&mut self) -> Result<()> {
        if !may(self.peer, Deed::Scan, None) {
            return self
                .refuse("only root, or who runs the service, may let it sweep")
                .await;
        }
        self.shared.scan();
        loop {
            tokio::time::sleep(PROGRESS_EVERY).await;
            let (files, done) = self.shared.scanned();
            self.send(ToClient::Progress { files, done }).await?;
            if done {
                return Ok(());
            }
        }
    }

    async fn refuse(&mut self, why: &str) -> Result<()> {
        self.send(refused(why)).await
    }

    async fn send(&mut self, message: ToClient) -> Result<()> {
        Ok(codec::write(&mut self.to, &message).await?)
    }
}

/// Reads on a task of its own: a frame that has come in part must not be lost when something is pushed meanwhile.
fn reader(mut from: impl AsyncRead + Unpin + Send + 'static) -> mpsc::Receiver<ToService> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let read = tokio::select! {
                read = codec::read(&mut from) => read,
                // Otherwise a client that stays would keep its socket open.
                () = sender.closed() => return,
            };
            match read {
                Ok(Some(message)) => {
                    if sender.send(message).await.is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::debug!(%error, "a client sent something unreadable");
                    return;
                }
            }
        }
    });
    receiver
}

async fn next(pushed: &mut Option<mpsc::Receiver<ToClient>>) -> Option<ToClient> {
    match pushed {
        Some(pushed) => pushed.recv().await,
        None => std::future::pending().await,
    }
}

fn done(mattered: bool) -> ToClient {
    if mattered {
        ToClient::Done
    } else {
        refused("it has been settled already")
    }
}

fn refused(why: &str) -> ToClient {
    ToClient::Refused { why: why.into() }
}

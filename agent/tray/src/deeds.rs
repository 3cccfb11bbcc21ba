//! Carries out clicks, one after the other, and says what came of them.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Result;
use fileward_ipc::{Answer, Item, QuestionId};
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::Offer;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::act::Act;
use crate::mover::{self, MoveError, Moved};
use crate::notice::{self, Notice};
use crate::session::{self, Event};
use crate::words::{self, Words};
use crate::{client, desktop, model, page};

/// A click, and the language to answer it in.
#[derive(Debug)]
pub(crate) struct Click {
    /// What was clicked.
    pub(crate) act: Act,
    /// The language.
    pub(crate) words: Words,
}

/// Carries out clicks.
pub(crate) struct Deeds {
    events: UnboundedSender<Event>,
    /// What was moved, so that a second click before the service has noticed is no error.
    moved: HashSet<FindingId>,
}

impl Deeds {
    pub(crate) fn new(events: UnboundedSender<Event>) -> Self {
        Self {
            events,
            moved: HashSet::new(),
        }
    }

    /// Works until nobody clicks any more.
    pub(crate) async fn run(mut self, mut clicks: UnboundedReceiver<Click>) {
        while let Some(Click { act, words }) = clicks.recv().await {
            let notices = match self.carry_out(act, words).await {
                Ok(notices) => notices,
                Err(error) => vec![notice::not_done(vec![format!("{error:#}")], words)],
            };
            for notice in notices {
                let _ = self.events.send(Event::Show(notice));
            }
            let _ = self.events.send(Event::LookAgain);
        }
    }

    async fn carry_out(&mut self, act: Act, words: Words) -> Result<Vec<Notice>> {
        let seen = session::look_at(&act).await?;
        let gone = || vec![notice::said(words.gone(), Vec::new(), words)];
        let now = Timestamp::now();
        Ok(match act {
            Act::Move(ids) => {
                let items: Vec<_> = ids.iter().filter_map(|id| seen.finding(*id)).collect();
                if items.is_empty() {
                    let known = ids.iter().any(|id| self.moved.contains(id));
                    return Ok(if known { Vec::new() } else { gone() });
                }
                self.move_all(&items, words).await.into_iter().collect()
            }
            Act::Answer(id, answer) => match seen.finding(id) {
                Some(item) => vec![answer_finding(item, answer, words).await?],
                None => gone(),
            },
            Act::GiveReason(id) => match seen.finding(id) {
                Some(item) if desktop::can_ask_text() => {
                    tokio::spawn(type_reason(item.clone(), words, self.events.clone()));
                    Vec::new()
                }
                Some(item) => vec![notice::reasons(item, words)],
                None => gone(),
            },
            Act::AnswerQuestion(id, work) => match seen.question(id) {
                Some(question) => vec![answer_question(id, &question.path, work, words).await?],
                None => gone(),
            },
            Act::ShowFindings(ids) => {
                let items: Vec<_> = ids.iter().filter_map(|id| seen.finding(*id)).collect();
                notice::each_finding(&items, seen.reported_at_once, words, now)
            }
            Act::ShowQuestions(ids) => {
                let asked: Vec<_> = ids.iter().filter_map(|id| seen.question(*id)).collect();
                notice::each_question(&asked, words)
            }
            Act::OpenSent => open(page::sent(words, now).await?, words).await,
            Act::OpenCompany => open(page::company(words, now).await?, words).await,
            Act::OpenWatched => open(page::watched(words, now).await?, words).await,
        })
    }

    /// Moves the files and tells the outcome in one toast; none when all were moved by an earlier click.
    async fn move_all(&mut self, items: &[&Item], words: Words) -> Option<Notice> {
        let (mut count, mut lines) = (0, Vec::new());
        for item in items {
            let name = words::shown(&item.path);
            match move_to_store(item).await {
                Ok(moved) => {
                    count += 1;
                    self.moved.insert(item.finding);
                    lines.push(words::shown_path(&moved.to));
                    lines.extend(moved.in_use.then(|| words.still_open(&name)));
                }
                Err(None) => lines.push(words.not_moved(&name, words.no_store())),
                Err(Some(MoveError::Missing)) if self.moved.contains(&item.finding) => {}
                Err(Some(error)) => lines.push(words.not_moved(&name, &words.move_error(&error))),
            }
        }
        match count {
            _ if lines.is_empty() => None,
            0 => Some(notice::not_done(lines, words)),
            count => Some(notice::said(&words.moved(count), lines, words)),
        }
    }
}

/// Moves a finding's file to its store; no reason means that there is no store.
///
/// # Errors
/// When it was not moved.
pub(crate) async fn move_to_store(item: &Item) -> Result<Moved, Option<MoveError>> {
    let Some(store) = item.store.clone().filter(|_| model::is_movable(item)) else {
        return Err(None);
    };
    let file = item.path.clone();
    let moving = tokio::task::spawn_blocking(move || mover::move_to_store(&file, &store));
    let moved = moving.await.map_err(|error| Some(MoveError::Failed(error.into())))?;
    moved.map_err(Some)
}

async fn answer_finding(item: &Item, answer: Answer, words: Words) -> Result<Notice> {
    let offer = match answer {
        Answer::PrivateFile => Offer::PrivateFile,
        Answer::FalseAlarm => Offer::FalseAlarm,
        Answer::Justify { .. } => Offer::Justify,
    };
    client::answer(item.finding, answer).await?;
    let line = words.answered(&words::shown(&item.path), offer);
    Ok(notice::said(words.say(words::ANSWERED), vec![line], words))
}

async fn answer_question(id: QuestionId, path: &std::path::Path, work: bool, words: Words) -> Result<Notice> {
    client::answer_question(id, work).await?;
    let line = words.question_answered(&words::shown(path), work);
    Ok(notice::said(words.say(words::ANSWERED), vec![line], words))
}

/// Waits for the user apart from the other clicks: a dialog may stand open for hours.
async fn type_reason(item: Item, words: Words, events: UnboundedSender<Event>) {
    let title = words.reason_for(&words::shown(&item.path));
    let question = desktop::TextQuestion {
        title: &title,
        text: words.say(words::REASON_HINT),
        send: words.say(words::SEND_REASON),
        cancel: words.say(words::CANCEL),
    };
    if let Some(text) = desktop::ask_text(question).await {
        let _ = events.send(Event::Act(Act::Answer(item.finding, Answer::Justify { text })));
    }
}

async fn open(page: PathBuf, words: Words) -> Vec<Notice> {
    match desktop::open_page(&page).await {
        Ok(()) => Vec::new(),
        Err(error) => {
            tracing::debug!("no browser: {error:#}");
            vec![notice::not_done(vec![words.could_not_open_page(&page)], words)]
        }
    }
}

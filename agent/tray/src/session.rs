//! One user session: news from the service in, icon and toasts out, clicks carried out one after the other.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::act::Act;
use crate::client::{self, News};
use crate::deeds::{self, Deeds};
use crate::desktop::{self, Desktop};
use crate::menu::Menu;
use crate::model::{Link, Seen};
use crate::notice::{self, Notice};
use crate::words::Words;

/// How long until the tray looks again by itself: after a failure, or while the first sweep is under way.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// What happens to a session.
#[derive(Debug)]
pub(crate) enum Event {
    /// The service says something.
    News(News),
    /// What the service knows was asked.
    Seen(Result<Seen>),
    /// Time to ask again: a while is over, or the session's drives changed.
    LookAgain,
    /// A click.
    Act(Act),
    /// Something to show came of a click.
    Show(Notice),
    /// The desktop is gone.
    SessionEnded,
}

impl From<News> for Event {
    fn from(news: News) -> Self {
        Self::News(news)
    }
}

/// Runs the tray until the session ends or `stop` is done.
///
/// # Errors
/// When there is no desktop.
pub(crate) async fn run(stop: impl Future<Output = ()>) -> Result<()> {
    let (events, mut inbox) = mpsc::unbounded_channel();
    let (clicks, clicked) = mpsc::unbounded_channel();
    let desktop = Desktop::start(events.clone()).await?;
    tokio::spawn(client::listen(events.clone()));
    tokio::spawn(Deeds::new(events.clone()).run(clicked));
    let mut session = Session {
        desktop,
        events,
        clicks,
        words: words("auto"),
        link: Link::Down,
        seen: Seen::default(),
        looking: Looking::No,
    };
    let mut stop = std::pin::pin!(stop);
    loop {
        let event = tokio::select! {
            event = inbox.recv() => event,
            () = &mut stop => return Ok(()),
        };
        match event {
            Some(Event::SessionEnded) | None => return Ok(()),
            Some(event) => session.handle(event),
        }
    }
}

/// Chooses the language for this session.
pub(crate) fn words(policy: &str) -> Words {
    Words::choose(policy, |name| std::env::var(name).ok(), desktop::display_language)
}

/// Whether the service is being asked what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looking {
    No,
    Yes,
    /// It is, and something changed since: the answer may be old.
    Again,
}

struct Session {
    desktop: Desktop,
    events: UnboundedSender<Event>,
    clicks: UnboundedSender<deeds::Click>,
    words: Words,
    link: Link,
    seen: Seen,
    looking: Looking,
}

impl Session {
    fn handle(&mut self, event: Event) {
        match event {
            Event::News(News::Up { language }) => {
                self.words = words(&language);
                self.link = Link::Up;
                self.tell_drives();
                self.look();
            }
            Event::News(News::Down) => self.link = Link::Down,
            Event::News(News::OtherVersion) => self.link = Link::OtherVersion,
            Event::News(News::Changed) => self.look(),
            Event::LookAgain => {
                self.tell_drives();
                self.look();
            }
            Event::News(News::Toast {
                findings,
                questions,
                more,
                company,
            }) => {
                let active: Vec<_> = findings.into_iter().filter(|item| item.state.is_active()).collect();
                let now = Timestamp::now();
                let toasts = [
                    notice::findings(&active, more.findings, self.seen.reported_at_once, self.words, now),
                    notice::questions(&questions, more.questions, self.words),
                    notice::company(&company, self.words),
                ];
                toasts
                    .into_iter()
                    .flatten()
                    .for_each(|notice| self.desktop.show(notice));
                self.look();
            }
            Event::Seen(seen) => self.learn(seen),
            Event::Act(act) => {
                let click = deeds::Click { act, words: self.words };
                // The worker lives as long as the session.
                let _ = self.clicks.send(click);
            }
            Event::Show(notice) => self.desktop.show(notice),
            Event::SessionEnded => {}
        }
        let menu = Menu::new(
            self.link,
            &self.seen,
            self.words,
            desktop::can_ask_text(),
            Timestamp::now(),
        );
        self.desktop.show_menu(menu);
    }

    /// Tells the service which drives this session has, where sessions have drives of their own.
    fn tell_drives(&self) {
        if self.link != Link::Up {
            return;
        }
        let Some(drives) = desktop::session_drives() else {
            return;
        };
        tokio::spawn(async move {
            if let Err(error) = client::drives(drives).await {
                tracing::debug!("could not tell the service the drives: {error:#}");
            }
        });
    }

    /// Asks the service what it knows, once at a time.
    fn look(&mut self) {
        if self.looking != Looking::No {
            self.looking = Looking::Again;
            return;
        }
        self.looking = Looking::Yes;
        let events = self.events.clone();
        tokio::spawn(async move {
            let _ = events.send(Event::Seen(look().await));
        });
    }

    fn learn(&mut self, seen: Result<Seen>) {
        let current = std::mem::replace(&mut self.looking, Looking::No) == Looking::Yes;
        match seen {
            Ok(seen) => {
                if current {
                    self.desktop.keep_only(&seen);
                }
                self.seen = seen;
                // What is read takes several times what is kept of it.
                fileward_memory::give_back();
            }
            Err(error) => {
                tracing::debug!("could not ask the service: {error:#}");
                self.look_later();
            }
        }
        if !current {
            self.look();
        } else if !self.seen.swept {
            self.look_later();
        }
    }

    fn look_later(&self) {
        if self.link != Link::Up {
            return;
        }
        let events = self.events.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LOOK_AGAIN).await;
            let _ = events.send(Event::LookAgain);
        });
    }
}

/// Asks the service for everything the icon shows.
pub(crate) async fn look() -> Result<Seen> {
    seen(client::items().await?).await
}

/// Asks the service for what a click is about.
pub(crate) async fn look_at(act: &Act) -> Result<Seen> {
    let (findings, questions) = act.about();
    seen(client::named(findings, questions).await?).await
}

async fn seen(items: client::Items) -> Result<Seen> {
    let (policy, _) = client::policy().await?;
    let active = items.findings.into_iter().filter(|item| item.state.is_active());
    Ok(Seen {
        findings: active.collect(),
        questions: items.questions,
        more: items.more,
        swept: client::status().await?.swept,
        reported_at_once: policy["report"]["during_grace"] == "full",
    })
}

//! Toasts by org.freedesktop.Notifications, whatever the server can do and however often it is restarted.

use std::collections::HashMap;

use anyhow::{Context, Result};
use fileward_ipc::Answer;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::zvariant::{Structure, Value};

use crate::act::Act;
use crate::desktop::picture::Picture;
use crate::model::Seen;
use crate::notice::{Button, Notice, Slot};
use crate::session::Event;
use crate::words;

/// What waits for an answer stays this long; the menu keeps it.
const ASKING: i32 = 60_000;
const SAYING: i32 = 10_000;
/// More toasts than this are not remembered; the oldest go.
const MOST: usize = 16;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[allow(clippy::too_many_arguments, reason = "the specification has them")]
    fn notify(
        &self,
        app_name: &str,
        replaces: u32,
        icon: &str,
        title: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        timeout: i32,
    ) -> zbus::Result<u32>;
    fn close_notification(&self, id: u32) -> zbus::Result<()>;
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, key: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_replied(&self, id: u32, text: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What the toaster is told.
pub(super) enum Order {
    Show(Notice),
    KeepOnly(Seen),
}

/// What the server can do, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Capabilities {
    actions: bool,
    inline_reply: bool,
    markup: bool,
}

impl Capabilities {
    fn new(names: &[String]) -> Self {
        let has = |name: &str| names.iter().any(|found| found == name);
        Self {
            actions: has("actions"),
            inline_reply: has("inline-reply"),
            markup: has("body-markup"),
        }
    }
}

/// A toast that was not closed yet. Without an id the server is away, and gets it when it is back.
struct Live {
    id: Option<u32>,
    notice: Notice,
}

/// Shows toasts and tells what was clicked.
pub(super) struct Toaster {
    server: NotificationsProxy<'static>,
    capabilities: Option<Capabilities>,
    live: Vec<Live>,
    events: mpsc::UnboundedSender<Event>,
}

impl Toaster {
    pub(super) async fn new(bus: &zbus::Connection, events: mpsc::UnboundedSender<Event>) -> Result<Self> {
        let server = NotificationsProxy::builder(bus).cache_properties(zbus::proxy::CacheProperties::No);
        Ok(Self {
            server: server.build().await?,
            capabilities: None,
            live: Vec::new(),
            events,
        })
    }

    /// Works until the session ends.
    pub(super) async fn run(mut self, orders: mpsc::UnboundedReceiver<Order>) {
        if let Err(error) = self.follow(orders).await {
            tracing::debug!("toasts ended: {error:#}");
        }
        let _ = self.events.send(Event::SessionEnded);
    }

    async fn follow(&mut self, mut orders: mpsc::UnboundedReceiver<Order>) -> Result<()> {
        let failed = "Failed to listen to the notification server";
        let mut invoked = self.server.receive_action_invoked().await.context(failed)?;
        let mut replied = self.server.receive_notification_replied().await.context(failed)?;
        let mut closed = self.server.receive_notification_closed().await.context(failed)?;
        let mut owners = self.server.inner().receive_owner_changed().await.context(failed)?;
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Show(notice)) => self.show(notice).await,
                    Some(Order::KeepOnly(seen)) => self.keep_only(&seen).await,
                    None => return Ok(()),
                },
                signal = invoked.next() => {
                    let signal = signal.context("the session's bus is gone")?;
                    if let Ok(args) = signal.args() {
                        self.clicked(args.id, &args.key).await;
                    }
                }
                signal = replied.next() => {
                    let signal = signal.context("the session's bus is gone")?;
                    if let Ok(args) = signal.args() {
                        self.replied(args.id, &args.text).await;
                    }
                }
                signal = closed.next() => {
                    let signal = signal.context("the session's bus is gone")?;
                    if let Ok(args) = signal.args() {
                        self.live.retain(|live| live.id != Some(args.id));
                    }
                }
                owner = owners.next() => {
                    let owner = owner.context("the session's bus is gone")?;
                    self.server_changed(owner.is_some()).await;
                }
            }
        }
    }

    async fn show(&mut self, notice: Notice) {
        let former = self
            .live
            .iter()
            .position(|live| notice.slot.replaces(&live.notice.slot));
        let id = former.and_then(|at| self.live.remove(at).id);
        if self.live.len() >= MOST {
            self.live.remove(0);
        }
        let id = self.send(&notice, id.unwrap_or(0)).await;
        self.live.push(Live { id, notice });
    }

    async fn keep_only(&mut self, seen: &Seen) {
        let (kept, gone) = self
            .live
            .drain(..)
            .partition(|live| live.notice.slot.still_stands(seen));
        self.live = kept;
        for id in gone.into_iter().filter_map(|live: Live| live.id) {
            // It may have closed by itself meanwhile.
            let _ = self.server.close_notification(id).await;
        }
    }

    /// A server that comes back knows nothing of the toasts that its forerunner showed.
    async fn server_changed(&mut self, is_there: bool) {
        self.capabilities = None;
        self.live.iter_mut().for_each(|live| live.id = None);
        if is_there {
            for Live { notice, .. } in std::mem::take(&mut self.live) {
                self.show(notice).await;
            }
        }
    }

    async fn send(&mut self, notice: &Notice, replaces: u32) -> Option<u32> {
        match self.try_send(notice, replaces).await {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::debug!("no toast yet: {error}");
                None
            }
        }
    }

    async fn try_send(&mut self, notice: &Notice, replaces: u32) -> zbus::Result<u32> {
        let capabilities = match self.capabilities {
            Some(known) => known,
            None => Capabilities::new(&self.server.get_capabilities().await?),
        };
        self.capabilities = Some(capabilities);
        let buttons = buttons(notice, capabilities);
        let actions: Vec<&str> = buttons.iter().flat_map(|(key, label)| [*key, *label]).collect();
        let timeout = if notice.slot == Slot::Said { SAYING } else { ASKING };
        let body = body(notice, capabilities);
        self.server
            .notify(
                "Fileward",
                replaces,
                "",
                &notice.title,
                &body,
                &actions,
                hints(notice),
                timeout,
            )
            .await
    }

    async fn clicked(&mut self, id: u32, key: &str) {
        let Some(notice) = self.take(id).await else { return };
        if let Some(button) = notice.buttons.into_iter().find(|button| button.key == key) {
            let _ = self.events.send(Event::Act(button.act));
        }
    }

    async fn replied(&mut self, id: u32, text: &str) {
        let Some(notice) = self.take(id).await else { return };
        let text = text.trim().to_owned();
        let finding = notice.buttons.iter().find_map(|button| match button.act {
            Act::GiveReason(finding) => Some(finding),
            _ => None,
        });
        if let Some(finding) = finding.filter(|_| !text.is_empty()) {
            let _ = self
                .events
                .send(Event::Act(Act::Answer(finding, Answer::Justify { text })));
        }
    }

    /// Takes a toast away that was answered: not every server does so by itself.
    async fn take(&mut self, id: u32) -> Option<Notice> {
        let at = self.live.iter().position(|live| live.id == Some(id))?;
        let _ = self.server.close_notification(id).await;
        Some(self.live.remove(at).notice)
    }
}

/// Key and label of each button; where the server takes a reply in the toast itself, a reason is given there.
fn buttons(notice: &Notice, capabilities: Capabilities) -> Vec<(&str, &str)> {
    if !capabilities.actions {
        return Vec::new();
    }
    let one = |button: &Button| match button.act {
        Act::GiveReason(_) if capabilities.inline_reply => "inline-reply",
        _ => button.key,
    };
    notice
        .buttons
        .iter()
        .map(|button| (one(button), button.label.as_str()))
        .collect()
}

fn body(notice: &Notice, capabilities: Capabilities) -> String {
    let mut lines: Vec<&str> = notice.lines.iter().map(String::as_str).collect();
    if !capabilities.actions && !notice.buttons.is_empty() {
        lines.push(notice.words.say(words::NO_BUTTONS));
    }
    let body = lines.join("\n");
    if capabilities.markup { escaped(&body) } else { body }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hints(notice: &Notice) -> HashMap<&'static str, Value<'static>> {
    HashMap::from([
        ("urgency", Value::U8(if notice.urgent { 2 } else { 1 })),
        ("desktop-entry", Value::from("fileward-tray")),
        ("image-data", image(&Picture::draw(notice.mood, 48))),
        (
            "x-kde-reply-placeholder-text",
            Value::from(notice.words.say(words::REASON_HINT)),
        ),
        (
            "x-kde-reply-submit-button-text",
            Value::from(notice.words.say(words::SEND_REASON)),
        ),
    ])
}

/// A picture as the specification wants it: width, height, bytes a row, whether there is alpha, bits a sample, samples.
fn image(picture: &Picture) -> Value<'static> {
    let size = i32::from(picture.size);
    Value::Structure(Structure::from((size, size, size * 4, true, 8, 4, rgba(picture))))
}

/// The pixels with alpha last.
fn rgba(picture: &Picture) -> Vec<u8> {
    let mut rgba = picture.argb.clone();
    rgba.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_left(1));
    rgba
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::menu::Mood;
    use crate::notice;
    use crate::sample::{item, now};
    use crate::words::Words;

    const FULL: Capabilities = Capabilities {
        actions: true,
        inline_reply: true,
        markup: true,
    };
    const BARE: Capabilities = Capabilities {
        actions: false,
        inline_reply: false,
        markup: false,
    };

    fn notice() -> Notice {
        let words = Words { language: Language::En };
        notice::findings(&[item(0, "/d & e/<b>bold</b>.docx")], 0, false, words, now()).unwrap()
    }

    #[test]
    fn a_file_name_is_no_markup() {
        assert!(body(&notice(), FULL).contains("/d &amp; e"));
        assert!(body(&notice(), BARE).contains("/d & e"));
    }

    #[test]
    fn a_server_that_takes_replies_gets_the_reason_in_the_toast() {
        let notice = notice();
        let keys = |capabilities| {
            buttons(&notice, capabilities)
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(FULL), ["move", "private", "false-alarm", "inline-reply"]);
        assert_eq!(
            keys(Capabilities {
                inline_reply: false,
                ..FULL
            }),
            ["move", "private", "false-alarm", "justify"]
        );
    }

    #[test]
    fn a_server_without_buttons_says_where_to_click_instead() {
        assert!(buttons(&notice(), BARE).is_empty());
        assert!(body(&notice(), BARE).ends_with(words::NO_BUTTONS.en));
    }

    #[test]
    fn toasts_get_the_same_pixels_with_alpha_last() {
        let picture = Picture::draw(Mood::Attention, 16);
        let middle = (8 * 16 + 3) * 4;
        let [alpha, red, green, blue] = picture.argb[middle..middle + 4] else {
            panic!()
        };
        assert_eq!(rgba(&picture)[middle..middle + 4], [red, green, blue, alpha]);
    }
}

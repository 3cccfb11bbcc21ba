//! Toasts, as Windows 10 and later show them and keep them in their centre.

use tokio::sync::mpsc::UnboundedSender;
use windows::Data::Xml::Dom::XmlDocument;
use windows::Foundation::TypedEventHandler;
use windows::UI::Notifications::{ToastActivatedEventArgs, ToastNotification, ToastNotificationManager, ToastNotifier};
use windows::core::{HSTRING, IInspectable, Interface as _, Result, h};

use super::window::{Handle, OPEN_MENU};
use crate::act::Act;
use crate::model::Seen;
use crate::notice::{Button, Notice, Slot};
use crate::session::Event;

/// Who shows the toasts, to Windows and to whoever changes the settings of notifications.
const APP: &HSTRING = h!("Fileward.Tray");
/// More toasts than this are not remembered; the oldest stay in the centre until they go by themselves.
const MOST: usize = 16;
/// Windows shows no more buttons than this.
const MOST_BUTTONS: usize = 5;

/// A toast that may still stand.
struct Live {
    slot: Slot,
    tag: HSTRING,
    toast: ToastNotification,
}

/// Shows toasts and tells what was clicked.
pub(super) struct Toaster {
    notifier: ToastNotifier,
    live: Vec<Live>,
    tags: u32,
    events: UnboundedSender<Event>,
    window: Handle,
}

impl Toaster {
    /// # Errors
    /// When this Windows has no toasts.
    pub(super) fn new(events: UnboundedSender<Event>, window: Handle) -> Result<Self> {
        if let Err(error) = register() {
            tracing::debug!("toasts may lack their name: {error}");
        }
        Ok(Self {
            notifier: ToastNotificationManager::CreateToastNotifierWithId(APP)?,
            live: Vec::new(),
            tags: 0,
            events,
            window,
        })
    }

    /// Shows a toast in its slot. What cannot be shown stays in the menu.
    pub(super) fn show(&mut self, notice: &Notice) {
        let former = self.live.iter().position(|live| notice.slot.replaces(&live.slot));
        let tag = match former {
            Some(at) => self.live.remove(at).tag,
            None => self.new_tag(),
        };
        match self.try_show(notice, &tag) {
            Ok(toast) => {
                if self.live.len() >= MOST {
                    self.live.remove(0);
                }
                let slot = notice.slot.clone();
                self.live.push(Live { slot, tag, toast });
            }
            Err(error) => tracing::debug!("no toast: {error}"),
        }
    }

    pub(super) fn keep_only(&mut self, seen: &Seen) {
        let (kept, gone) = self.live.drain(..).partition(|live| live.slot.still_stands(seen));
        self.live = kept;
        for Live { toast, .. } in gone {
            // It may have been closed meanwhile.
            let _ = self.notifier.Hide(&toast);
        }
    }

    fn new_tag(&mut self) -> HSTRING {
        self.tags = self.tags.wrapping_add(1);
        self.tags.to_string().into()
    }

    fn try_show(&self, notice: &Notice, tag: &HSTRING) -> Result<ToastNotification> {
        let document = XmlDocument::new()?;
        document.LoadXml(&HSTRING::from(xml(notice)))?;
        let toast = ToastNotification::CreateToastNotification(&document)?;
        // A new toast with the tag of one that stands takes its place.
        toast.SetTag(tag)?;
        toast.Activated(&self.activated(notice))?;
        self.notifier.Show(&toast)?;
        Ok(toast)
    }

    /// What a click does; Windows calls it on a thread of its own. A click beside the buttons shows the menu.
    fn activated(&self, notice: &Notice) -> TypedEventHandler<ToastNotification, IInspectable> {
        let acts: Vec<(&str, Act)> = notice
            .buttons
            .iter()
            .map(|button| (button.key, button.act.clone()))
            .collect();
        let (events, window) = (self.events.clone(), self.window);
        TypedEventHandler::new(move |_, clicked: windows::core::Ref<'_, IInspectable>| {
            let clicked: ToastActivatedEventArgs = clicked.ok()?.cast()?;
            let key = clicked.Arguments()?.to_string_lossy();
            match acts.iter().find(|(known, _)| *known == key) {
                Some((_, act)) => {
                    let _ = events.send(Event::Act(act.clone()));
                }
                None => window.post(OPEN_MENU),
            }
            Ok(())
        })
    }
}

/// Gives the toasts their name, unless the installer did for all users.
fn register() -> windows_registry::Result<()> {
    let key = r"AppUserModelId\Fileward.Tray";
    if windows_registry::CLASSES_ROOT.open(key).is_ok() {
        return Ok(());
    }
    let own = windows_registry::CURRENT_USER.create(format!(r"Software\Classes\{key}"))?;
    own.set_string("DisplayName", "Fileward")
}

/// The toast as Windows reads it: <https://learn.microsoft.com/uwp/schemas/tiles/toastschema/schema-root>.
fn xml(notice: &Notice) -> String {
    let button = |button: &Button| {
        let (label, key) = (escaped(&button.label), button.key);
        format!("<action content=\"{label}\" arguments=\"{key}\" activationType=\"foreground\"/>")
    };
    let buttons: Vec<String> = notice.buttons.iter().take(MOST_BUTTONS).map(button).collect();
    let buttons = buttons.concat();
    let (title, body) = (escaped(&notice.title), escaped(&notice.lines.join("\n")));
    let scenario = if notice.urgent { " scenario=\"urgent\"" } else { "" };
    format!(
        "<toast{scenario}><visual><binding template=\"ToastGeneric\"><text>{title}</text><text>{body}</text></binding>\
         </visual><actions>{buttons}</actions></toast>"
    )
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::notice;
    use crate::sample::{item, now};
    use crate::words::Words;

    #[test]
    fn a_toast_has_its_texts_and_buttons_and_a_file_name_is_no_markup() {
        let words = Words { language: Language::En };
        let notice = notice::findings(&[item(0, "/d/a & <b>\".docx")], 0, false, words, now()).unwrap();
        let xml = xml(&notice);
        assert!(xml.contains("a &amp; &lt;b&gt;&quot;.docx</text>"), "{xml}");
        assert!(
            xml.contains("<action content=\"Private file\" arguments=\"private\""),
            "{xml}"
        );
        assert_eq!(xml.matches("<action ").count(), 4);
        assert!(!xml.contains("scenario"));
    }
}

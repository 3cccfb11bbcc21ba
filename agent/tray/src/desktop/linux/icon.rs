//! The icon in the panel: a `StatusNotifierItem` with a menu over D-Bus.

use std::time::Duration;

use ksni::menu::{StandardItem, SubMenu};
use ksni::{MenuItem, TrayMethods};
use tokio::sync::{mpsc, watch};

use crate::act::Act;
use crate::desktop::picture::Picture;
use crate::menu::{Entry, Menu, Mood};
use crate::session::Event;

const SIZES: [u16; 4] = [16, 22, 32, 48];
const PAUSE: Duration = Duration::from_secs(15);

/// Shows each menu that comes. A desktop without a place for icons is asked again later; toasts work without it.
pub(super) async fn run(mut menus: watch::Receiver<Option<Menu>>, events: mpsc::UnboundedSender<Event>) {
    while let Ok(menu) = menus.wait_for(Option::is_some).await.map(|menu| menu.clone()) {
        let Some(menu) = menu else { continue };
        let item = Item {
            menu,
            events: events.clone(),
        };
        // Without the assumption a session whose panel starts after the tray would never get an icon.
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => {
                if follow(&handle, &mut menus).await.is_none() {
                    return;
                }
            }
            Err(error) => tracing::debug!("no icon yet: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hands menus over until the item is gone; `None` when no more menus come.
async fn follow(handle: &ksni::Handle<Item>, menus: &mut watch::Receiver<Option<Menu>>) -> Option<()> {
    loop {
        let menu = menus.borrow_and_update().clone();
        let shown = handle
            .update(|item| {
                if let Some(menu) = menu {
                    item.menu = menu;
                }
            })
            .await;
        if shown.is_none() {
            return Some(());
        }
        menus.changed().await.ok()?;
    }
}

/// The item, as the panel sees it.
struct Item {
    menu: Menu,
    events: mpsc::UnboundedSender<Event>,
}

impl ksni::Tray for Item {
    // There is no window: a click shows the menu.
    const MENU_ON_ACTIVATE: bool = true;

    fn id(&self) -> String {
        "fileward".to_owned()
    }

    fn title(&self) -> String {
        "Fileward".to_owned()
    }

    fn status(&self) -> ksni::Status {
        match self.menu.mood {
            Mood::Attention => ksni::Status::NeedsAttention,
            Mood::Calm | Mood::Away => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.menu.mood)
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(Mood::Attention)
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        ksni::ToolTip {
            title: format!("Fileward – {}", self.menu.title),
            ..ksni::ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.menu.entries.iter().map(entry).collect()
    }
}

fn entry(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Line => MenuItem::Separator,
        Entry::Text(text) => StandardItem {
            label: label(text),
            enabled: false,
            ..StandardItem::default()
        }
        .into(),
        Entry::Button(text, act) => button(text, act.clone()),
        Entry::Group(text, entries) => SubMenu {
            label: label(text),
            submenu: entries.iter().map(self::entry).collect(),
            ..SubMenu::default()
        }
        .into(),
    }
}

fn button(text: &str, act: Act) -> MenuItem<Item> {
    StandardItem {
        label: label(text),
        activate: Box::new(move |item: &mut Item| {
            let _ = item.events.send(Event::Act(act.clone()));
        }),
        ..StandardItem::default()
    }
    .into()
}

/// In a menu a single underscore marks the access key and is not shown.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

fn pixmaps(mood: Mood) -> Vec<ksni::Icon> {
    let pixmap = |size| {
        let picture = Picture::draw(mood, size);
        ksni::Icon {
            width: i32::from(picture.size),
            height: i32::from(picture.size),
            data: picture.argb,
        }
    };
    SIZES.into_iter().map(pixmap).collect()
}

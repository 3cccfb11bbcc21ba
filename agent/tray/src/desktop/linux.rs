//! The desktop on Linux: everything goes over the session's D-Bus, nothing needs a toolkit.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::menu::Menu;
use crate::model::Seen;
use crate::notice::Notice;
use crate::session::Event;

#[path = "linux/dialog.rs"]
mod dialog;
#[path = "linux/icon.rs"]
mod icon;
#[path = "linux/instance.rs"]
mod instance;
#[path = "linux/toast.rs"]
mod toast;

pub(crate) use dialog::{ask_text, can_ask_text};
pub(crate) use instance::{Instance, first_instance};

/// There are none: a mount is seen by everybody.
pub(crate) fn session_drives() -> Option<Vec<fileward_ipc::SessionDrive>> {
    None
}

/// A path of the service as this session spells it: the same.
pub(crate) fn in_session(path: PathBuf) -> PathBuf {
    path
}

/// The icon and the toasts of this session.
pub(crate) struct Desktop {
    menu: watch::Sender<Option<Menu>>,
    toasts: mpsc::UnboundedSender<toast::Order>,
}

impl Desktop {
    /// Shows the icon as soon as there is something to show it, and toasts as soon as there is something to tell.
    ///
    /// # Errors
    /// When there is no desktop session.
    pub(crate) async fn start(events: mpsc::UnboundedSender<Event>) -> Result<Self> {
        let bus = zbus::Connection::session()
            .await
            .context("Failed to reach the desktop session; without one, use `fileward-tray list`")?;
        let (menu, menus) = watch::channel(None);
        let (toasts, orders) = mpsc::unbounded_channel();
        let toaster = toast::Toaster::new(&bus, events.clone())
            .await
            .context("Failed to listen for toasts")?;
        tokio::spawn(toaster.run(orders));
        tokio::spawn(icon::run(menus, events));
        Ok(Self { menu, toasts })
    }

    /// Shows this menu; does nothing when it is the one that is shown.
    pub(crate) fn show_menu(&self, menu: Menu) {
        self.menu.send_if_modified(|shown| {
            let changed = shown.as_ref() != Some(&menu);
            *shown = Some(menu);
            changed
        });
    }

    /// Shows a toast in its slot.
    pub(crate) fn show(&self, notice: Notice) {
        // The toaster ends with the session, and then there is nobody left to tell.
        let _ = self.toasts.send(toast::Order::Show(notice));
    }

    /// Takes away the toasts about what does not wait any more.
    pub(crate) fn keep_only(&self, seen: &Seen) {
        let _ = self.toasts.send(toast::Order::KeepOnly(seen.clone()));
    }
}

/// Is done when the session or a user wants the tray to end.
///
/// # Errors
/// When the signals cannot be watched.
pub(crate) fn stopped() -> Result<impl Future<Output = ()>> {
    let mut terminated = signal(SignalKind::terminate()).context("Failed to watch for the session's end")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("Failed to watch for Ctrl-C")?;
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}

/// The terminal is there already.
pub(crate) fn join_console() {}

/// The environment tells the language.
pub(crate) fn display_language() -> Option<String> {
    None
}

/// Where pages for the browser are written: in memory and gone after signing out, where the session has such a folder.
pub(crate) fn page_folder() -> Result<PathBuf> {
    let dirs = directories::BaseDirs::new().context("There is no home folder")?;
    Ok(dirs.runtime_dir().unwrap_or(dirs.cache_dir()).join("fileward"))
}

/// Writes a file that only its user may read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let part = path.with_extension("part");
    // A leftover could have wider rights than a new file gets.
    let _ = std::fs::remove_file(&part);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(bytes)?;
    std::fs::rename(part, path)
}

/// Opens a page in the user's browser.
pub(crate) async fn open_page(page: &Path) -> Result<()> {
    let mut opener = Command::new("xdg-open");
    let opener = opener
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = opener.status().await.context("Failed to start xdg-open")?;
    if !status.success() {
        bail!("xdg-open failed with {status}");
    }
    Ok(())
}

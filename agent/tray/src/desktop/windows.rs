//! The desktop on Windows: one hidden window with an icon in the taskbar, on a thread of its own.
//!
//! The window is our own and not that of a library for tray icons: balloons, the end of the session and the installer's
//! request to close come to the icon's window, and such libraries tell of none of them.

#![allow(unsafe_code)]

use std::os::windows::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tokio::sync::mpsc;
use windows_sys::Win32::Globalization::{GetUserDefaultUILanguage, LCIDToLocaleName};
use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole, GetStdHandle, STD_OUTPUT_HANDLE};
use windows_sys::Win32::UI::Shell::ShellExecuteW;
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

use crate::menu::Menu;
use crate::model::Seen;
use crate::notice::Notice;
use crate::session::Event;

#[path = "windows/balloon.rs"]
mod balloon;
#[path = "windows/dialog.rs"]
mod dialog;
#[path = "windows/drives.rs"]
mod drives;
#[path = "windows/icon.rs"]
mod icon;
#[path = "windows/instance.rs"]
mod instance;
#[path = "windows/popup.rs"]
mod popup;
#[path = "windows/toast.rs"]
mod toast;
#[path = "windows/window.rs"]
mod window;

pub(crate) use dialog::{ask_text, can_ask_text};
pub(crate) use drives::{in_session, session_drives};
pub(crate) use instance::{Instance, first_instance};

use window::{Order, Window};

/// The icon and the toasts of this session.
pub(crate) struct Desktop {
    window: Window,
}

impl Desktop {
    /// Shows the icon as soon as there is a taskbar to show it, and toasts as soon as there is something to tell.
    ///
    /// # Errors
    /// When there is no desktop session.
    #[expect(clippy::unused_async, reason = "other desktops are reached over a bus")]
    pub(crate) async fn start(events: mpsc::UnboundedSender<Event>) -> Result<Self> {
        let window = Window::open(events).context("Failed to reach the desktop session")?;
        Ok(Self { window })
    }

    /// Shows this menu from the next click on.
    pub(crate) fn show_menu(&self, menu: Menu) {
        self.window.tell(Order::Menu(menu));
    }

    /// Shows a toast in its slot.
    pub(crate) fn show(&self, notice: Notice) {
        self.window.tell(Order::Show(notice));
    }

    /// Takes away the toasts about what does not wait any more.
    pub(crate) fn keep_only(&self, seen: &Seen) {
        self.window.tell(Order::KeepOnly(seen.clone()));
    }
}

/// Is done when a user at a console wants the tray to end; the session and the installer tell its window.
///
/// # Errors
/// When Ctrl-C cannot be watched.
pub(crate) fn stopped() -> Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c().context("Failed to watch for Ctrl-C")?;
    Ok(async move {
        interrupted.recv().await;
    })
}

/// Joins the console that the program was called from, if its output does not go elsewhere already. The console does not
/// wait for a program without one of its own: `start /wait fileward-tray list` does, and so does a pipe.
pub(crate) fn join_console() {
    // SAFETY: both calls take numbers. Without a console to join the program stays as silent as it was.
    unsafe {
        if GetStdHandle(STD_OUTPUT_HANDLE).is_null() {
            AttachConsole(ATTACH_PARENT_PROCESS);
        }
    }
}

/// The language that Windows shows itself in to this user, such as `zh-CN`.
pub(crate) fn display_language() -> Option<String> {
    let mut name = [0_u16; 85];
    let length = i32::try_from(name.len()).ok()?;
    // SAFETY: the buffer is as long as the call is told.
    let length = unsafe {
        let language = u32::from(GetUserDefaultUILanguage());
        LCIDToLocaleName(language, name.as_mut_ptr(), length, 0)
    };
    // The zero at the end is counted.
    let name = name.get(..usize::try_from(length).ok()?.checked_sub(1)?)?;
    String::from_utf16(name).ok()
}

/// Where pages for the browser are written: in the part of the profile that stays on this PC.
pub(crate) fn page_folder() -> Result<PathBuf> {
    let dirs = directories::BaseDirs::new().context("There is no home folder")?;
    Ok(dirs.data_local_dir().join("Fileward"))
}

/// Writes a file whole or not at all. What is made in a profile only its user, the system and administrators may read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(part, path)
}

/// Opens a page in the user's browser.
pub(crate) async fn open_page(page: &Path) -> Result<()> {
    // The standard says that more than 32 is success.
    const FAILED: usize = 32;
    let page = page.as_os_str().encode_wide().chain([0]).collect::<Vec<u16>>();
    let opened = tokio::task::spawn_blocking(move || {
        let null = std::ptr::null_mut();
        // SAFETY: both texts end with a zero, what is null may be null.
        let opened = unsafe {
            ShellExecuteW(
                null,
                windows_sys::w!("open"),
                page.as_ptr(),
                null.cast(),
                null.cast(),
                SW_SHOWNORMAL,
            )
        };
        opened as usize
    });
    match opened.await.context("Failed to ask for a browser")? {
        code if code <= FAILED => bail!("Windows opened no browser: error {code}"),
        _ => Ok(()),
    }
}

/// A text as Windows takes it.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_tells_its_language() {
        let language = display_language().unwrap();
        assert!(language.len() >= 2 && language.is_ascii(), "{language}");
    }

    #[test]
    fn a_page_is_written_over_its_former_one() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("pages").join("sent.html");
        for content in ["first", "second"] {
            write_private(&page, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&page).unwrap(), content);
        }
        assert_eq!(std::fs::read_dir(page.parent().unwrap()).unwrap().count(), 1);
    }
}

//! The user's desktop: the icon, toasts, a dialog for text, and pages in the browser. One leaf per OS.

mod picture;
#[cfg(target_os = "linux")]
#[path = "desktop/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "desktop/windows.rs"]
mod platform;
#[cfg(any(windows, test))]
mod target;

pub(crate) use platform::{
    Desktop, Instance, ask_text, can_ask_text, display_language, first_instance, in_session, join_console, open_page,
    page_folder, session_drives, stopped, write_private,
};

/// A question that is answered in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextQuestion<'a> {
    /// What it is about; shown as it is, so that file names belong here: dialog programs may take markup in the text.
    pub(crate) title: &'a str,
    /// The question.
    pub(crate) text: &'a str,
    /// On the button that answers.
    pub(crate) send: &'a str,
    /// On the button that does not.
    pub(crate) cancel: &'a str,
}

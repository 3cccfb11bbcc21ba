//! The user's desktop: the icon, toasts, a dialog for text, and pages in the browser. One leaf per OS.

#[cfg(target_os = "linux")]
#[path = "desktop/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "desktop/windows.rs"]
mod platform;

pub(crate) use platform::{
    Desktop, Instance, ask_text, can_ask_text, first_instance, open_page, page_folder, stopped, write_private,
};

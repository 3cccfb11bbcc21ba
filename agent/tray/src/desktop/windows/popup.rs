//! The menu as Windows shows it, made anew for each click.

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    AppendMenuW, CreatePopupMenu, DestroyMenu, HMENU, MF_GRAYED, MF_POPUP, MF_SEPARATOR, MF_STRING, PostMessageW,
    SetForegroundWindow, TPM_BOTTOMALIGN, TPM_NONOTIFY, TPM_RETURNCMD, TPM_RIGHTBUTTON, TrackPopupMenuEx, WM_NULL,
};

use super::wide;
use crate::act::Act;
use crate::menu::Entry;

/// Shows entries at a point of the screen and waits for what is chosen, if anything is.
pub(super) fn choose(window: HWND, (x, y): (i32, i32), entries: &[Entry]) -> Option<Act> {
    let mut acts = Vec::new();
    let menu = build(entries, &mut acts)?;
    let flags = TPM_RETURNCMD | TPM_NONOTIFY | TPM_RIGHTBUTTON | TPM_BOTTOMALIGN;
    // SAFETY: window and menu exist; the menu's own menus go with it. A menu closes by a click beside it only when its
    // window is in front, and one that is asked for again at once only after another message: Windows has it so.
    let chosen = unsafe {
        SetForegroundWindow(window);
        let chosen = TrackPopupMenuEx(menu, flags, x, y, window, std::ptr::null());
        PostMessageW(window, WM_NULL, 0, 0);
        DestroyMenu(menu);
        chosen
    };
    // Acts are counted from one: zero is none.
    let at = usize::try_from(chosen).ok()?.checked_sub(1)?;
    (at < acts.len()).then(|| acts.swap_remove(at))
}

fn build(entries: &[Entry], acts: &mut Vec<Act>) -> Option<HMENU> {
    // SAFETY: nothing is passed.
    let menu = unsafe { CreatePopupMenu() };
    if menu.is_null() {
        return None;
    }
    for entry in entries {
        let (flags, id, text) = match entry {
            Entry::Line => (MF_SEPARATOR, 0, String::new()),
            Entry::Text(text) => (MF_STRING | MF_GRAYED, 0, label(text)),
            Entry::Button(text, act) => {
                acts.push(act.clone());
                (MF_STRING, acts.len(), label(text))
            }
            Entry::Group(text, entries) => match build(entries, acts) {
                Some(group) => (MF_STRING | MF_POPUP, group as usize, label(text)),
                None => continue,
            },
        };
        // SAFETY: the menu was made above, the text ends with a zero. An entry that finds no room is missing, no more.
        unsafe { AppendMenuW(menu, flags, id, wide(&text).as_ptr()) };
    }
    Some(menu)
}

/// In a menu a single ampersand marks the access key and is not shown, and a tab moves what follows to the right.
fn label(text: &str) -> String {
    text.replace('&', "&&").replace('\t', " ")
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::UI::WindowsAndMessaging::{
        GetMenuItemCount, GetMenuItemID, GetMenuState, GetMenuStringW, GetSubMenu, MF_BYPOSITION,
    };

    use super::*;

    #[test]
    fn each_entry_stands_in_the_menu_with_its_act() {
        let entries = [
            Entry::Text("状态 & more".to_owned()),
            Entry::Line,
            Entry::Group(
                "报价单.docx".to_owned(),
                vec![Entry::Button("a".to_owned(), Act::OpenSent)],
            ),
            Entry::Button("b".to_owned(), Act::OpenWatched),
        ];
        let mut acts = Vec::new();
        let menu = build(&entries, &mut acts).unwrap();
        assert_eq!(acts, [Act::OpenSent, Act::OpenWatched]);
        let mut text = [0_u16; 32];
        // SAFETY: the menu was made above, and the buffer is as long as the call is told.
        unsafe {
            assert_eq!(GetMenuItemCount(menu), 4);
            let length = GetMenuStringW(menu, 0, text.as_mut_ptr(), 32, MF_BYPOSITION);
            let shown = String::from_utf16_lossy(&text[..usize::try_from(length).unwrap()]);
            assert_eq!(shown, "状态 && more");
            assert_ne!(GetMenuState(menu, 0, MF_BYPOSITION) & MF_GRAYED, 0);
            assert_eq!(GetMenuItemID(GetSubMenu(menu, 2), 0), 1);
            assert_eq!(GetMenuItemID(menu, 3), 2);
            DestroyMenu(menu);
        }
    }
}

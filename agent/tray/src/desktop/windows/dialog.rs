//! A line of text from the user, by a small dialog on a thread of its own: it may stand open for hours.

use tokio::sync::oneshot;
use windows_sys::Win32::Foundation::{HWND, LPARAM, WPARAM};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::SetFocus;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BS_DEFPUSHBUTTON, DLGTEMPLATE, DS_CENTER, DS_MODALFRAME, DS_SETFONT, DS_SETFOREGROUND, DialogBoxIndirectParamW,
    ES_AUTOHSCROLL, EndDialog, GWLP_USERDATA, GetDlgItem, GetDlgItemTextW, GetWindowLongPtrW, SetWindowLongPtrW,
    WM_COMMAND, WM_INITDIALOG, WS_BORDER, WS_CAPTION, WS_CHILD, WS_EX_TOPMOST, WS_POPUP, WS_SYSMENU, WS_TABSTOP,
    WS_VISIBLE,
};

use crate::desktop::TextQuestion;

/// In UTF-16 units; a reason is cut at 1,000 characters anyway.
const LONGEST: usize = 2048;
const EDIT: u16 = 100;
/// As `IDOK` and `IDCANCEL`, which Windows looks for when Enter or Escape is pressed.
const SEND: u16 = 1;
const CANCEL: u16 = 2;
/// What the dialog ends with when there is an answer.
const SENT: isize = 1;
/// Numbers that stand for the classes of controls in a template.
const BUTTON_CLASS: u16 = 0x80;
const EDIT_CLASS: u16 = 0x81;
const LABEL_CLASS: u16 = 0x82;

/// Whether there is a dialog: always.
pub(crate) fn can_ask_text() -> bool {
    true
}

/// Asks for a line of text; `None` when the user gives none.
pub(crate) async fn ask_text(question: TextQuestion<'_>) -> Option<String> {
    let template = template(question);
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name("dialog".to_owned());
    let asking = thread.spawn(move || {
        // Nobody waits only if the tray ended meanwhile.
        let _ = answer.send(ask(&template));
    });
    if let Err(error) = asking {
        tracing::warn!("no dialog: {error}");
        return None;
    }
    answered.await.ok().flatten()
}

fn ask(template: &[u32]) -> Option<String> {
    let mut typed = String::new();
    let null = std::ptr::null_mut();
    let template = template.as_ptr().cast::<DLGTEMPLATE>();
    // SAFETY: the template is whole and aligned, and `typed` outlives the dialog, which ends before the call does.
    let end = unsafe { DialogBoxIndirectParamW(null, template, null, Some(happens), &raw mut typed as LPARAM) };
    let typed = typed.trim();
    (end == SENT && !typed.is_empty()).then(|| typed.to_owned())
}

/// Called by Windows on the dialog's thread.
unsafe extern "system" fn happens(dialog: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> isize {
    let button = u16::try_from(wparam & 0xffff).unwrap_or_default();
    match message {
        WM_INITDIALOG => {
            // SAFETY: the dialog exists; what it was given is kept for the button.
            unsafe {
                SetWindowLongPtrW(dialog, GWLP_USERDATA, lparam);
                SetFocus(GetDlgItem(dialog, i32::from(EDIT)));
            }
            // The focus is set.
            0
        }
        WM_COMMAND if button == SEND || button == CANCEL => {
            let mut text = vec![0; LONGEST];
            let length = i32::try_from(text.len()).unwrap_or_default();
            // SAFETY: the buffer is as long as the call is told. What was kept is the `String` that `ask` holds; it is
            // used by nobody else while the dialog stands.
            unsafe {
                let length = GetDlgItemTextW(dialog, i32::from(EDIT), text.as_mut_ptr(), length);
                text.truncate(length as usize);
                if let Some(typed) = (GetWindowLongPtrW(dialog, GWLP_USERDATA) as *mut String).as_mut() {
                    *typed = String::from_utf16_lossy(&text);
                }
                EndDialog(dialog, if button == SEND { SENT } else { 0 });
            }
            1
        }
        _ => 0,
    }
}

/// The dialog as Windows reads it: `DLGTEMPLATEEX` has more than is needed, so it is a `DLGTEMPLATE`. Sizes are in units
/// of the font, so that they grow with it.
fn template(question: TextQuestion<'_>) -> Vec<u32> {
    let style = WS_POPUP
        | WS_CAPTION
        | WS_SYSMENU
        | (DS_MODALFRAME | DS_SETFONT | DS_CENTER | DS_SETFOREGROUND).cast_unsigned();
    let mut template = Template::default();
    template.double(style).double(WS_EX_TOPMOST).words(&[4, 0, 0, 260, 62]);
    // No menu, the usual class.
    template.words(&[0, 0]).text(question.title);
    template.words(&[9]).text("Segoe UI");
    let visible = WS_CHILD | WS_VISIBLE;
    let edit = visible | WS_TABSTOP | WS_BORDER | ES_AUTOHSCROLL.cast_unsigned();
    let send = visible | WS_TABSTOP | BS_DEFPUSHBUTTON.cast_unsigned();
    template.control(visible, [7, 6, 246, 10], u16::MAX, LABEL_CLASS, question.text);
    template.control(edit, [7, 19, 246, 14], EDIT, EDIT_CLASS, "");
    template.control(send, [145, 41, 52, 14], SEND, BUTTON_CLASS, question.send);
    template.control(
        visible | WS_TABSTOP,
        [201, 41, 52, 14],
        CANCEL,
        BUTTON_CLASS,
        question.cancel,
    );
    template.aligned()
}

/// A template under way.
#[derive(Default)]
struct Template(Vec<u16>);

impl Template {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are written")]
    fn double(&mut self, value: u32) -> &mut Self {
        self.words(&[value as u16, (value >> 16) as u16])
    }

    fn words(&mut self, words: &[u16]) -> &mut Self {
        self.0.extend(words);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend(text.encode_utf16().filter(|unit| *unit != 0).chain([0]));
        self
    }

    fn control(&mut self, style: u32, place: [u16; 4], id: u16, class: u16, text: &str) {
        // Each begins at a multiple of four bytes.
        if !self.0.len().is_multiple_of(2) {
            self.0.push(0);
        }
        self.double(style).double(0).words(&place).words(&[id, u16::MAX, class]);
        // No data of its own follows the text.
        self.text(text).words(&[0]);
    }

    fn aligned(self) -> Vec<u32> {
        let double = |pair: &[u16]| u32::from(pair[0]) | u32::from(pair.get(1).copied().unwrap_or_default()) << 16;
        self.0.chunks(2).map(double).collect()
    }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::UI::WindowsAndMessaging::{FindWindowW, PostMessageW, SendDlgItemMessageW, WM_SETTEXT};

    use super::super::wide;
    use super::*;

    /// Answers a dialog of this title as a user would.
    fn answer(title: &str, text: &str, button: u16) {
        let (title, text) = (wide(title), wide(text));
        // SAFETY: the texts end with a zero; windows that are gone take no message.
        unsafe {
            let dialog = loop {
                let found = FindWindowW(std::ptr::null(), title.as_ptr());
                if !found.is_null() && !GetDlgItem(found, i32::from(EDIT)).is_null() {
                    break found;
                }
                std::thread::yield_now();
            };
            SendDlgItemMessageW(dialog, i32::from(EDIT), WM_SETTEXT, 0, text.as_ptr() as LPARAM);
            PostMessageW(dialog, WM_COMMAND, WPARAM::from(button), 0);
        }
    }

    #[tokio::test]
    async fn what_is_typed_is_the_answer_unless_the_user_does_not_send_it() {
        for (text, button, expected) in [
            ("  客户要求放在这里 ", SEND, Some("客户要求放在这里")),
            ("text", CANCEL, None),
            ("  ", SEND, None),
        ] {
            let title = format!("说明理由 {} {button} {text}", std::process::id());
            let question = TextQuestion {
                title: &title,
                text: "为什么放在这里？",
                send: "提交",
                cancel: "取消",
            };
            let user = std::thread::spawn({
                let title = title.clone();
                move || answer(&title, text, button)
            });
            assert_eq!(ask_text(question).await.as_deref(), expected);
            user.join().unwrap();
        }
    }
}

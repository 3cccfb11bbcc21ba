//! The icon in the taskbar, and the balloon that comes out of it.

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::HiDpi::{GetDpiForWindow, GetSystemMetricsForDpi};
use windows_sys::Win32::UI::Shell::{
    NIF_ICON, NIF_INFO, NIF_MESSAGE, NIF_SHOWTIP, NIF_TIP, NIIF_LARGE_ICON, NIIF_RESPECT_QUIET_TIME, NIIF_USER,
    NIM_ADD, NIM_DELETE, NIM_MODIFY, NIM_SETVERSION, NOTIFY_ICON_DATA_FLAGS, NOTIFY_ICON_MESSAGE, NOTIFYICON_VERSION_4,
    NOTIFYICONDATAW, Shell_NotifyIconW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateIcon, DestroyIcon, HICON, SM_CXICON, SM_CXSMICON, SYSTEM_METRICS_INDEX, WM_APP,
};

use crate::desktop::picture::Picture;
use crate::menu::Mood;

/// The message that tells the window what happens to the icon.
pub(super) const HAPPENED: u32 = WM_APP + 1;

/// The window has one icon.
const ID: u32 = 1;

/// The icon; it is taken away with this.
pub(super) struct Icon {
    window: HWND,
    face: Option<Face>,
    is_there: bool,
}

/// What the icon shows.
struct Face {
    mood: Mood,
    tip: String,
    drawn: Drawn,
}

impl Icon {
    pub(super) fn new(window: HWND) -> Self {
        Self {
            window,
            face: None,
            is_there: false,
        }
    }

    /// Shows a mood and a text for who points at it. A taskbar that was not there is asked again.
    pub(super) fn show(&mut self, mood: Mood, tip: String) {
        let same = |face: &Face| face.mood == mood && face.tip == tip;
        if self.is_there && self.face.as_ref().is_some_and(same) {
            return;
        }
        let drawn = Drawn::new(mood, self.size(SM_CXSMICON));
        self.face = Some(Face { mood, tip, drawn });
        self.put();
    }

    /// Draws it again: the taskbar is a new one, or shows things larger or smaller.
    pub(super) fn renew(&mut self, taskbar_is_new: bool) {
        self.is_there &= !taskbar_is_new;
        if let Some(Face { mood, tip, .. }) = self.face.take() {
            let drawn = Drawn::new(mood, self.size(SM_CXSMICON));
            self.face = Some(Face { mood, tip, drawn });
            self.put();
        }
    }

    fn put(&mut self) {
        let Some(face) = &self.face else { return };
        let mut data = self.data(NIF_MESSAGE | NIF_ICON | NIF_TIP | NIF_SHOWTIP);
        data.hIcon = face.drawn.0;
        fit(&face.tip, &mut data.szTip);
        if self.is_there && send(NIM_MODIFY, &data) {
            return;
        }
        self.is_there = send(NIM_ADD, &data);
        if self.is_there {
            send(NIM_SETVERSION, &data);
        } else {
            tracing::debug!("no taskbar yet");
        }
    }

    /// Shows a balloon in place of the former one. One that is not urgent does not disturb who is not to be disturbed.
    pub(super) fn balloon(&self, title: &str, text: &str, mood: Mood, urgent: bool) {
        let drawn = Drawn::new(mood, self.size(SM_CXICON));
        let mut data = self.data(NIF_INFO);
        fit(title, &mut data.szInfoTitle);
        fit(text, &mut data.szInfo);
        data.dwInfoFlags = NIIF_USER | NIIF_LARGE_ICON | if urgent { 0 } else { NIIF_RESPECT_QUIET_TIME };
        data.hBalloonIcon = drawn.0;
        send(NIM_MODIFY, &data);
    }

    /// Takes the balloon away: that is what an empty text means.
    pub(super) fn no_balloon(&self) {
        send(NIM_MODIFY, &self.data(NIF_INFO));
    }

    fn data(&self, flags: NOTIFY_ICON_DATA_FLAGS) -> NOTIFYICONDATAW {
        let mut data = NOTIFYICONDATAW {
            cbSize: u32::try_from(size_of::<NOTIFYICONDATAW>()).unwrap_or_default(),
            hWnd: self.window,
            uID: ID,
            uFlags: flags,
            uCallbackMessage: HAPPENED,
            ..NOTIFYICONDATAW::default()
        };
        data.Anonymous.uVersion = NOTIFYICON_VERSION_4;
        data
    }

    fn size(&self, metric: SYSTEM_METRICS_INDEX) -> u16 {
        // SAFETY: the window exists as long as this.
        let size = unsafe { GetSystemMetricsForDpi(metric, GetDpiForWindow(self.window)) };
        u16::try_from(size).unwrap_or_default().clamp(16, 256)
    }
}

impl Drop for Icon {
    fn drop(&mut self) {
        send(NIM_DELETE, &self.data(0));
    }
}

fn send(message: NOTIFY_ICON_MESSAGE, data: &NOTIFYICONDATAW) -> bool {
    // SAFETY: the structure tells its own size, and its icons exist during the call.
    unsafe { Shell_NotifyIconW(message, data) != 0 }
}

/// Puts a text into a field that ends with a zero, cut where it is too long.
fn fit(text: &str, field: &mut [u16]) {
    let limit = field.len().saturating_sub(1);
    let fitting = if text.encode_utf16().count() <= limit {
        text.to_owned()
    } else {
        let mut length = '…'.len_utf16();
        let fits = |c: &char| {
            length += c.len_utf16();
            length <= limit
        };
        text.chars().take_while(fits).chain(['…']).collect()
    };
    for (place, unit) in field.iter_mut().zip(fitting.encode_utf16().chain([0])) {
        *place = unit;
    }
}

/// A picture that Windows holds.
struct Drawn(HICON);

impl Drawn {
    fn new(mood: Mood, size: u16) -> Self {
        let picture = Picture::draw(mood, size);
        let mut bgra = picture.argb;
        bgra.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        // The mask counts only where there is no alpha; its rows are as long as whole words.
        let mask = vec![0; usize::from(size).div_ceil(16) * 2 * usize::from(size)];
        let size = i32::from(size);
        // SAFETY: both buffers have as many bytes as size and depth call for. Without memory the icon is empty.
        Self(unsafe { CreateIcon(std::ptr::null_mut(), size, size, 1, 32, mask.as_ptr(), bgra.as_ptr()) })
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        // SAFETY: it was made by this, and the taskbar has a copy of it.
        unsafe { DestroyIcon(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_its_field_is_cut_between_characters() {
        let fitted = |text: &str| {
            let mut field = [7; 6];
            fit(text, &mut field);
            let end = field.iter().position(|unit| *unit == 0).unwrap();
            String::from_utf16(&field[..end]).unwrap()
        };
        assert_eq!(fitted("12345"), "12345");
        assert_eq!(fitted("123456"), "1234…");
        assert_eq!(fitted("123😀6"), "123…");
        assert_eq!(fitted(""), "");
    }

    #[test]
    fn every_mood_can_be_drawn_in_every_size() {
        for mood in [Mood::Calm, Mood::Attention, Mood::Away] {
            for size in [16, 20, 25, 32, 64] {
                assert!(!Drawn::new(mood, size).0.is_null(), "{mood:?} {size}");
            }
        }
    }
}

//! The hidden window on its own thread: what the tray wants shown goes in, what the user clicks comes out.
//!
//! Windows calls the window whenever it likes, also while a menu stands open. So the window only notes what happens;
//! the thread's loop works it off.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use tokio::sync::mpsc::UnboundedSender;
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, POINT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::UI::Shell::{NIN_BALLOONTIMEOUT, NIN_BALLOONUSERCLICK, NIN_SELECT, NINF_KEY};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, EndMenu, GetCursorPos, GetMessageW, KillTimer,
    MSG, PostMessageW, RegisterClassW, RegisterWindowMessageW, SetTimer, TranslateMessage, WM_APP, WM_CLOSE,
    WM_CONTEXTMENU, WM_DEVICECHANGE, WM_DISPLAYCHANGE, WM_DPICHANGED, WM_ENDSESSION, WM_NULL, WM_QUERYENDSESSION,
    WM_TIMER, WNDCLASSW, WS_OVERLAPPEDWINDOW,
};

use super::balloon::{self, Balloons};
use super::icon::{HAPPENED, Icon};
use super::popup;
use super::toast::Toaster;
use crate::menu::{Entry, Menu};
use crate::model::Seen;
use crate::notice::Notice;
use crate::session::Event;

/// The installer finds the window by this name to ask the tray to end.
const NAME: *const u16 = windows_sys::w!("Fileward.Tray");
/// The icon was chosen by the keyboard; windows-sys lacks it.
const NIN_KEYSELECT: u32 = NIN_SELECT | NINF_KEY;
/// Asks the window to show the menu.
pub(super) const OPEN_MENU: u32 = WM_APP + 2;
/// A balloon that Windows does not show, because nobody is to be disturbed, does not end either; after this time, in
/// milliseconds, it has had its turn.
const TURN: u32 = 60_000;

/// `DBT_DEVICEARRIVAL` and `DBT_DEVICEREMOVECOMPLETE` (`dbt.h`): drives come and go with these, shares too.
const DEVICE_ARRIVED: usize = 0x8000;
const DEVICE_GONE: usize = 0x8004;

/// What the tray wants shown.
pub(super) enum Order {
    Menu(Menu),
    Show(Notice),
    KeepOnly(Seen),
}

/// The window; it closes with this.
pub(super) struct Window {
    orders: Option<Sender<Order>>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

/// A window may be written to from every thread, also when it is gone.
#[derive(Clone, Copy)]
pub(super) struct Handle(HWND);

// SAFETY: it is a number to the system, and only used to post messages.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    pub(super) fn post(self, message: u32) {
        // SAFETY: numbers only. A window that is gone needs no message.
        unsafe { PostMessageW(self.0, message, 0, 0) };
    }
}

impl Window {
    pub(super) fn open(events: UnboundedSender<Event>) -> io::Result<Self> {
        let (orders, received) = channel();
        let (opened, opening) = channel();
        let thread = std::thread::Builder::new().name("window".to_owned());
        let thread = thread.spawn(move || match create() {
            Ok(window) => {
                // Nobody waits only if the tray ended meanwhile.
                let _ = opened.send(Ok(Handle(window)));
                Shell::new(window, events).run(&received);
                // SAFETY: the window was made by this thread and is not used any more.
                unsafe { DestroyWindow(window) };
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        })?;
        let handle = opening.recv().map_err(io::Error::other)??;
        Ok(Self {
            orders: Some(orders),
            handle,
            thread: Some(thread),
        })
    }

    pub(super) fn tell(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
            self.handle.post(WM_NULL);
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.orders = None;
        // It closes a menu that stands open.
        self.handle.post(WM_CLOSE);
        if let Some(thread) = self.thread.take() {
            // A panic was told when it happened.
            let _ = thread.join();
        }
    }
}

/// What happens to the window.
#[derive(Clone, Copy)]
enum Input {
    Menu((i32, i32)),
    BalloonClicked((i32, i32)),
    BalloonGone,
    NewTaskbar,
    OtherScreen,
    OtherDrives,
    Ended,
}

thread_local! {
    static INPUTS: RefCell<VecDeque<Input>> = const { RefCell::new(VecDeque::new()) };
    /// The message of a taskbar that has just come up; Windows gives it a number.
    static TASKBAR_CREATED: Cell<u32> = const { Cell::new(0) };
}

/// Makes the window: one at the top, for only those hear of new taskbars and of the session's end.
fn create() -> io::Result<HWND> {
    // SAFETY: the names end with a zero, the class lives during its registration, and what is null may be null.
    let window = unsafe {
        TASKBAR_CREATED.set(RegisterWindowMessageW(windows_sys::w!("TaskbarCreated")));
        let instance = GetModuleHandleW(std::ptr::null());
        let class = WNDCLASSW {
            lpfnWndProc: Some(happens),
            hInstance: instance,
            lpszClassName: NAME,
            ..WNDCLASSW::default()
        };
        RegisterClassW(&raw const class);
        let null = std::ptr::null_mut();
        CreateWindowExW(
            0,
            NAME,
            NAME,
            WS_OVERLAPPEDWINDOW,
            0,
            0,
            0,
            0,
            null,
            null,
            instance,
            null,
        )
    };
    if window.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(window)
}

/// Called by Windows on the window's thread.
unsafe extern "system" fn happens(window: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    match message {
        HAPPENED => match low(lparam) {
            WM_CONTEXTMENU | NIN_SELECT | NIN_KEYSELECT => note(window, Input::Menu(point(wparam))),
            NIN_BALLOONUSERCLICK => note(window, Input::BalloonClicked(cursor())),
            NIN_BALLOONTIMEOUT => note(window, Input::BalloonGone),
            _ => {}
        },
        OPEN_MENU => note(window, Input::Menu(cursor())),
        WM_TIMER => note(window, Input::BalloonGone),
        WM_DPICHANGED | WM_DISPLAYCHANGE => note(window, Input::OtherScreen),
        WM_QUERYENDSESSION => return 1,
        WM_ENDSESSION if wparam == 0 => {}
        WM_CLOSE | WM_ENDSESSION => {
            // SAFETY: nothing is passed; it closes a menu of this thread if there is one.
            unsafe { EndMenu() };
            note(window, Input::Ended);
        }
        created if created == TASKBAR_CREATED.get() => note(window, Input::NewTaskbar),
        WM_DEVICECHANGE => {
            if matches!(wparam, DEVICE_ARRIVED | DEVICE_GONE) {
                note(window, Input::OtherDrives);
            }
            // Whoever asks whether a device may go is told yes.
            return 1;
        }
        // SAFETY: passed on as it came.
        other => return unsafe { DefWindowProcW(window, other, wparam, lparam) },
    }
    0
}

/// Notes it for the loop, which may be waiting for a message.
fn note(window: HWND, input: Input) {
    INPUTS.with_borrow_mut(|inputs| inputs.push_back(input));
    Handle(window).post(WM_NULL);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the lower half is asked for"
)]
fn low(value: isize) -> u32 {
    value as u32 & 0xffff
}

/// A point of the screen, which may lie left of or above the first screen: each half is a signed number of its own.
#[expect(clippy::cast_possible_truncation, reason = "a half is asked for")]
fn point(value: usize) -> (i32, i32) {
    let half = |half: usize| i32::from((half as u16).cast_signed());
    (half(value), half(value >> 16))
}

fn cursor() -> (i32, i32) {
    let mut point = POINT::default();
    // SAFETY: the point is written by the call; without a cursor it stays at the corner.
    unsafe { GetCursorPos(&raw mut point) };
    (point.x, point.y)
}

/// What the window's thread shows.
struct Shell {
    window: HWND,
    events: UnboundedSender<Event>,
    icon: Icon,
    entries: Vec<Entry>,
    /// `None` where Windows has no toasts.
    toaster: Option<Toaster>,
    balloons: Balloons,
}

impl Shell {
    fn new(window: HWND, events: UnboundedSender<Event>) -> Self {
        let toaster = Toaster::new(events.clone(), Handle(window))
            .inspect_err(|error| tracing::debug!("balloons instead of toasts: {error}"))
            .ok();
        Self {
            window,
            events,
            icon: Icon::new(window),
            entries: Vec::new(),
            toaster,
            balloons: Balloons::default(),
        }
    }

    /// Works until nobody gives orders any more.
    fn run(mut self, orders: &Receiver<Order>) {
        let mut message = MSG::default();
        loop {
            // SAFETY: the message is written before it is dispatched.
            unsafe {
                if GetMessageW(&raw mut message, std::ptr::null_mut(), 0, 0) <= 0 {
                    return;
                }
                TranslateMessage(&raw const message);
                DispatchMessageW(&raw const message);
            }
            while let Some(input) = INPUTS.with_borrow_mut(VecDeque::pop_front) {
                self.happened(input);
            }
            loop {
                match orders.try_recv() {
                    Ok(order) => self.carry_out(order),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Menu(menu) => {
                self.icon.show(menu.mood, format!("Fileward – {}", menu.title));
                self.entries = menu.entries;
            }
            Order::Show(notice) => match &mut self.toaster {
                Some(toaster) => toaster.show(&notice),
                None if self.balloons.add(notice) => self.show_balloon(),
                None => {}
            },
            Order::KeepOnly(seen) => match &mut self.toaster {
                Some(toaster) => toaster.keep_only(&seen),
                None if self.balloons.keep_only(&seen) => self.show_balloon(),
                None => {}
            },
        }
    }

    fn happened(&mut self, input: Input) {
        match input {
            Input::Menu(at) => self.choose(at, &self.entries),
            Input::BalloonClicked(at) => {
                let clicked = self.balloons.pass();
                if let Some(notice) = clicked.filter(|notice| !notice.buttons.is_empty()) {
                    self.choose(at, &balloon::menu(&notice));
                }
                self.show_balloon();
            }
            Input::BalloonGone => {
                self.balloons.pass();
                self.show_balloon();
            }
            Input::NewTaskbar => {
                self.icon.renew(true);
                self.show_balloon();
            }
            Input::OtherScreen => self.icon.renew(false),
            Input::OtherDrives => {
                let _ = self.events.send(Event::LookAgain);
            }
            Input::Ended => {
                let _ = self.events.send(Event::SessionEnded);
            }
        }
    }

    fn choose(&self, at: (i32, i32), entries: &[Entry]) {
        if let Some(act) = popup::choose(self.window, at, entries) {
            let _ = self.events.send(Event::Act(act));
        }
    }

    /// Shows the balloon whose turn it is, for its time.
    fn show_balloon(&self) {
        const TIMER: usize = 1;
        let Some(notice) = self.balloons.current() else {
            self.icon.no_balloon();
            // SAFETY: the window exists.
            unsafe { KillTimer(self.window, TIMER) };
            return;
        };
        let text = balloon::text(notice);
        self.icon.balloon(&notice.title, &text, notice.mood, notice.urgent);
        // SAFETY: the window exists; without a function the timer sends a message.
        unsafe { SetTimer(self.window, TIMER, TURN, None) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_may_lie_on_a_screen_to_the_left() {
        assert_eq!(point(0x0010_fff0), (-16, 16));
        assert_eq!(low(0x0001_007b), WM_CONTEXTMENU);
    }

    #[tokio::test]
    async fn the_window_answers_the_sessions_end_and_the_installer() {
        let (events, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let window = Window::open(events).unwrap();
        let send = |message, wparam| {
            // SAFETY: numbers only; the window's thread answers.
            unsafe { windows_sys::Win32::UI::WindowsAndMessaging::SendMessageW(window.handle.0, message, wparam, 0) }
        };
        assert_eq!(send(WM_QUERYENDSESSION, 0), 1);
        send(WM_ENDSESSION, 0);
        assert!(heard.try_recv().is_err(), "the session goes on");
        send(WM_DEVICECHANGE, 0x8001);
        assert!(heard.try_recv().is_err(), "a question about a device");
        send(WM_DEVICECHANGE, DEVICE_ARRIVED);
        assert!(matches!(heard.recv().await, Some(Event::LookAgain)));
        for (message, wparam) in [(WM_ENDSESSION, 1), (WM_CLOSE, 0)] {
            send(message, wparam);
            assert!(matches!(heard.recv().await, Some(Event::SessionEnded)));
        }
        drop(window);
        assert!(heard.recv().await.is_some() || heard.is_closed());
    }
}

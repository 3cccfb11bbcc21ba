//! A real desktop: a screen, a session bus and a notification daemon, all of one user.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::pc::Pc;
use crate::process::{Running, eventually, have, output, program};
use crate::screen;

/// A user's desktop that runs while the test does.
#[derive(Debug)]
pub struct Desktop {
    folder: TempDir,
    display: String,
    bus: String,
    // Ended in this order: the tray first, the screen last.
    tray: Option<Running>,
    _daemon: Running,
    _bus: Running,
    _screen: Running,
}

impl Desktop {
    /// Starts a desktop of the PC's user. `None`, with a printed reason, where a program is missing.
    pub fn start(pc: &Pc) -> Option<Self> {
        if !have(&["Xvfb", "dbus-daemon", "dunst", "dunstctl", "import"]) {
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        pc.give(folder.path());
        let (screen, display) = screen::start();
        let mut bus =
            Running::start(pc.as_user(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address"])));
        let address = bus.line("unix:");
        write_settings(pc, folder.path());
        let mut daemon = Command::new("dunst");
        daemon.arg("-config").arg(folder.path().join("dunstrc"));
        let daemon = Running::start(session(pc.as_user(&mut daemon), &display, &address, folder.path()));
        let desktop = Self {
            folder,
            display,
            bus: address,
            tray: None,
            _daemon: daemon,
            _bus: bus,
            _screen: screen,
        };
        eventually("a notification daemon", || desktop.dunstctl(pc, &["count"]));
        Some(desktop)
    }

    /// Starts the tray of the PC's user.
    pub fn start_tray(&mut self, pc: &Pc) {
        let mut tray = Command::new(pc.put(&program("fileward-tray")));
        tray.env("FILEWARD_SOCKET", pc.socket())
            .env("FILEWARD_LANGUAGE", "zh-CN")
            // Pages are read from their file; nobody looks at a browser.
            .env("BROWSER", "true");
        self.tray = Some(Running::start(session(
            pc.as_user(&mut tray),
            &self.display,
            &self.bus,
            self.folder.path(),
        )));
    }

    /// The tray's process id.
    pub fn tray_pid(&self) -> Option<u32> {
        self.tray.as_ref().map(Running::pid)
    }

    /// The titles and texts of all notifications so far.
    pub fn shown(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("shown")).unwrap_or_default()
    }

    /// A page that the tray has written, once it has.
    pub fn page(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("fileward").join(name)).ok()
    }

    /// How many notifications are on the screen.
    pub fn count(&self, pc: &Pc) -> u32 {
        self.dunstctl(pc, &["count", "displayed"])
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Clicks the button with this label, whichever notification offers it.
    pub fn click(&self, pc: &Pc, label: &str) {
        std::fs::write(self.folder.path().join("choice"), format!("#{label} (")).expect("the folder is writable");
        self.dunstctl(pc, &["context"])
            .expect("the notification daemon offers its actions");
    }

    /// Closes every notification.
    pub fn close_all(&self, pc: &Pc) {
        let _ = self.dunstctl(pc, &["close-all"]);
    }

    /// Takes a picture of the screen.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let file = crate::program("fileward-agent").with_file_name(name);
        output(
            Command::new("import")
                .args(["-window", "root"])
                .arg(&file)
                .env("DISPLAY", &self.display),
        );
        file
    }

    fn dunstctl(&self, pc: &Pc, arguments: &[&str]) -> Option<String> {
        let mut control = Command::new("dunstctl");
        control.args(arguments);
        let said = session(pc.as_user(&mut control), &self.display, &self.bus, self.folder.path())
            .output()
            .ok()?;
        said.status
            .success()
            .then(|| String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

fn session<'a>(command: &'a mut Command, display: &str, bus: &str, runtime: &Path) -> &'a mut Command {
    command
        .env("DISPLAY", display)
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("XDG_RUNTIME_DIR", runtime)
}

/// The daemon writes down each notification it shows, and answers its menu of actions from a file: it draws no buttons.
fn write_settings(pc: &Pc, folder: &Path) {
    let at = folder.display();
    let shown = format!("#!/bin/sh\nprintf '%s\\n%s\\n\\n' \"$2\" \"$3\" >> '{at}/shown'\n");
    let choose = format!("#!/bin/sh\ngrep -m1 -F -f '{at}/choice'\n");
    for (name, script) in [("shown.sh", shown), ("choose.sh", choose)] {
        let path = folder.join(name);
        std::fs::write(&path, script).expect("the folder is writable");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, executable).expect("the file is ours");
        pc.give(&path);
    }
    let settings = format!(
        "[global]\nwidth = 520\nheight = 260\norigin = top-right\noffset = 16x16\nfont = Noto Sans CJK SC 11\n\
         frame_width = 1\npadding = 14\nhorizontal_padding = 16\ncorner_radius = 8\nmarkup = full\n\
         format = \"<b>%s</b>\\n%b\"\nshow_indicators = no\ndmenu = {at}/choose.sh\n\
         [urgency_normal]\nbackground = \"#ffffff\"\nforeground = \"#1b2a2f\"\ntimeout = 0\n\
         [all]\nsummary = \"*\"\nscript = {at}/shown.sh\n"
    );
    std::fs::write(folder.join("dunstrc"), settings).expect("the folder is writable");
}

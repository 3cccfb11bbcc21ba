//! A real desktop: a screen, a session bus and a notification daemon, all of one user.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::pc::Pc;
use crate::process::{Running, command, eventually, have, output};

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
        // The server takes the first free display and says which: nothing to guess, nothing to collide with.
        let screen = ["-displayfd", "1", "-screen", "0", "1024x700x24", "-nolisten", "tcp", "-ac"];
        let mut screen = Running::start(Command::new("Xvfb").args(screen));
        let display = format!(":{}", screen.line("").trim());
        let mut bus =
            Running::start(pc.as_user(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address"])));
        let address = bus.line("unix:");
        std::fs::write(folder.path().join("dunstrc"), DUNSTRC).expect("the folder is writable");
        let mut daemon = Command::new("dunst");
        daemon.arg("-config").arg(folder.path().join("dunstrc"));
        let daemon = Running::start(session(pc.as_user(&mut daemon), &display, &address, folder.path()));
        let desktop = Self { folder, display, bus: address, tray: None, _daemon: daemon, _bus: bus, _screen: screen };
        eventually("a notification daemon", || desktop.dunstctl(pc, &["count"]));
        Some(desktop)
    }

    /// Starts the tray of the PC's user.
    pub fn start_tray(&mut self, pc: &Pc) {
        let mut tray = command::<&str>("fileward-tray", &[]);
        tray.env("FILEWARD_SOCKET", pc.socket()).env("FILEWARD_LANGUAGE", "zh-CN");
        self.tray = Some(Running::start(session(pc.as_user(&mut tray), &self.display, &self.bus, self.folder.path())));
    }

    /// The tray's process id.
    pub fn tray_pid(&self) -> Option<u32> {
        self.tray.as_ref().map(Running::pid)
    }

    /// The texts of the notifications on the screen.
    pub fn shown(&self, pc: &Pc) -> String {
        // dunstctl lists what was closed; what is shown is only counted. Closing moves it to the list.
        self.dunstctl(pc, &["count", "displayed"]).unwrap_or_default()
    }

    /// How many notifications are on the screen.
    pub fn count(&self, pc: &Pc) -> u32 {
        self.dunstctl(pc, &["count", "displayed"]).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// Chooses an action of the newest notification, by its name.
    pub fn choose(&self, pc: &Pc, action: &str) {
        self.dunstctl(pc, &["action", action]).expect("the notification daemon takes the action");
    }

    /// Closes every notification and gives the texts of all there were, newest first.
    pub fn history(&self, pc: &Pc) -> Vec<String> {
        let _ = self.dunstctl(pc, &["close-all"]);
        let text = self.dunstctl(pc, &["history"]).expect("the notification daemon has a history");
        let history: Value = serde_json::from_str(&text).expect("dunstctl prints JSON");
        let entries = history["data"][0].as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| format!("{}\n{}", entry["summary"]["data"], entry["body"]["data"])).collect()
    }

    /// Takes a picture of the screen.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let file = crate::program("fileward-agent").with_file_name(name);
        output(Command::new("import").args(["-window", "root"]).arg(&file).env("DISPLAY", &self.display));
        file
    }

    fn dunstctl(&self, pc: &Pc, arguments: &[&str]) -> Option<String> {
        let mut control = Command::new("dunstctl");
        control.args(arguments);
        let said = session(pc.as_user(&mut control), &self.display, &self.bus, self.folder.path()).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

fn session<'a>(command: &'a mut Command, display: &str, bus: &str, runtime: &Path) -> &'a mut Command {
    command.env("DISPLAY", display).env("DBUS_SESSION_BUS_ADDRESS", bus).env("XDG_RUNTIME_DIR", runtime)
}

const DUNSTRC: &str = "\
[global]
    font = Noto Sans CJK SC 12
    width = (300, 520)
    height = 400
    offset = 20x20
    origin = top-right
    frame_width = 2
    corner_radius = 6
    show_indicators = yes
    history_length = 50
[urgency_normal]
    background = \"#fdfdfb\"
    foreground = \"#23262b\"
    frame_color = \"#3c6e71\"
    timeout = 0
";

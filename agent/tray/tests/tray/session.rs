//! A desktop session of its own: a bus, a screen and a notification daemon, all ended with it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const TOOLS: [&str; 4] = ["dbus-daemon", "Xvfb", "dunst", "dunstctl"];
/// Far longer than anything takes: only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `check` gives something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> T {
    let wait = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// The session.
pub(crate) struct Session {
    folder: tempfile::TempDir,
    bus: String,
    display: String,
    daemon: Option<Child>,
    pub(crate) tray: Option<Child>,
    bus_process: Child,
    _screen: Child,
}

impl Session {
    /// Starts bus, screen and notification daemon; `None`, and says why, where a tool is missing.
    pub(crate) async fn start() -> Option<Self> {
        let is_there = |tool: &&str| search_path().iter().any(|folder| folder.join(tool).is_file());
        if let Some(missing) = TOOLS.iter().find(|tool| !is_there(tool)) {
            eprintln!("skipped: {missing} is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let (bus_process, bus) = first_line(&mut bus).await;
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "760x320x24"]);
        let (screen_process, display) = first_line(&mut screen).await;
        let mut session = Self {
            folder,
            bus,
            display: format!(":{display}"),
            daemon: None,
            tray: None,
            bus_process,
            _screen: screen_process,
        };
        for name in ["home/桌面", "home/工作文件", "home/下载", "run", "bin"] {
            std::fs::create_dir_all(session.path(name)).unwrap();
        }
        session.write_dunst_files();
        session.start_daemon().await;
        Some(session)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn bus(&self) -> &str {
        &self.bus
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("DISPLAY", &self.display)
            .env(
                "PATH",
                std::env::join_paths(std::iter::once(self.path("bin")).chain(search_path())).unwrap(),
            )
            .env("HOME", self.path("home"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("XDG_DATA_HOME", self.path("home/.local/share"))
            .env("XDG_CURRENT_DESKTOP", "test")
            .env("FILEWARD_SOCKET", self.path("agent.sock"))
            .env_remove("FILEWARD_LANGUAGE")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// The daemon writes down each notification it shows, and answers its menu of actions from a file.
    fn write_dunst_files(&self) {
        let quoted = |path: PathBuf| format!("'{}'", path.display());
        let shown = format!(
            "#!/bin/sh\nprintf '%s\\n%s\\n\\n' \"$2\" \"$3\" >> {}\n",
            quoted(self.path("shown"))
        );
        let choose = format!(
            "#!/bin/sh\ntee {} | grep -m1 -F -f {}\n",
            quoted(self.path("offered")),
            quoted(self.path("choice"))
        );
        self.write_program("shown.sh", &shown);
        self.write_program("choose.sh", &choose);
        self.write_program(
            "xdg-open",
            &format!("#!/bin/sh\necho \"$1\" >> {}\n", quoted(self.path("opened"))),
        );
        let settings = format!(
            "[global]\nwidth = 520\nheight = 260\norigin = top-right\noffset = 16x16\nfont = Noto Sans CJK SC 11\n\
             frame_width = 1\nframe_color = \"#c9d4d2\"\nseparator_height = 1\npadding = 14\nhorizontal_padding = 16\n\
             corner_radius = 8\nicon_position = left\nmin_icon_size = 40\nmax_icon_size = 48\nmarkup = full\n\
             format = \"<b>%s</b>\\n%b\"\nshow_indicators = no\nsort = update\nlayer = overlay\ndmenu = {}\n\
             [urgency_normal]\nbackground = \"#ffffff\"\nforeground = \"#1b2a2f\"\n\
             [all]\nsummary = \"*\"\nscript = {}\n",
            self.path("bin/choose.sh").display(),
            self.path("bin/shown.sh").display()
        );
        std::fs::write(self.path("dunstrc"), settings).unwrap();
    }

    /// Puts a program before all others on the session's path.
    pub(crate) fn write_program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        std::fs::write(&path, script).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, executable).unwrap();
    }

    pub(crate) async fn start_daemon(&mut self) {
        let settings = self.path("dunstrc");
        let daemon = self
            .command("dunst")
            .arg("-config")
            .arg(settings)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
        until("the notification daemon answers", || async {
            self.dunstctl("is-paused").await.then_some(())
        })
        .await;
    }

    pub(crate) async fn stop_daemon(&mut self) {
        self.daemon.take().unwrap().kill().await.unwrap();
    }

    /// Ends the bus, and so the session.
    pub(crate) async fn end(&mut self) {
        self.bus_process.kill().await.unwrap();
    }

    pub(crate) fn start_tray(&mut self) {
        self.tray = Some(self.tray_command().spawn().unwrap());
    }

    pub(crate) fn tray_command(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_fileward-tray"))
    }

    async fn dunstctl(&self, what: &str) -> bool {
        let mut command = self.command("dunstctl");
        let command = command.arg(what).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().await.unwrap().success()
    }

    /// Everything the daemon has shown: title, body and an empty line each.
    pub(crate) fn shown(&self) -> String {
        std::fs::read_to_string(self.path("shown")).unwrap_or_default()
    }

    pub(crate) async fn until_shown(&self, text: &str, times: usize) {
        let check = || async { (self.shown().matches(text).count() >= times).then_some(()) };
        until(&format!("\"{text}\" is shown, not only {}", self.shown()), check).await;
    }

    /// Clicks the action with this label, whichever notification offers it.
    pub(crate) async fn click(&self, label: &str) {
        std::fs::write(self.path("choice"), format!("#{label} (")).unwrap();
        assert!(self.dunstctl("context").await);
    }

    /// Keeps a picture of the screen where `FILEWARD_TEST_PICTURES` says; for people to look at.
    pub(crate) async fn take_picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("FILEWARD_TEST_PICTURES") else {
            return;
        };
        // The daemon has told its script before it draws.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let picture = Path::new(&folder).join(name);
        let status = self
            .command("import")
            .args(["-window", "root"])
            .arg(picture)
            .status()
            .await
            .unwrap();
        assert!(status.success());
    }
}

fn search_path() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

async fn first_line(command: &mut Command) -> (Child, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    (child, line.trim().to_owned())
}

//! A PC of its own: a user's home and an agent that watches it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::collector::Collector;
use crate::process::{Running, command, eventually, finish, output, program};

/// A user's home on a Chinese desktop, and an agent's state.
#[derive(Debug)]
pub struct Pc {
    folder: TempDir,
    agent: Option<Running>,
    /// The user who owns the home: somebody else than the service where the tests run as root.
    user: Option<(u32, u32)>,
}

impl Pc {
    /// A new home of the user who runs the tests.
    pub fn new() -> Self {
        let pc = Self {
            folder: TempDir::new().expect("a temporary folder"),
            agent: None,
            user: None,
        };
        pc.furnish();
        pc
    }

    /// A new home of the user who runs the tests, below a folder of a file system of choice.
    pub fn below(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("the folder is writable");
        let pc = Self {
            folder: TempDir::new_in(folder).expect("a temporary folder"),
            agent: None,
            user: None,
        };
        pc.furnish();
        pc
    }

    /// A new home; where the tests run as root, of an ordinary user (Debian's `games`, which every PC has).
    pub fn of_ordinary_user() -> Self {
        let mut pc = Self {
            folder: TempDir::new().expect("a temporary folder"),
            agent: None,
            user: None,
        };
        if rustix::process::geteuid().is_root() {
            let id = |flag: &str| {
                output(Command::new("id").args([flag, "games"]))
                    .trim()
                    .parse()
                    .expect("a number")
            };
            pc.user = Some((id("-u"), id("-g")));
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(pc.folder.path(), open).expect("the folder is ours");
        }
        pc.furnish();
        pc
    }

    fn furnish(&self) {
        for folder in ["", "桌面", "下载", "文档", "工作文件", ".config"] {
            let folder = self.home().join(folder);
            std::fs::create_dir_all(&folder).expect("the home is writable");
            self.give(&folder);
        }
        let dirs =
            "XDG_DESKTOP_DIR=\"$HOME/桌面\"\nXDG_DOWNLOAD_DIR=\"$HOME/下载\"\nXDG_DOCUMENTS_DIR=\"$HOME/文档\"\n";
        let file = self.home().join(".config/user-dirs.dirs");
        std::fs::write(&file, dirs).expect("the home is writable");
        self.give(&file);
    }

    /// Makes a file or folder the user's own.
    pub fn give(&self, path: &Path) {
        if let Some((uid, gid)) = self.user {
            std::os::unix::fs::chown(path, Some(uid), Some(gid)).expect("root may give files away");
        }
    }

    /// The user and their group, where they are not who runs the tests.
    pub fn user(&self) -> Option<(u32, u32)> {
        self.user
    }

    /// The user's home.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The agent's state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The agent's socket.
    pub fn socket(&self) -> PathBuf {
        self.state().join("run/agent.sock")
    }

    /// Makes a folder of the user's, with everything above it.
    pub fn folder(&self, relative: &str) -> PathBuf {
        let mut path = self.home();
        for part in relative.split('/') {
            path.push(part);
            if !path.exists() {
                std::fs::create_dir(&path).expect("the home is writable");
                self.give(&path);
            }
        }
        path
    }

    /// Saves a copy of a document as the user would; its path.
    pub fn save(&self, document: &Path, relative: &str) -> PathBuf {
        let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let target = if folder.is_empty() {
            self.home()
        } else {
            self.folder(folder)
        }
        .join(name);
        // The build's folder may be closed to the user: what they save is first put where they can read it.
        let staged = self.put(document);
        output(self.as_user(Command::new("cp").arg(&staged).arg(&target)));
        std::fs::remove_file(staged).expect("the folder is ours");
        target
    }

    /// Puts a copy of a file of the build where the user can read and run it; its path.
    pub fn put(&self, file: &Path) -> PathBuf {
        let copy = self.root().join(file.file_name().expect("files have names"));
        // A program that runs cannot be written over, and one that is open for writing cannot be run: were it open in here,
        // whatever another test starts at that moment would hold it open, too.
        output(Command::new("cp").arg("--remove-destination").arg(file).arg(&copy));
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&copy, open).expect("the file is ours");
        copy
    }

    /// Lets a command run as the user.
    pub fn as_user<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command.env("HOME", self.home())
    }

    /// The place where WeChat puts received files, in an account of its own.
    pub fn wechat(&self, account: &str) -> String {
        let folder = format!("文档/xwechat_files/{account}/msg/file/2026-11");
        self.folder(&folder);
        folder
    }

    /// Enrols the agent.
    pub fn enrol(&self, token: &str) {
        let said = self.attempt(&["enrol", "--token", token]);
        assert!(
            said.status.success(),
            "enrolling failed: {}",
            String::from_utf8_lossy(&said.stderr)
        );
    }

    /// Enrols with a token that approves by itself, and starts the agent.
    pub fn join(&mut self, collector: &Collector) {
        self.enrol(&collector.token(&["--auto-approve"]));
        self.start();
    }

    /// Starts the enrolled agent and waits until it watches.
    pub fn start(&mut self) {
        self.start_with(&mut command::<&str>("fileward-agent", &[]));
    }

    /// Starts the agent by a command that ends with its program, such as `faketime … fileward-agent`.
    pub fn start_with(&mut self, start: &mut Command) {
        self.launch(start.arg("run"));
    }

    /// Starts the enrolled agent with the rights of the PC's user alone.
    pub fn start_as_user(&mut self) {
        if let Some((uid, gid)) = self.user {
            let owner = format!("{uid}:{gid}");
            output(Command::new("chown").args(["-R", &owner]).arg(self.state()));
        }
        let mut agent = Command::new(self.put(&program("fileward-agent")));
        self.as_user(&mut agent);
        self.start_with(&mut agent);
    }

    /// Starts an agent that is not enrolled, with a policy file.
    pub fn start_alone(&mut self, policy: &crate::Policy) {
        self.start_alone_with(&mut command::<&str>("fileward-agent", &[]), policy);
    }

    /// The same by a command that ends with its program.
    pub fn start_alone_with(&mut self, start: &mut Command, policy: &crate::Policy) {
        let file = self.folder.path().join("policy.toml");
        std::fs::write(&file, policy.text()).expect("the policy is written");
        self.launch(start.args(["run", "--policy"]).arg(file));
    }

    fn launch(&mut self, start: &mut Command) {
        start.arg("--data-dir").arg(self.state());
        start.arg("--home").arg(self.home()).arg("--json");
        let mut agent = Running::start(start);
        agent.line("ready ");
        self.agent = Some(agent);
    }

    /// The running agent.
    pub fn agent(&mut self) -> &mut Running {
        self.agent.as_mut().expect("the agent was started")
    }

    /// The transitions that the agent printed.
    pub fn transitions(&self) -> Vec<Value> {
        let lines = self.agent.as_ref().map(Running::lines).unwrap_or_default();
        lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Stops the agent.
    pub fn stop(&mut self) {
        self.agent().stop();
        self.agent = None;
    }

    /// Kills the agent at once.
    pub fn kill(&mut self) {
        self.agent().kill();
        self.agent = None;
    }

    /// Runs one of the agent's commands; its output.
    pub fn run(&self, arguments: &[&str]) -> String {
        output(command("fileward-agent", arguments).arg("--data-dir").arg(self.state()))
    }

    /// Runs one of the agent's commands, whatever becomes of it.
    pub fn attempt(&self, arguments: &[&str]) -> Output {
        finish(command("fileward-agent", arguments).arg("--data-dir").arg(self.state()))
    }

    /// Runs one of the agent's commands with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.run(&arguments)).expect("--json prints one JSON document")
    }

    /// The user's findings as the agent knows them.
    pub fn findings(&self) -> Vec<Value> {
        match self.json(&["findings"]) {
            Value::Array(findings) => findings,
            other => panic!("a list was expected, not {other}"),
        }
    }

    /// Waits until everything recorded has been sent and acknowledged.
    pub fn wait_until_sent(&self) {
        eventually("an empty queue", || {
            (self.json(&["status"])["queue_waiting"] == 0).then_some(())
        });
    }

    /// The folder that holds home and state.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }
}

impl Default for Pc {
    fn default() -> Self {
        Self::new()
    }
}

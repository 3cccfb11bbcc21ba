//! A real collector on loopback.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::policy::Policy;
use crate::postgres::{PASSWORD, Server};
use crate::process::{Running, command, finish, output};

/// A collector that runs while the test does.
#[derive(Debug)]
pub struct Collector {
    folder: TempDir,
    running: Option<Running>,
    agent_listen: String,
    /// The address for agents.
    pub agent_url: String,
    /// The address of the console.
    pub console_url: String,
}

impl Collector {
    /// Starts a new one with a policy.
    pub fn start(policy: &Policy) -> Self {
        let mut collector = Self::new();
        collector.resume();
        collector.publish(policy);
        collector
    }

    /// Starts a new one in a new database of this server, over TCP and with a password.
    pub fn start_in(policy: &Policy, server: &Server) -> Self {
        let mut collector = Self::new();
        let keys = collector.folder().join("keys");
        std::fs::create_dir(&keys).expect("the folder is the test's own");
        std::fs::write(keys.join("database.password"), PASSWORD).expect("the password is written");
        collector.serve(&["--database", &server.remote(&server.create())]);
        collector.publish(policy);
        collector
    }

    /// Starts another one on the same database, from a copy of the folder.
    #[must_use]
    pub fn twin(&self) -> Self {
        let mut twin = Self::new();
        let mut copy = Command::new("cp");
        output(copy.args(["-a", "-T"]).arg(self.folder()).arg(twin.folder()));
        twin.resume();
        twin
    }

    /// Starts one in a new database of this server from a backup and the keys of this one, which has ended, at its address.
    #[must_use]
    pub fn restored(&self, backup: &Path, server: &Server) -> Self {
        let mut restored = Self::new();
        restored.agent_listen.clone_from(&self.agent_listen);
        let mut copy = Command::new("cp");
        output(copy.arg("-a").arg(self.folder().join("keys")).arg(restored.folder()));
        let database = server.remote(&server.create());
        let backup = backup.to_str().expect("temporary folders have plain names");
        restored.run(&["restore", backup, "--database", &database]);
        restored.resume();
        restored
    }

    fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            running: None,
            agent_listen: "127.0.0.1:0".to_owned(),
            agent_url: String::new(),
            console_url: String::new(),
        }
    }

    /// Its state folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it again, at the address it had.
    pub fn resume(&mut self) {
        self.serve(&[]);
    }

    fn serve(&mut self, more: &[&str]) {
        let mut serve = command("fileward-collector", &["serve", "--agent-listen", &self.agent_listen]);
        serve
            .args(["--console-listen", "127.0.0.1:0"])
            .args(more)
            .arg("--data-dir")
            .arg(self.folder.path());
        let mut running = Running::start(&mut serve);
        let ready = running.line("ready ");
        let word = |name: &str| {
            let value = ready.split_whitespace().find_map(|word| word.strip_prefix(name));
            value.unwrap_or_else(|| panic!("no {name} in {ready:?}")).to_owned()
        };
        self.agent_url = word("agent=");
        self.console_url = word("console=");
        self.agent_listen = self.agent_url.trim_start_matches("https://").to_owned();
        self.running = Some(running);
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill();
        }
    }

    /// Runs one of its commands; its output.
    pub fn run(&self, arguments: &[&str]) -> String {
        output(
            command("fileward-collector", arguments)
                .arg("--data-dir")
                .arg(self.folder.path()),
        )
    }

    /// Runs one of its commands, whatever becomes of it.
    pub fn attempt(&self, arguments: &[&str]) -> Output {
        finish(
            command("fileward-collector", arguments)
                .arg("--data-dir")
                .arg(self.folder.path()),
        )
    }

    /// Runs one of its commands with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.run(&arguments)).expect("--json prints one JSON document")
    }

    /// Publishes a policy.
    pub fn publish(&self, policy: &Policy) {
        let file: PathBuf = self.folder.path().join("to-publish.toml");
        std::fs::write(&file, policy.text()).expect("the policy is written");
        self.run(&[
            "policy",
            "publish",
            file.to_str().expect("temporary folders have plain names"),
        ]);
    }

    /// A new enrolment token.
    pub fn token(&self, more: &[&str]) -> String {
        let mut arguments = vec!["token", "create"];
        arguments.extend(more);
        self.json(&arguments)["token"].as_str().expect("a token").to_owned()
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("the collector runs").pid()
    }

    /// Its database, for reading.
    pub fn database(&self) -> rusqlite::Connection {
        self.connect(rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Its database, to put in what no device would send.
    pub fn writable_database(&self) -> rusqlite::Connection {
        self.connect(rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn connect(&self, flags: rusqlite::OpenFlags) -> rusqlite::Connection {
        let entries = std::fs::read_dir(self.folder())
            .expect("the folder is there")
            .filter_map(Result::ok);
        let file = entries
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|end| end == "db"));
        rusqlite::Connection::open_with_flags(file.expect("the collector has a database"), flags)
            .expect("the database can be opened")
    }

    /// Its devices.
    pub fn devices(&self) -> Vec<Value> {
        array(self.json(&["device", "list"]))
    }

    /// Its findings.
    pub fn findings(&self) -> Vec<Value> {
        array(self.json(&["finding", "list"]))
    }

    /// How many findings are open, without reading them.
    pub fn open_findings(&self) -> usize {
        let count = "SELECT count(*) FROM finding WHERE state = 'open'";
        let count: i64 = self.database().query_row(count, [], |row| row.get(0)).unwrap_or(0);
        usize::try_from(count).unwrap_or(0)
    }

    /// The finding of the file with this name, when it is in this state.
    pub fn finding(&self, name: &str, state: &str) -> Option<Value> {
        self.findings()
            .into_iter()
            .find(|finding| finding["file"]["name"] == name && finding["state"] == state)
    }
}

fn array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("a list was expected, not {other}"),
    }
}

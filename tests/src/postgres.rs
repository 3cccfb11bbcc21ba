//! A real PostgreSQL, as Debian packages it: started by the tests, gone with them.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::{finish, output};

/// Where Debian and Ubuntu put each version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The role of the collector: it owns its databases and may do nothing else.
const ROLE: &str = "fileward";

/// What that role says to be let in.
pub const PASSWORD: &str = "no secret: this server is gone with the test";

/// Whether a change that is answered must outlive the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// As a company runs it.
    Durable,
    /// Quicker, for what tests would delete anyway.
    Careless,
}

/// A server that runs while the test does.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    keeper: Child,
}

impl Server {
    /// The one that all tests of this process share.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start(Disk::Careless))
    }

    /// Starts one of its own.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start(disk: Disk) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("fileward-postgres-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        if let Some((user, group)) = stand_in() {
            chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
        }
        let keeper = keep(&folder);
        make(&folder);
        let port = (0..5).find_map(|_| launch(&folder, disk)).unwrap_or_else(|| {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            panic!("PostgreSQL did not start: {log}");
        });
        let server = Self {
            folder,
            port,
            databases: AtomicU32::new(0),
            keeper,
        };
        server.ask("postgres", &format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'"));
        server
    }

    /// A new empty database's name.
    pub fn create(&self) -> String {
        let name = format!("fileward_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.ask("postgres", &format!("CREATE DATABASE {name} OWNER {ROLE}"));
        name
    }

    /// A new empty database's address, for this machine's users: it needs no password.
    pub fn database(&self) -> String {
        let folder = self.folder.to_str().expect("temporary folders have plain names");
        let folder = folder.replace('/', "%2F");
        format!("postgres://{ROLE}@{folder}:{}/{}", self.port, self.create())
    }

    /// The address of a database over TCP. It wants [`PASSWORD`].
    pub fn remote(&self, database: &str) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port)
    }

    /// Lets nobody in over TCP but with TLS, and shows this certificate.
    ///
    /// # Panics
    /// When it does not start again with it.
    pub fn demand_tls(&self, certificate: &str, key: &str) {
        let data = self.folder.join("data");
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let file = data.join(name);
            fs::write(&file, content).expect("the certificate is written");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is the test's own");
            if let Some((user, group)) = stand_in() {
                chown(&file, Some(user), Some(group)).expect("root may give a file away");
            }
        }
        let entrances = "local all all trust\nhostssl all all all scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), entrances).expect("the entrances are written");
        self.ask("postgres", "ALTER SYSTEM SET ssl = on");
        self.restart();
    }

    /// Runs a statement as who may do everything; its rows, one a line.
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set=ON_ERROR_STOP=1", "--username=postgres"])
            .args(["--dbname", database, "--command", sql])
            .arg(format!("--port={}", self.port))
            .arg("--host")
            .arg(&self.folder);
        output(&mut psql).trim_end().to_owned()
    }

    /// Ends it while it is in use, and starts it again.
    pub fn restart(&self) {
        output(control(&self.folder).args(["--mode=fast", "restart"]));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The programs of the newest version that is installed.
fn programs() -> PathBuf {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let folders = fs::read_dir(VERSIONS).into_iter().flatten().filter_map(Result::ok);
    folders
        .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
        .filter(|(_, programs)| programs.join("postgres").is_file())
        .max()
        .map(|(_, programs)| programs)
        .expect("PostgreSQL is needed: apt-get install postgresql, or cargo xtask test as root")
}

/// The user and group that a server runs as where the tests run as root: PostgreSQL refuses that.
fn stand_in() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("there are users");
    let user = users.lines().find_map(|line| line.strip_prefix("postgres:x:"));
    let mut numbers = user
        .into_iter()
        .flat_map(|user| user.split(':'))
        .map_while(|field| field.parse().ok());
    let numbers = numbers.next().zip(numbers.next());
    Some(numbers.expect("the package postgresql makes a user postgres"))
}

/// A command that runs as who may run a server.
fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if let Some((user, group)) = stand_in() {
        command.uid(user).gid(group);
    }
    command
}

fn control(folder: &Path) -> Command {
    let mut control = command(programs().join("pg_ctl"), folder);
    control
        .args(["--silent", "--wait", "--pgdata"])
        .arg(folder.join("data"));
    // Without it the server would hold on to the pipes of whoever starts it.
    control.arg("--log").arg(folder.join("log"));
    control
}

/// Ends the server and removes its folder once this process has ended, however it ends.
fn keep(folder: &Path) -> Child {
    command("/bin/sh", folder)
        .args([
            "-c",
            r#"read -r _; "$0" --pgdata "$1/data" --mode=immediate --silent stop; cd /; rm -rf "$1""#,
        ])
        .arg(programs().join("pg_ctl"))
        .arg(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell")
}

/// Makes the files of a server. It sorts as a Chinese one does, so that what must not depend on it is seen to.
fn make(folder: &Path) {
    output(
        command(programs().join("initdb"), folder)
            .args(["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--locale-provider=icu", "--icu-locale=zh-CN", "--no-sync"])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pgdata"])
            .arg(folder.join("data")),
    );
}

/// Starts a server on a free port and waits until it answers. None when another program took the port meanwhile.
fn launch(folder: &Path, disk: Disk) -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    let port = listener.local_addr().expect("it listens").port();
    drop(listener);
    let mut settings = format!("listen_addresses = '127.0.0.1'\nport = {port}\nmax_connections = 1000\n");
    settings.push_str("unix_socket_directories = '");
    settings.push_str(folder.to_str().expect("temporary folders have plain names"));
    settings.push_str("'\n");
    if disk == Disk::Careless {
        settings.push_str("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n");
    }
    fs::write(folder.join("data/postgresql.auto.conf"), settings).expect("the settings are written");
    let started = finish(control(folder).arg("start"));
    started.status.success().then_some(port)
}

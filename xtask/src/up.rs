//! `cargo xtask up`: the whole of Fileward on this PC, to try it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, step, target};

const ADMINISTRATOR: &str = "admin";

/// Builds everything, starts it, and waits for Ctrl-C.
pub(crate) fn up(state: Option<PathBuf>) -> Result<()> {
    step("build", &mut cargo(&["build", "--release", "--bins", "--locked"])?)?;
    let state = match state {
        Some(folder) => std::path::absolute(folder).context("Failed to find the state folder")?,
        None => target()?.join("up"),
    };
    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = stop.send(());
    }).context("Failed to listen for Ctrl-C")?;

    let house = House { programs: target()?.join("release"), state };
    let mut children = Children::default();
    house.start(&mut children)?;
    loop {
        if stopped.recv_timeout(Duration::from_millis(500)).is_ok() {
            println!("stopping");
            return Ok(());
        }
        children.check()?;
    }
}

struct House {
    programs: PathBuf,
    state: PathBuf,
}

impl House {
    fn start(&self, children: &mut Children) -> Result<()> {
        let collector = self.folder("collector")?;
        let agent = self.folder("agent")?;
        let (agent_port, console_port) = self.ports()?;
        let ready = children.start(
            "collector",
            self.program("fileward-collector")
                .arg("serve")
                .arg("--data-dir")
                .arg(&collector)
                .args(["--agent-listen", &format!("127.0.0.1:{agent_port}")])
                .args(["--console-listen", &format!("127.0.0.1:{console_port}")]),
            "ready ",
        )?;
        let console = ready.split_whitespace().find_map(|word| word.strip_prefix("console=")).unwrap_or_default();
        let login = self.login(&collector)?;
        self.enrol(&collector, &agent)?;
        let home = std::env::var_os("HOME").context("HOME is not set, so it is not known what to watch")?;
        let ready = children.start(
            "agent",
            self.program("fileward-agent").arg("run").arg("--data-dir").arg(&agent).arg("--home").arg(&home),
            "ready ",
        )?;
        let tray = self.tray(children, &agent)?;
        println!(
            "\nFileward runs. {ready}; watching the folders of {}\n\
             console   {console}\n\
             log in    {login}\n\
             \x20         (the certificate is made by this collector's own CA, so the browser will ask once)\n\
             tray      {tray}\n\
             state     {}\n\
             try it    save a document on your desktop, then: {} findings --data-dir {}\n\
             Ctrl-C stops all.",
            Path::new(&home).display(),
            self.state.display(),
            self.programs.join("fileward-agent").display(),
            agent.display(),
        );
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.state.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("Failed to make {}", folder.display()))?;
        Ok(folder)
    }

    /// The same two ports at every start, because the enrolled agent remembers its collector's address.
    fn ports(&self) -> Result<(u16, u16)> {
        let file = self.state.join("ports");
        if let Ok(text) = std::fs::read_to_string(&file) {
            let ports: Vec<u16> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            let [agent, console] = ports[..] else {
                bail!("{} should hold two port numbers; delete it and the agent folder beside it", file.display());
            };
            return Ok((agent, console));
        }
        let ports = (free_port(8443)?, free_port(8444)?);
        std::fs::write(&file, format!("{} {}\n", ports.0, ports.1))
            .with_context(|| format!("Failed to write {}", file.display()))?;
        Ok(ports)
    }

    fn login(&self, collector: &Path) -> Result<String> {
        let users = output(self.program("fileward-collector").args(["user", "list", "--data-dir"]).arg(collector))?;
        let known = users.lines().any(|line| line.split_whitespace().next() == Some(ADMINISTRATOR));
        let mut command = self.program("fileward-collector");
        if known {
            command.args(["user", "link", ADMINISTRATOR]);
        } else {
            command.args(["user", "add", ADMINISTRATOR, "--role", "administrator"]);
        }
        let link = output(command.arg("--data-dir").arg(collector))?;
        Ok(format!("as {ADMINISTRATOR}; this link sets the password, once: {}", link.trim()))
    }

    fn enrol(&self, collector: &Path, agent: &Path) -> Result<()> {
        if agent.join("identity/enrolment.json").exists() {
            return Ok(());
        }
        let token = output(
            self.program("fileward-collector")
                .args(["token", "create", "--auto-approve", "--expires", "1h", "--json", "--data-dir"])
                .arg(collector),
        )?;
        let token: serde_json::Value = serde_json::from_str(&token).context("Failed to read the new token")?;
        let token = token["token"].as_str().context("the collector gave no token")?;
        let mut enrol = self
            .program("fileward-agent")
            .args(["enrol", "--token", "-", "--data-dir"])
            .arg(agent)
            .stdin(Stdio::piped())
            .spawn()
            .context("Failed to start fileward-agent enrol")?;
        enrol.stdin.take().context("no pipe to fileward-agent enrol")?.write_all(token.as_bytes())?;
        if !enrol.wait()?.success() {
            bail!("enrolling this PC failed");
        }
        Ok(())
    }

    fn tray(&self, children: &mut Children, agent: &Path) -> Result<&'static str> {
        if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
            return Ok("not started: there is no desktop session here (DBUS_SESSION_BUS_ADDRESS is not set)");
        }
        let child = self
            .program("fileward-tray")
            .env("FILEWARD_SOCKET", agent.join("run/agent.sock"))
            .spawn()
            .context("Failed to start fileward-tray")?;
        children.optional.push(child);
        Ok("running; notifications appear on this desktop")
    }
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().context("Failed to start a command")?;
    if !output.status.success() {
        bail!("{:?} failed ({})", command.get_args().take(2).collect::<Vec<_>>(), output.status);
    }
    String::from_utf8(output.stdout).context("a command printed something that is no text")
}

fn free_port(wish: u16) -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", wish))
        .or_else(|_| std::net::TcpListener::bind(("127.0.0.1", 0)))
        .context("Failed to find a free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// What was started; all of it ends with this.
#[derive(Default)]
struct Children {
    needed: Vec<(&'static str, Child)>,
    optional: Vec<Child>,
}

impl Children {
    /// Starts a program and waits for the line that begins with `sign`.
    fn start(&mut self, name: &'static str, command: &mut Command, sign: &str) -> Result<String> {
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("Failed to start the {name}"))?;
        let stdout = child.stdout.take().with_context(|| format!("no pipe from the {name}"))?;
        self.needed.push((name, child));
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line.clone()).is_err() {
                    println!("{line}");
                }
            }
        });
        loop {
            match lines.recv_timeout(Duration::from_mins(1)) {
                Ok(line) if line.starts_with(sign) => return Ok(line),
                Ok(line) => println!("{line}"),
                Err(mpsc::RecvTimeoutError::Timeout) => bail!("the {name} was not ready within 60 seconds"),
                Err(mpsc::RecvTimeoutError::Disconnected) => bail!("the {name} ended before it was ready; see above"),
            }
        }
    }

    fn check(&mut self) -> Result<()> {
        for (name, child) in &mut self.needed {
            if let Some(status) = child.try_wait()? {
                bail!("the {name} ended ({status}); see above");
            }
        }
        Ok(())
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        let mut all: Vec<Child> = std::mem::take(&mut self.optional);
        all.extend(std::mem::take(&mut self.needed).into_iter().rev().map(|(_, child)| child));
        for child in &all {
            if let Some(pid) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        for child in &mut all {
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

//! A real rsyslog that takes syslog over TLS and writes each message as it came.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use fileward_tests::process::{Running, eventually, have};
use tempfile::TempDir;

use crate::authority::Authority;

/// The server.
pub(crate) struct Rsyslog {
    folder: TempDir,
    running: Option<Running>,
    pub(crate) port: u16,
}

impl Rsyslog {
    /// A server that is yet to be started. `None`, with a printed reason, where rsyslog is not installed.
    pub(crate) fn new(authority: &Authority) -> Option<Self> {
        if !have(&["rsyslogd"]) {
            return None;
        }
        let folder = TempDir::new().unwrap();
        for (name, text) in [
            ("ca.pem", &authority.certificate),
            ("cert.pem", &authority.server),
            ("key.pem", &authority.server_key),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.path().display();
        let configuration = format!(
            r#"
global(maxMessageSize="64k" workDirectory="{at}" net.enableDNS="off"
    defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{at}/ca.pem"
    defaultNetstreamDriverCertFile="{at}/cert.pem" defaultNetstreamDriverKeyFile="{at}/key.pem")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="raw" type="string" string="%rawmsg-after-pri%\n")
template(name="parts" type="string"
    string="%pri%|%protocol-version%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%timestamp:::date-rfc3339%\n")
input(type="imtcp" port="{port}" address="127.0.0.1")
action(type="omfile" file="{at}/messages" template="raw")
action(type="omfile" file="{at}/heads" template="parts")
"#
        );
        fs::write(folder.path().join("rsyslog.conf"), configuration).unwrap();
        Some(Self {
            folder,
            running: None,
            port,
        })
    }

    /// Starts it.
    pub(crate) fn start(&mut self) {
        let mut command = Command::new("rsyslogd");
        command.arg("-n").arg("-f").arg(self.file("rsyslog.conf"));
        command.arg("-i").arg(self.file("pid"));
        self.running = Some(Running::start(&mut command));
        let port = self.port;
        eventually("rsyslog listens", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
    }

    /// The messages, each without its priority.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.lines("messages")
    }

    /// What it understood of each message's head.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.lines("heads")
    }

    fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.file(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

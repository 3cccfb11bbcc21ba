//! Syslog: RFC 5424 messages over TLS, framed by octet counting as RFC 5425 says.
//!
//! Syslog has no acknowledgement. So each batch has a connection of its own that is closed in order: the server's own end
//! comes after it has read everything before ours. Only then the batch counts as taken; a connection that is reset does not.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fileward_protocol::vocabulary::Severity;
use jiff::Timestamp;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Outcome, Secrets, authorities, event};
use crate::store::audit::Action;
use crate::store::targets::{Form, Letter, Subject, Target};

/// The port of syslog over TLS.
const PORT: u16 = 6514;

/// "log audit".
const FACILITY: u8 = 13;

/// The longest to connect, handshake included.
const CONNECT: Duration = Duration::from_secs(15);

/// The longest until the server has taken a batch.
const WHOLE: Duration = Duration::from_mins(1);

/// The most that a server may say; it has nothing to say.
const NOISE: u64 = 64 * 1024;

/// A syslog server.
pub(crate) struct Syslog {
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: TlsConnector,
    form: Form,
    own_name: String,
}

impl Syslog {
    /// Sets up a server.
    pub(super) fn new(target: &Target, secrets: &Secrets) -> Result<Self> {
        let (host, port) = host_and_port(&secrets.address)?;
        let pem = target.wanted.authorities.as_deref();
        let roots = authorities::roots(pem.context("syslog needs the certificate of the server's CA")?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("Failed to set up TLS")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            name: ServerName::try_from(host.clone()).context("the server's name cannot be one")?,
            host,
            port,
            tls: TlsConnector::from(Arc::new(config)),
            form: target.wanted.form,
            own_name: own_name(),
        })
    }

    /// Sends letters as one batch.
    pub(super) async fn send(&self, letters: &[&Letter]) -> Outcome {
        let now = Timestamp::now();
        let mut batch = Vec::new();
        for letter in letters {
            if let Some(content) = event::content(self.form, &letter.subject, now) {
                frame(&mut batch, &message(&self.own_name, letter, &content.line(), now));
            }
        }
        let sent = tokio::time::timeout(CONNECT, self.connect()).await;
        let stream = match sent {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Outcome::Unreached(error.to_string()),
            Err(_) => return Outcome::Unreached("the connection took too long".to_owned()),
        };
        match tokio::time::timeout(WHOLE, deliver(stream, &batch)).await {
            Ok(Ok(())) => Outcome::Taken,
            Ok(Err(error)) => Outcome::Unreached(error.to_string()),
            Err(_) => Outcome::Unreached("the server did not read all of it in time".to_owned()),
        }
    }

    async fn connect(&self) -> io::Result<impl AsyncRead + AsyncWrite + use<>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        self.tls.connect(self.name.clone(), stream).await
    }
}

/// Writes everything, says that this is the end, and waits for the server's own.
async fn deliver(mut stream: impl AsyncRead + AsyncWrite + Unpin, batch: &[u8]) -> io::Result<()> {
    stream.write_all(batch).await?;
    stream.shutdown().await?;
    match tokio::io::copy(&mut stream.take(NOISE), &mut tokio::io::sink()).await {
        // Many servers close without TLS's own farewell; what they had not read would have reset the connection.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(()),
    }
}

fn frame(batch: &mut Vec<u8>, message: &str) {
    batch.extend_from_slice(format!("{} ", message.len()).as_bytes());
    batch.extend_from_slice(message.as_bytes());
}

fn message(own_name: &str, letter: &Letter, content: &str, now: Timestamp) -> String {
    let priority = FACILITY * 8 + severity(&letter.subject);
    // Six digits are the most that RFC 5424 allows.
    let time = event::at(&letter.subject, now).strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
    let about = letter.mark.about;
    format!("<{priority}>1 {time} {own_name} fileward - {about} - {content}")
}

/// The severity of RFC 5424, section 6.2.1.
fn severity(subject: &Subject) -> u8 {
    match subject {
        Subject::Finding(row) => match row.finding.severity {
            Severity::Critical => 2,
            Severity::High => 3,
            Severity::Medium => 4,
            Severity::Low => 5,
        },
        Subject::Audit(row) if matches!(row.action, Action::CloneSuspected | Action::LogInFailed) => 4,
        Subject::Device(_) | Subject::Audit(_) => 6,
    }
}

/// This machine's name: printable ASCII, as RFC 5424 wants it.
fn own_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name: String = name.chars().filter(char::is_ascii_graphic).take(255).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

/// Reads `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`.
pub(super) fn host_and_port(text: &str) -> Result<(String, u16)> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Ok(PORT), str::parse).context("the port is no number")?;
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        bail!("a syslog server's address reads HOST or HOST:PORT");
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::targets::{About, Mark};
    use crate::testing::{audit_row, finding_row};
    use fileward_protocol::vocabulary::FindingState;

    fn letter(about: About, subject: Subject) -> Letter {
        let mark = Mark {
            about,
            row: 1,
            after: None,
        };
        Letter { mark, subject }
    }

    #[test]
    fn a_finding_is_a_message_of_rfc_5424() {
        let row = finding_row(1, FindingState::Open);
        let letter = letter(About::Finding, Subject::Finding(Box::new(row)));
        assert_eq!(
            message("collector", &letter, "{}", Timestamp::UNIX_EPOCH),
            "<108>1 2026-09-21T14:14:20.000000Z collector fileward - finding - {}"
        );
    }

    #[test]
    fn what_needs_a_look_is_a_warning() {
        let failed = Subject::Audit(audit_row(1, Action::LogInFailed));
        let seen = Subject::Audit(audit_row(1, Action::FindingViewed));
        assert_eq!((severity(&failed), severity(&seen)), (4, 6));
    }

    #[test]
    fn frames_count_octets_and_not_letters() {
        let mut batch = Vec::new();
        frame(&mut batch, "报价");
        frame(&mut batch, "a");
        assert_eq!(String::from_utf8(batch).unwrap(), "6 报价1 a");
    }

    #[test]
    fn an_address_is_a_host_and_perhaps_a_port() {
        assert_eq!(host_and_port("a.example").unwrap(), ("a.example".to_owned(), 6514));
        assert_eq!(host_and_port("[::1]:601").unwrap(), ("::1".to_owned(), 601));
        for bad in ["", ":1", "a:b", "https://a", "a b", "u@a:1", "a:99999"] {
            assert!(host_and_port(bad).is_err(), "{bad}");
        }
    }

    /// What delivering comes to where the server does this with its end.
    async fn delivered<F: Future<Output = ()>>(server: impl FnOnce(TcpStream) -> F) -> io::Result<()> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        tokio::join!(deliver(stream, b"1 a1 b"), server(accepted)).0
    }

    #[tokio::test]
    async fn a_batch_is_taken_when_the_server_has_read_it_to_its_end() {
        let taken = delivered(async |mut stream| {
            let mut read = Vec::new();
            stream.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, b"1 a1 b");
        });
        taken.await.unwrap();
    }

    #[tokio::test]
    async fn a_batch_is_not_taken_when_the_server_went_before_it_had_read_all() {
        let lost = delivered(async |mut stream| {
            stream.readable().await.unwrap();
            let mut one = [0];
            stream.read_exact(&mut one).await.unwrap();
        });
        assert_eq!(lost.await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}

//! Asks the running service.

use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use fileward_ipc::stream::{self, Stream};
use fileward_ipc::{ToClient, ToService, VERSION, codec};
use tokio::runtime::Runtime;

use super::folders::Folders;

/// A connection to the running service.
pub(super) struct Client {
    runtime: Runtime,
    stream: Stream,
}

impl Client {
    /// Connects; `None` when no service runs.
    ///
    /// # Errors
    /// When one runs and does not understand.
    pub(super) fn connect(folders: &Folders) -> Result<Option<Self>> {
        for socket in folders.sockets()? {
            if let Some(client) = Self::connect_to(&socket)? {
                return Ok(Some(client));
            }
        }
        Ok(None)
    }

    fn connect_to(socket: &Path) -> Result<Option<Self>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stream = match runtime.block_on(stream::connect(socket)) {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => {
                return Err(error).with_context(|| format!("Failed to reach the service at {}", socket.display()));
            }
        };
        let mut client = Self { runtime, stream };
        let hello = ToService::Hello {
            version: VERSION,
            subscribe: false,
        };
        match client.ask(&hello)? {
            ToClient::Hello { .. } => Ok(Some(client)),
            _ => bail!("the service at {} does not understand this command", socket.display()),
        }
    }

    /// Asks, and takes the answer.
    ///
    /// # Errors
    /// With the service's own words when it refuses.
    pub(super) fn ask(&mut self, message: &ToService) -> Result<ToClient> {
        self.runtime
            .block_on(codec::write(&mut self.stream, message))
            .context("Failed to ask the service")?;
        self.next()
    }

    /// Takes another answer to the same message.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) fn next(&mut self) -> Result<ToClient> {
        let answer = self.runtime.block_on(codec::read(&mut self.stream));
        match answer.context("Failed to hear the service")? {
            Some(ToClient::Refused { why }) => bail!("the service refused: {why}"),
            Some(answer) => Ok(answer),
            None => bail!("the service ended before it answered"),
        }
    }
}

/// What to say when an answer does not fit its question.
pub(super) fn unexpected<T>(_answer: &ToClient) -> Result<T> {
    bail!("the service answered something else; are service and command of the same version?")
}

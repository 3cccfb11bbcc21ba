//! A service that listens on a pipe.

use std::path::Path;

use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

pub(super) fn listen(socket: &Path) -> NamedPipeServer {
    ServerOptions::new().create(socket).unwrap()
}

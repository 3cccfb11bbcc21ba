//! Where the agent keeps its state, and where it listens.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use fileward_ipc::socket;

use crate::config::{may_be_system, system_state};

/// The state folder of this agent.
pub(super) struct Folders {
    data: Option<PathBuf>,
    asked: bool,
}

impl Folders {
    /// The folder that was asked for; else the system's for root, and one of the user's own for anybody else.
    pub(super) fn new(asked: Option<PathBuf>) -> Self {
        let own = || {
            if may_be_system() {
                return Some(system_state());
            }
            let folders = directories::ProjectDirs::from("", "", "fileward")?;
            Some(folders.data_local_dir().to_owned())
        };
        Self {
            asked: asked.is_some(),
            data: asked.or_else(own),
        }
    }

    /// The state folder.
    pub(super) fn data(&self) -> Result<&Path> {
        self.data
            .as_deref()
            .context("there is no home folder to keep state in; name a folder with --data-dir")
    }

    /// Where the service of this state folder listens.
    pub(super) fn socket(&self) -> Result<PathBuf> {
        let data = self.data()?;
        Ok(if data == system_state() {
            socket::of_system()
        } else {
            socket::of_folder(data)
        })
    }

    /// Where clients look for a service, the likeliest first: what `FILEWARD_SOCKET` names, that of the state folder, or,
    /// for a user without a service of their own, the system's.
    pub(super) fn sockets(&self) -> Result<Vec<PathBuf>> {
        if let Some(socket) = std::env::var_os("FILEWARD_SOCKET") {
            return Ok(vec![socket.into()]);
        }
        let own = self.socket()?;
        let system = (!self.asked).then(socket::of_system);
        Ok([own].into_iter().chain(system).collect())
    }
}

//! Sockets in folders that only the service may write.

use std::path::{Path, PathBuf};

pub(super) fn of_system() -> PathBuf {
    "/run/fileward/agent.sock".into()
}

pub(super) fn of_folder(data: &Path) -> PathBuf {
    data.join("run").join("agent.sock")
}

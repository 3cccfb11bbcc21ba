//! The folders of the system's service on Linux.

use std::path::PathBuf;

/// Where the service of the system reads its configuration.
pub(super) fn system_file() -> PathBuf {
    "/etc/fileward/agent.toml".into()
}

/// Where the service of the system keeps its state.
pub(crate) fn system_state() -> PathBuf {
    "/var/lib/fileward".into()
}

/// Whether this process may be the service of the system.
pub(crate) fn may_be_system() -> bool {
    rustix::process::geteuid().is_root()
}

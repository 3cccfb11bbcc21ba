//! The folders of the system's service on Linux.

use std::io;
use std::path::PathBuf;

use super::PolicyValue;

/// Where the service of the system reads its configuration.
pub(super) fn system_file() -> PathBuf {
    "/etc/fileward/agent.toml".into()
}

/// Linux has no policy for programs beside their files.
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
pub(super) fn system_policy() -> io::Result<Vec<PolicyValue>> {
    Ok(Vec::new())
}

/// Where the service of the system keeps its state.
pub(crate) fn system_state() -> PathBuf {
    "/var/lib/fileward".into()
}

/// Whether this process may be the service of the system.
pub(crate) fn may_be_system() -> bool {
    rustix::process::geteuid().is_root()
}

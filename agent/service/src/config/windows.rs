//! SKELETON
use std::path::PathBuf;

pub(super) fn system_file() -> PathBuf {
    system_state().join("config.toml")
}

pub(crate) fn system_state() -> PathBuf {
    let data = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
    PathBuf::from(data).join("Fileward")
}

pub(crate) fn may_be_system() -> bool {
    false
}

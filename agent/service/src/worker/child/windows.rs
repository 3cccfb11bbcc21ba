//! SKELETON
use std::path::PathBuf;
use std::process::Command;

pub(in crate::worker) fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}
pub(super) fn drop_rights(_command: &mut Command) {}

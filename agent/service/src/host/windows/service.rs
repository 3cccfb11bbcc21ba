//! SKELETON
use anyhow::bail;

pub(crate) fn install() -> anyhow::Result<()> {
    bail!("not in this build")
}
pub(crate) fn uninstall() -> anyhow::Result<()> {
    bail!("not in this build")
}
pub(crate) fn status() -> anyhow::Result<String> {
    bail!("not in this build")
}
pub(crate) fn is_running() -> anyhow::Result<bool> {
    Ok(false)
}
pub(crate) fn restart_if_running() -> anyhow::Result<bool> {
    Ok(false)
}

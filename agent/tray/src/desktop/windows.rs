//! SKELETON
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tokio::sync::mpsc;

use crate::menu::Menu;
use crate::model::Seen;
use crate::notice::Notice;
use crate::session::Event;

pub(crate) struct Desktop;

impl Desktop {
    #[expect(clippy::unused_async, reason = "skeleton")]
    pub(crate) async fn start(_events: mpsc::UnboundedSender<Event>) -> Result<Self> {
        bail!("not in this build")
    }
    pub(crate) fn show_menu(&self, _menu: Menu) {}
    pub(crate) fn show(&self, _notice: Notice) {}
    pub(crate) fn keep_only(&self, _seen: &Seen) {}
}

pub(crate) enum Instance {
    First(()),
    Another,
}

pub(crate) fn first_instance() -> Result<Instance> {
    Ok(Instance::First(()))
}

pub(crate) fn can_ask_text() -> bool {
    false
}

pub(crate) async fn ask_text(_title: &str, _text: &str) -> Option<String> {
    None
}

pub(crate) fn stopped() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

pub(crate) fn page_folder() -> Result<PathBuf> {
    let dirs = directories::BaseDirs::new().context("There is no home folder")?;
    Ok(dirs.data_local_dir().join("Fileward"))
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}

#[expect(clippy::unused_async, reason = "skeleton")]
pub(crate) async fn open_page(_page: &Path) -> Result<()> {
    bail!("not in this build")
}

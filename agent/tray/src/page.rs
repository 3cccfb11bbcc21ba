//! Pages the employee reads in a browser: what was sent about them, and what is watched. Plain HTML without scripts.

use std::collections::VecDeque;
use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::words::Words;
use crate::{client, desktop};

mod html;
mod policy;
mod sent;
mod watched;

/// More reports than this are left to `fileward-agent journal`.
const MOST_LINES: usize = 1000;

/// Writes the page of what was sent and says where.
///
/// # Errors
/// When the service does not answer or the page cannot be written.
pub(crate) async fn sent(words: Words, now: Timestamp) -> Result<PathBuf> {
    let mut lines = VecDeque::new();
    let mut left_out = 0;
    client::journal(|page| {
        lines.extend(page);
        let superfluous = lines.len().saturating_sub(MOST_LINES);
        lines.drain(..superfluous);
        left_out += superfluous;
    })
    .await?;
    write("sent.html", &sent::page(lines.make_contiguous(), left_out, words, now))
}

/// Writes the page of what is watched and says where.
///
/// # Errors
/// When the service does not answer or the page cannot be written.
pub(crate) async fn watched(words: Words, now: Timestamp) -> Result<PathBuf> {
    let places = client::places().await?;
    let (policy, version) = client::policy().await?;
    write("watched.html", &watched::page(&places, &policy, version, words, now))
}

fn write(name: &str, page: &str) -> Result<PathBuf> {
    let path = desktop::page_folder()?.join(name);
    desktop::write_private(&path, page.as_bytes()).with_context(|| format!("Failed to write {}", path.display()))?;
    Ok(path)
}

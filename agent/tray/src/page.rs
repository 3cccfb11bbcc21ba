//! Pages the employee reads in a browser: what was sent about them, and what is watched. Plain HTML without scripts.

use std::collections::VecDeque;
use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::words::Words;
use crate::{client, desktop};

mod about_pc;
mod company;
mod html;
mod sent;
mod watched;

/// More lines than this of one kind are left to `fileward-agent journal`.
const MOST_LINES: usize = 1000;

/// Writes the page of what was sent and says where.
///
/// # Errors
/// When the service does not answer or the page cannot be written.
pub(crate) async fn sent(words: Words, now: Timestamp) -> Result<PathBuf> {
    let (mut told, mut lines) = (Newest::default(), Newest::default());
    client::told(|page| told.add(page)).await?;
    client::journal(|page| lines.add(page)).await?;
    let left_out = told.left_out + lines.left_out;
    let (told, lines) = (told.lines.make_contiguous(), lines.lines.make_contiguous());
    write("sent.html", &sent::page(told, lines, left_out, words, now))
}

/// Writes the page of what the company did and says where.
///
/// # Errors
/// When the service does not answer or the page cannot be written.
pub(crate) async fn company(words: Words, now: Timestamp) -> Result<PathBuf> {
    let mut acts = Newest::default();
    client::company(|page| acts.add(page)).await?;
    let left_out = acts.left_out;
    let acts = acts.lines.make_contiguous();
    write("company.html", &company::page(acts, left_out, words, now))
}

/// The last [`MOST_LINES`] of many.
struct Newest<T> {
    lines: VecDeque<T>,
    left_out: usize,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self {
            lines: VecDeque::new(),
            left_out: 0,
        }
    }
}

impl<T> Newest<T> {
    fn add(&mut self, page: Vec<T>) {
        self.lines.extend(page);
        let superfluous = self.lines.len().saturating_sub(MOST_LINES);
        self.lines.drain(..superfluous);
        self.left_out += superfluous;
    }
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

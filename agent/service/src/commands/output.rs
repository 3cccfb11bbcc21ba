//! Writes what commands answer.

use std::io::{self, Write as _};

use anyhow::Result;
use fileward_protocol::vocabulary::Language;
use serde::Serialize;

/// Writes one line.
pub(super) fn line(text: impl std::fmt::Display) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    Ok(stdout.flush()?)
}

/// Writes one JSON document on one line.
pub(super) fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value)?)
}

/// Says on one line what failed and why.
pub(super) fn error(error: &anyhow::Error) {
    let text = format!("{error:#}").replace('\n', " ");
    // Nobody is left to be told when stderr is closed.
    let _ = writeln!(io::stderr(), "fileward-agent: {}", text.trim());
}

/// Whether a reader of the output left early, as `head` does.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The language of this session.
pub(super) fn language() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["FILEWARD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(set);
    Language::of_locale(&locale.unwrap_or_default())
}
